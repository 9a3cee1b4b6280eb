"""A guest's check-ins become a member's: those that she could have made herself."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.check_ins import rules
from app.check_ins.model import CheckIn
from app.shared.geo import GeoPoint, distance_meters
from tests.conftest import NOON_IN_TOKYO as NOW
from tests.examples import UMEDA, a_position

SHINJUKU = GeoPoint(35.6910, 139.7037)
STORES = {"umeda": UMEDA, "chayamachi": GeoPoint(34.7080, 135.4990), "shinjuku": SHINJUKU}


def visit(seq: int, store_id: str, minutes: int, member_id: str = "member", points: int = 10) -> CheckIn:
    """A check-in so many minutes after the midnight of a first day."""
    at = NOW + timedelta(minutes=minutes)
    return CheckIn(
        id=f"{member_id}-{seq}",
        member_id=member_id,
        seq=seq,
        store_id=store_id,
        store_day=date(2026, 11, 21) + timedelta(days=minutes // (24 * 60)),
        checked_in_at=at,
        position=a_position(at, point=STORES.get(store_id, UMEDA)),
        distance_meters=0.0,
        points_awarded=points,
        point_balance=10,
    )


def test_what_the_member_could_have_done_herself_becomes_hers() -> None:
    own, guests = [visit(1, "umeda", 0)], [visit(1, "chayamachi", 30, "guest")]
    taken_over = rules.take_over(own, guests)
    assert (taken_over.accepted, taken_over.declined, taken_over.unearned_points) == (tuple(guests), (), 0)


def test_one_store_day_is_not_paid_twice() -> None:
    guests = [visit(1, "umeda", 300, "guest", points=7), visit(2, "umeda", 24 * 60, "guest")]
    taken_over = rules.take_over([visit(1, "umeda", 0)], guests)
    assert (taken_over.accepted, taken_over.declined) == (tuple(guests[1:]), tuple(guests[:1]))
    assert taken_over.unearned_points == 7


def test_five_a_day_counts_for_both_together() -> None:
    own = [visit(number, f"store-{number}", number * 10) for number in range(1, 4)]
    guests = [visit(number, f"other-{number}", 100 + number * 10, "guest") for number in range(1, 5)]
    taken_over = rules.take_over(own, guests)
    assert (taken_over.accepted, taken_over.declined) == (tuple(guests[:2]), tuple(guests[2:]))


@pytest.mark.parametrize("minutes", [-10, 10])
def test_nobody_is_in_two_towns_at_once(minutes: int) -> None:
    guests = [visit(1, "shinjuku", 60 + minutes, "guest")]
    assert rules.take_over([visit(1, "umeda", 60)], guests).declined == tuple(guests)


def test_a_journey_between_two_of_ones_own_check_ins_is_not_possible_either() -> None:
    own = [visit(1, "umeda", 0), visit(2, "chayamachi", 40)]
    guests = [visit(1, "shinjuku", 30, "guest")]
    assert rules.take_over(own, guests).declined == tuple(guests)


def test_the_chain_is_numbered_anew_from_where_it_changes() -> None:
    own = [visit(1, "umeda", 0), visit(2, "chayamachi", 60), visit(3, "umeda", 24 * 60)]
    accepted = [visit(5, "third", 30, "guest"), visit(9, "fourth", 48 * 60, "guest")]
    chain = rules.chain_with(own, accepted)
    assert [(each.id, each.seq) for each in chain] == [
        ("guest-5", 2),
        ("member-2", 3),
        ("member-3", 4),
        ("guest-9", 5),
    ]


def histories(member_id: str) -> st.SearchStrategy[list[CheckIn]]:
    """Check-ins that one person could have made."""
    places = st.tuples(st.sampled_from([*sorted(STORES), "a", "b", "c", "d"]), st.integers(0, 3 * 24 * 60))

    def possible(wishes: list[tuple[str, int]]) -> list[CheckIn]:
        made = rules.take_over([], [visit(0, *wish, member_id) for wish in wishes]).accepted
        return rules.chain_with([], made) if made else []

    return st.lists(places, max_size=15, unique_by=lambda wish: wish[1]).map(possible)


@given(histories("member"), histories("guest"))
def test_what_comes_out_is_a_history_of_one_person(own: list[CheckIn], guests: list[CheckIn]) -> None:
    taken_over = rules.take_over(own, guests)
    assert sorted([*taken_over.accepted, *taken_over.declined], key=lambda each: each.seq) == guests
    chain = rules.chain_with(own, taken_over.accepted) if taken_over.accepted else []
    whole = own[: len(own) - sum(each.member_id == "member" for each in chain)] + chain
    assert [each.seq for each in whole] == list(range(1, len(own) + len(taken_over.accepted) + 1))
    assert len({(each.store_id, each.store_day) for each in whole}) == len(whole)
    assert max(Counter(each.store_day for each in whole).values(), default=0) <= rules.MAXIMUM_A_DAY
    for one, other in pairwise(whole):
        seconds = (other.checked_in_at - one.checked_in_at).total_seconds()
        apart = distance_meters(one.position.point, other.position.point)
        assert seconds >= 0
        assert apart < 1100 or apart / max(1.0, seconds) <= 280
