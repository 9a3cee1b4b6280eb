"""When pushes are tried again, when marketing keeps still, and what a token may be."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.push import rules
from app.push.model import PushPlatform
from app.shared.settings.push import QuietHours
from tests.conftest import NOON_IN_TOKYO

TOKYO = ZoneInfo("Asia/Tokyo")
NIGHT = QuietHours.read("21:00-09:00")
ZONES = [
    ZoneInfo(name) for name in ("Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
]
clock_times = st.times().map(lambda each: each.replace(second=0, microsecond=0))
moments = st.integers(0, 6 * 365 * 86_400).map(lambda each: NOON_IN_TOKYO + timedelta(seconds=each))


def tokyo(hour: int, minute: int = 0, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (tokyo(20, 59), tokyo(20, 59)),
        (tokyo(21), tokyo(9, day=22)),
        (tokyo(0), tokyo(9)),
        (tokyo(8, 59), tokyo(9)),
        (tokyo(9), tokyo(9)),
    ],
)
def test_the_night_is_quiet_until_the_morning(moment: datetime, expected: datetime) -> None:
    assert rules.end_of_quiet(moment, TOKYO, NIGHT) == expected


def test_quiet_hours_within_a_day() -> None:
    noon = QuietHours.read("12:00-13:00")
    assert rules.end_of_quiet(tokyo(12, 30), TOKYO, noon) == tokyo(13)
    assert rules.end_of_quiet(tokyo(13), TOKYO, noon) == tokyo(13)
    assert rules.end_of_quiet(tokyo(11, 59), TOKYO, noon) == tokyo(11, 59)


def test_where_the_clock_goes_back_the_same_hours_are_quiet_again() -> None:
    quiet, new_york = QuietHours.read("22:00-01:30"), ZoneInfo("America/New_York")
    second_one_oclock = datetime(2026, 11, 1, 6, tzinfo=UTC)
    assert rules.end_of_quiet(second_one_oclock - timedelta(minutes=31), new_york, quiet) == datetime(
        2026, 11, 1, 5, 30, tzinfo=UTC
    )
    assert rules.end_of_quiet(second_one_oclock, new_york, quiet) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@given(moment=moments, zone=st.sampled_from(ZONES), begins=clock_times, ends=clock_times)
def test_what_waits_is_shown_outside_the_quiet_hours_within_a_day(
    moment: datetime, zone: ZoneInfo, begins: time, ends: time
) -> None:
    if begins == ends:
        return
    quiet = QuietHours(begins, ends)
    shown = rules.end_of_quiet(moment, zone, quiet)
    assert moment <= shown <= moment + timedelta(hours=26)
    if shown == moment:
        return
    assert shown.astimezone(zone).time() >= ends or shown.astimezone(zone).time() < begins
    assert rules.end_of_quiet(moment - timedelta(days=2), zone, quiet) <= shown


@pytest.mark.parametrize(
    "text", ["", "21:00", "21:00-", "21:00-21:00", "9-21", "24:00-09:00", "21:00-09:00-", "x-y"]
)
def test_what_are_no_quiet_hours(text: str) -> None:
    with pytest.raises(ValueError, match="two times of the day"):
        QuietHours.read(text)


def test_tries_are_further_and_further_apart_and_end() -> None:
    pauses = [rules.next_try(tries, NOON_IN_TOKYO, None, 0) for tries in range(1, rules.MAXIMUM_TRIES + 1)]
    assert pauses[-1] is None
    moments = [each for each in pauses if each is not None]
    assert [each - NOON_IN_TOKYO for each in moments] == list(rules.RETRY_PAUSES)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (timedelta(seconds=1), timedelta(seconds=5)),
        (timedelta(minutes=7), timedelta(minutes=7)),
        (timedelta(days=7), timedelta(hours=1)),
    ],
)
def test_the_services_wish_counts_up_to_an_hour(wanted: timedelta, expected: timedelta) -> None:
    assert rules.next_try(1, NOON_IN_TOKYO, wanted, 0) == NOON_IN_TOKYO + expected


@pytest.mark.parametrize(
    ("platform", "text", "is_one"),
    [
        (PushPlatform.APNS, "0aF" * 22, True),
        (PushPlatform.APNS, "a" * 63, False),
        (PushPlatform.APNS, "g" * 64, False),
        (PushPlatform.APNS, "../" * 30, False),
        (PushPlatform.FCM, "dGhlIHRva2Vu:APA91b_-x.y" * 2, True),
        (PushPlatform.FCM, "a/b" * 20, False),
        (PushPlatform.FCM, "a" * 1_001, False),
        (PushPlatform.FCM, "", False),
    ],
)
def test_what_a_token_is(platform: PushPlatform, text: str, is_one: bool) -> None:
    assert rules.is_token(platform, text) is is_one


@pytest.mark.parametrize(
    ("name", "is_one"), [("Asia/Tokyo", True), ("Nowhere", False), ("", False), ("../../etc/passwd", False)]
)
def test_what_a_time_zone_is(name: str, is_one: bool) -> None:
    assert rules.is_time_zone(name) is is_one
