"""Which rank a member holds at a moment: a year's window, its grace, and the fall after it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.model import Member, Rank, YearMiles
from app.members.ranks import RankRules, Standing
from app.members.rules import RANK_THRESHOLDS
from app.shared.i18n import Language

TOKYO = ZoneInfo("Asia/Tokyo")
RULES = RankRules(TOKYO, grace_months=3)


def tokyo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO).astimezone(UTC)


def a_member(**miles: int) -> Member:
    """With so many miles in the years `y2026` and so on."""
    years = tuple(YearMiles(int(year[1:]), amount) for year, amount in sorted(miles.items()))
    return Member("id", "number", Language.JA, False, tokyo("2025-01-01"), mile_years=years)


@pytest.mark.parametrize(
    ("moment", "rank"),
    [
        ("2026-01-01T00:00:00", Rank.GOLD),
        ("2026-12-31T23:59:59", Rank.GOLD),
        ("2027-03-31T23:59:59", Rank.GOLD),  # the grace of three months
        ("2027-04-01T00:00:00", Rank.SILVER),  # what the new year has earned by then
        ("2028-03-31T23:59:59", Rank.SILVER),
        ("2028-04-01T00:00:00", Rank.MEMBER),
    ],
)
def test_a_rank_is_held_for_its_year_and_a_grace(moment: str, rank: Rank) -> None:
    assert RULES.rank_at(a_member(y2026=60_000, y2027=12_000), tokyo(moment)) is rank


def test_the_grace_ends_at_the_retailers_midnight_in_summer_time_too() -> None:
    rules = RankRules(ZoneInfo("America/New_York"), grace_months=3)
    assert rules.held_until(2026) == datetime(2027, 4, 1, 4, tzinfo=UTC)
    assert rules.year_of(datetime(2027, 1, 1, 4, 59, tzinfo=UTC)) == 2026


def test_without_grace_a_rank_ends_with_its_year() -> None:
    rules = RankRules(TOKYO, grace_months=0)
    assert rules.rank_at(a_member(y2026=60_000), tokyo("2026-12-31T23:59:59")) is Rank.GOLD
    assert rules.rank_at(a_member(y2026=60_000), tokyo("2027-01-01T00:00:00")) is Rank.MEMBER


@pytest.mark.parametrize(
    ("miles", "standing"),
    [
        (0, Standing(Rank.MEMBER, 0, 10_000, None, None)),
        (9_999, Standing(Rank.MEMBER, 9_999, 1, None, None)),
        (10_000, Standing(Rank.SILVER, 10_000, 40_000, 0, tokyo("2027-04-01"))),
        (149_999, Standing(Rank.GOLD, 149_999, 1, 0, tokyo("2027-04-01"))),
        (150_000, Standing(Rank.PLATINUM, 150_000, None, 0, tokyo("2027-04-01"))),
    ],
)
def test_where_a_member_stands(miles: int, standing: Standing) -> None:
    assert RULES.standing(a_member(y2026=miles), tokyo("2026-11-21")) == standing


def test_in_the_grace_she_is_told_what_is_missing_to_keep_her_rank() -> None:
    standing = RULES.standing(a_member(y2026=60_000, y2027=2_000), tokyo("2027-02-01"))
    assert standing == Standing(Rank.GOLD, 2_000, 148_000, 48_000, tokyo("2027-04-01"))


def test_ended_years_make_her_fall_at_their_own_moments() -> None:
    falls = RULES.ended_ranks(
        a_member(y2026=60_000, y2027=12_000), Rank.GOLD, tokyo("2026-06-01"), tokyo("2029-01-01")
    )
    assert falls == [(Rank.SILVER, tokyo("2027-04-01")), (Rank.MEMBER, tokyo("2028-04-01"))]


@given(
    st.dictionaries(st.sampled_from(["y2025", "y2026", "y2027"]), st.integers(0, 200_000)),
    st.integers(0, 1_000),
    st.integers(0, 400),
)
def test_time_alone_never_raises_a_rank_but_a_year_that_begins(
    miles: dict[str, int], day: int, days: int
) -> None:
    """The rank at any later moment of a year is at most the one before, for the miles stay the same."""
    member = a_member(**miles)
    one = tokyo("2026-01-01") + timedelta(days=day)
    other = one + timedelta(days=days)
    if RULES.year_of(one) == RULES.year_of(other):
        ranks = [RANK_THRESHOLDS[RULES.rank_at(member, moment)] for moment in (one, other)]
        assert ranks == sorted(ranks, reverse=True)
