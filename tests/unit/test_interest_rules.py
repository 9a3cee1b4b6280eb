"""Interests decay in closed form: the same sums, in whatever order and batches the events come."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interests.model import InterestAspect, InterestEvent, InterestEventKind, Interests
from app.interests.rules import (
    HALF_LIVES,
    MAXIMUM_KEPT,
    NO_INTERESTS,
    WEIGHTS,
    liked,
    merged,
    with_events,
)
from tests.conftest import NOON_IN_TOKYO

NOW = NOON_IN_TOKYO
SKU = InterestAspect.SKU

events = st.builds(
    InterestEvent,
    id=st.uuids().map(str),
    kind=st.sampled_from(InterestEventKind),
    happened_at=st.integers(0, 200 * 24).map(lambda hours: NOW - timedelta(hours=hours)),
    sku_id=st.sampled_from([None, "cup", "pen", "towel"]),
    category_id=st.sampled_from([None, "bath", "desk"]),
    brand=st.sampled_from([None, "Akari"]),
    store_id=st.sampled_from([None, "umeda"]),
)


def expected(given_events: list[InterestEvent], aspect: InterestAspect, now: datetime) -> dict[str, float]:
    """Each event's weight, halved by its own age, summed one by one."""
    sums: dict[str, float] = {}
    for event in given_events:
        key = event.aspects.get(aspect)
        if key is not None:
            halvings = (now - event.happened_at) / HALF_LIVES[aspect]
            sums[key] = sums.get(key, 0.0) + WEIGHTS[event.kind] * 0.5**halvings
    return {key: weight for key, weight in sums.items() if weight > 1e-9}


def taken(batches: list[list[InterestEvent]]) -> Interests:
    interests = NO_INTERESTS
    for batch in batches:
        interests = with_events(interests, batch)
    return interests


def positive(interests: Interests, aspect: InterestAspect, now: datetime) -> dict[str, float]:
    return {key: weight for key, weight in liked(interests, aspect, now).items() if weight > 1e-9}


@given(st.lists(st.lists(events, max_size=6), max_size=6), st.integers(0, 400))
def test_the_sums_are_those_of_all_events_at_any_later_moment(
    batches: list[list[InterestEvent]], days: int
) -> None:
    now = NOW + timedelta(days=days)
    for aspect in InterestAspect:
        of_all = expected([event for batch in batches for event in batch], aspect, now)
        assert positive(taken(batches), aspect, now) == pytest.approx(of_all, abs=1e-9)


@given(st.lists(events, max_size=20), st.lists(events, max_size=20))
def test_two_members_together_like_what_one_would_who_did_it_all(
    one: list[InterestEvent], other: list[InterestEvent]
) -> None:
    together = merged(taken([one]), taken([other]))
    for aspect in InterestAspect:
        alone = positive(taken([one, other]), aspect, NOW)
        assert positive(together, aspect, NOW) == pytest.approx(alone, abs=1e-9)


@given(st.lists(events, max_size=20))
def test_the_most_liked_comes_first(given_events: list[InterestEvent]) -> None:
    weights = list(liked(taken([given_events]), SKU, NOW).values())
    assert weights == sorted(weights, reverse=True)


@pytest.mark.parametrize("aspect", InterestAspect)
def test_a_half_life_halves(aspect: InterestAspect) -> None:
    viewed = InterestEvent("1", InterestEventKind.VIEWED, NOW, "cup", "desk", "Akari", "umeda")
    interests = with_events(NO_INTERESTS, [viewed])
    assert list(liked(interests, aspect, NOW).values()) == [1.0]
    later = liked(interests, aspect, NOW + HALF_LIVES[aspect])
    assert list(later.values()) == [0.5]


def test_of_too_many_things_the_most_liked_are_kept() -> None:
    views = [
        InterestEvent(f"{number}-{time}", InterestEventKind.VIEWED, NOW, f"sku-{number}")
        for number in range(150)
        for time in range(number)
    ]
    kept = liked(with_events(NO_INTERESTS, views), SKU, NOW)
    assert list(kept) == [f"sku-{number}" for number in range(149, 149 - MAXIMUM_KEPT[SKU], -1)]


def test_a_mark_that_is_taken_away_counts_no_more_in_any_order() -> None:
    marked = InterestEvent("1", InterestEventKind.FAVOURITED, NOW, "cup")
    unmarked = InterestEvent("2", InterestEventKind.UNFAVOURITED, NOW, "cup")
    for order in ([marked, unmarked], [unmarked, marked]):
        assert liked(taken([[each] for each in order]), SKU, NOW) == {}
