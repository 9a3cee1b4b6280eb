"""When stores are open: past midnight, around the clock, and when the clock itself changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared.i18n import Language
from app.stores.model import OpeningHours, SpecialDay, Store
from app.stores.rules import is_open, open_from, opens_next, store_day
from tests.examples import a_store, daily

TOKYO = "Asia/Tokyo"
NEW_YORK = "America/New_York"
LONDON = "Europe/London"


moments = st.integers(0, 2 * 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def at(zone: str, wall_time: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(wall_time).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def store_with(opens: str, closes: str, zone: str = TOKYO) -> Store:
    return a_store(hours=daily(in_minutes(opens), in_minutes(closes)), time_zone=zone)


def in_minutes(wall_time: str) -> int:
    hours, minutes = wall_time.split(":")
    return int(hours) * 60 + int(minutes)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-21T09:59:59", False),
        ("2026-11-21T10:00:00", True),
        ("2026-11-21T20:59:59", True),
        ("2026-11-21T21:00:00", False),
    ],
)
def test_a_store_is_open_from_its_opening_until_just_before_its_closing(moment: str, expected: bool) -> None:
    assert is_open(store_with("10:00", "21:00"), at(TOKYO, moment)) is expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-21T23:59:59", True),
        ("2026-11-22T00:00:00", True),
        ("2026-11-22T00:59:59", True),
        ("2026-11-22T01:00:00", False),
        ("2026-11-22T09:00:00", False),
    ],
)
def test_an_opening_lasts_past_midnight(moment: str, expected: bool) -> None:
    assert is_open(store_with("10:00", "25:00"), at(TOKYO, moment)) is expected


def test_the_night_after_the_last_day_of_the_week_belongs_to_that_day() -> None:
    sunday_only = a_store(hours=(OpeningHours(6, in_minutes("22:00"), in_minutes("28:00")),))
    assert is_open(sunday_only, at(TOKYO, "2026-11-23T03:59:00"))  # Monday morning
    assert not is_open(sunday_only, at(TOKYO, "2026-11-22T03:59:00"))  # Sunday morning


@given(moments)
def test_a_store_that_is_open_around_the_clock_is_never_closed(moment: datetime) -> None:
    for zone in (TOKYO, NEW_YORK, LONDON):
        store = store_with("0:00", "24:00", zone)
        assert is_open(store, moment)
        assert opens_next(store, moment) is None


def test_a_closed_store_says_when_it_opens() -> None:
    store = store_with("10:00", "21:00")
    assert opens_next(store, at(TOKYO, "2026-11-21T08:00:00")) == at(TOKYO, "2026-11-21T10:00:00")
    assert opens_next(store, at(TOKYO, "2026-11-21T21:00:00")) == at(TOKYO, "2026-11-22T10:00:00")
    assert opens_next(store, at(TOKYO, "2026-11-21T12:00:00")) is None


def test_a_store_that_opens_once_a_week_says_so() -> None:
    fridays = a_store(hours=(OpeningHours(4, 600, 660),))
    assert opens_next(fridays, at(TOKYO, "2026-11-20T11:00:00")) == at(TOKYO, "2026-11-27T10:00:00")


def test_a_store_that_never_opens() -> None:
    never = a_store(hours=())
    moment = at(TOKYO, "2026-11-21T12:00:00")
    assert not is_open(never, moment)
    assert opens_next(never, moment) is None


def test_opening_hours_follow_the_wall_clock_through_the_year() -> None:
    store = store_with("10:00", "20:00", LONDON)
    assert is_open(store, datetime(2026, 7, 1, 9, 0, tzinfo=UTC))  # 10:00 in summer time
    assert not is_open(store, datetime(2026, 12, 1, 9, 0, tzinfo=UTC))  # 09:00 in winter
    assert is_open(store, datetime(2026, 12, 1, 19, 59, tzinfo=UTC))


def test_a_night_that_the_clock_shortens() -> None:
    """On 2026-03-08 New York goes from 02:00 to 03:00: an opening until 02:30 ends at 03:30."""
    store = store_with("18:00", "26:30", NEW_YORK)
    assert is_open(store, at(NEW_YORK, "2026-03-08T01:59:00"))
    assert is_open(store, at(NEW_YORK, "2026-03-08T03:29:00"))
    assert not is_open(store, at(NEW_YORK, "2026-03-08T03:30:00"))


def test_a_night_that_the_clock_lengthens() -> None:
    """On 2026-11-01 New York shows 01:00 to 02:00 twice: an opening until 01:30 ends at the second one."""
    store = store_with("18:00", "25:30", NEW_YORK)
    assert is_open(store, at(NEW_YORK, "2026-11-01T01:29:00", fold=0))
    assert is_open(store, at(NEW_YORK, "2026-11-01T01:45:00", fold=0))
    assert is_open(store, at(NEW_YORK, "2026-11-01T01:29:00", fold=1))
    assert not is_open(store, at(NEW_YORK, "2026-11-01T01:30:00", fold=1))


def test_an_opening_in_the_hour_that_comes_twice_is_at_the_first() -> None:
    store = a_store(hours=(OpeningHours(6, in_minutes("1:30"), in_minutes("5:00")),), time_zone=NEW_YORK)
    assert opens_next(store, at(NEW_YORK, "2026-11-01T00:00:00")) == at(
        NEW_YORK, "2026-11-01T01:30:00", fold=0
    )


@given(
    st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440),
    moments,
    st.sampled_from([TOKYO, NEW_YORK, LONDON]),
)  # fmt: skip
def test_the_next_opening_is_in_the_future_and_open(
    weekday: int, opens: int, length: int, moment: datetime, zone: str
) -> None:
    store = a_store(hours=(OpeningHours(weekday, opens, opens + length),), time_zone=zone)
    opening = opens_next(store, moment)
    if is_open(store, moment):
        assert opening is None
    else:
        assert opening is not None
        assert moment < opening <= moment + timedelta(days=14, hours=2)
        assert is_open(store, opening)


def test_the_store_day_is_the_stores_own() -> None:
    moment = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
    assert store_day(a_store(time_zone=TOKYO), moment) == date(2026, 11, 22)
    assert store_day(a_store(time_zone=NEW_YORK), moment) == date(2026, 11, 21)


NEW_YEAR = {Language.JA: "元日", Language.EN: "New Year's Day"}


def test_a_holiday_keeps_a_store_closed_and_the_days_around_it_as_they_are() -> None:
    store = a_store(hours=daily(600, 1260), special_days=(SpecialDay(date(2027, 1, 1), (), NEW_YEAR),))
    assert is_open(store, at(TOKYO, "2026-12-31T12:00:00"))
    assert not is_open(store, at(TOKYO, "2027-01-01T12:00:00"))
    assert opens_next(store, at(TOKYO, "2026-12-31T22:00:00")) == at(TOKYO, "2027-01-02T10:00:00")


def test_a_special_day_has_its_own_openings() -> None:
    store = a_store(
        hours=daily(600, 1260), special_days=(SpecialDay(date(2026, 11, 21), ((420, 480), (1320, 1560))),)
    )
    for wall_time, expected in [
        ("2026-11-21T07:30:00", True),
        ("2026-11-21T12:00:00", False),
        ("2026-11-21T23:00:00", True),
        ("2026-11-22T01:59:59", True),
        ("2026-11-22T02:00:00", False),
        ("2026-11-22T12:00:00", True),
    ]:
        assert is_open(store, at(TOKYO, wall_time)) is expected
    assert opens_next(store, at(TOKYO, "2026-11-21T12:00:00")) == at(TOKYO, "2026-11-21T22:00:00")


def test_last_nights_opening_goes_on_into_a_holiday() -> None:
    store = a_store(hours=daily(1080, 1560), special_days=(SpecialDay(date(2027, 1, 1)),))
    assert is_open(store, at(TOKYO, "2027-01-01T01:00:00"))
    assert not is_open(store, at(TOKYO, "2027-01-01T20:00:00"))


def test_a_popup_store_is_open_from_its_first_day_to_its_last() -> None:
    store = a_store(hours=daily(600, 1260), first_day=date(2027, 3, 1), last_day=date(2027, 3, 2))
    assert not is_open(store, at(TOKYO, "2027-02-28T12:00:00"))
    assert opens_next(store, at(TOKYO, "2026-11-21T12:00:00")) == at(TOKYO, "2027-03-01T10:00:00")
    assert is_open(store, at(TOKYO, "2027-03-02T20:59:59"))
    assert opens_next(store, at(TOKYO, "2027-03-02T21:00:00")) is None


def test_a_store_that_is_closed_for_months_still_says_when_it_opens() -> None:
    closed = tuple(SpecialDay(date(2026, 11, 1) + timedelta(days=number)) for number in range(120))
    store = a_store(hours=daily(600, 1260), special_days=closed)
    assert opens_next(store, at(TOKYO, "2026-11-21T12:00:00")) == at(TOKYO, "2027-03-01T10:00:00")


@given(moments)
def test_a_store_opens_from_the_first_moment_at_which_it_is_open(moment: datetime) -> None:
    store = a_store(hours=daily(600, 1260), special_days=(SpecialDay(date(2026, 5, 5)),))
    opened = open_from(store, moment)
    assert opened is not None
    assert is_open(store, opened)
    assert (opened == moment) is is_open(store, moment)
    assert opened == (opens_next(store, moment) or moment)
