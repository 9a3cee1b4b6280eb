"""Pickup slots follow a store's hours, its lead time and its closures."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.orders.slots import Closure, PickupPolicy, find_window, is_orderable, windows_on
from app.stores.model import OpeningHours, Store, StoreServiceKind
from app.stores.rules import is_open, store_day
from tests.examples import a_store, daily

DAY = date(2026, 11, 23)
TOKYO = ZoneInfo("Asia/Tokyo")
POLICY = PickupPolicy()


def a_pickup_store(opens: int = 10 * 60, closes: int = 20 * 60, **changes: object) -> Store:
    return a_store(hours=daily(opens, closes), services=frozenset({StoreServiceKind.PICKUP}), **changes)


def clock(store: Store, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(store.time_zone)).strftime("%H:%M")


def test_slots_fill_the_hours_after_the_lead_time() -> None:
    store = a_pickup_store()
    windows = [window for window, _ in windows_on(store, POLICY, DAY)]
    assert (clock(store, windows[0].starts_at), clock(store, windows[-1].ends_at)) == ("10:30", "20:00")
    assert len(windows) == 38


def test_orders_are_taken_until_the_lead_time_begins() -> None:
    store = a_pickup_store()
    window, cut_off = next(windows_on(store, POLICY, DAY))
    assert cut_off == window.starts_at - timedelta(minutes=20)
    assert is_orderable(POLICY, window, cut_off, cut_off - timedelta(seconds=1))
    assert not is_orderable(POLICY, window, cut_off, cut_off)
    assert not is_orderable(POLICY, window, cut_off, window.starts_at - timedelta(days=8))


def test_a_pause_takes_no_orders_until_it_is_over() -> None:
    store = a_pickup_store()
    window, cut_off = next(windows_on(store, POLICY, DAY))
    paused = replace(POLICY, paused_until=cut_off - timedelta(minutes=5))
    assert not is_orderable(paused, window, cut_off, cut_off - timedelta(minutes=6))
    assert is_orderable(paused, window, cut_off, cut_off - timedelta(minutes=5))


def test_closures_leave_slots_out() -> None:
    store = a_pickup_store()
    noon = datetime(2026, 11, 23, 12, tzinfo=TOKYO)
    closed = replace(POLICY, closures=(Closure(noon, noon + timedelta(minutes=20)),))
    shown = {clock(store, window.starts_at) for window, _ in windows_on(store, closed, DAY)}
    assert {"11:45", "12:30"} <= shown
    assert not {"12:00", "12:15"} & shown


def test_a_store_without_pickup_has_no_slots() -> None:
    assert list(windows_on(a_store(services=frozenset()), POLICY, DAY)) == []


def test_the_night_belongs_to_the_day_on_which_a_slot_begins() -> None:
    store = a_pickup_store(22 * 60, 26 * 60)
    starts = [clock(store, window.starts_at) for window, _ in windows_on(store, POLICY, DAY)]
    assert starts[0] == "00:00"
    assert starts[-1] == "23:45"
    assert "02:00" not in starts


def test_a_store_that_never_closes_has_slots_at_midnight() -> None:
    store = a_pickup_store(0, 24 * 60)
    starts = [clock(store, window.starts_at) for window, _ in windows_on(store, POLICY, DAY)]
    assert (starts[:2], starts[-1], len(starts)) == (["00:00", "00:15"], "23:45", 96)


def test_hours_that_meet_are_one_stretch() -> None:
    morning, noon = OpeningHours(0, 8 * 60, 12 * 60), OpeningHours(0, 12 * 60, 20 * 60)
    store = replace(a_pickup_store(), hours=(morning, noon))
    starts = [clock(store, window.starts_at) for window, _ in windows_on(store, POLICY, DAY)]
    assert starts[0] == "08:30"
    assert {"11:45", "12:00", "12:15"} <= set(starts)


def test_a_slot_is_found_again_by_its_begin() -> None:
    store = a_pickup_store()
    for window, cut_off in windows_on(store, POLICY, DAY):
        assert find_window(store, POLICY, window.starts_at) == (window, cut_off)
        assert find_window(store, POLICY, window.starts_at + timedelta(minutes=1)) is None


@settings(deadline=None)
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham"])
@given(
    opens=st.integers(0, 1_439),
    length=st.integers(10, 1_440),
    step=st.sampled_from([5, 10, 15, 30, 60]),
    lead=st.integers(0, 180),
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_every_slot_lies_in_the_hours_and_is_found_again(
    zone: str, opens: int, length: int, step: int, lead: int, day: date
) -> None:
    store = a_pickup_store(opens, opens + length, time_zone=zone)
    policy = PickupPolicy(slot_minutes=step, lead_minutes=lead)
    for window, cut_off in windows_on(store, policy, day):
        assert is_open(store, window.starts_at)
        assert is_open(store, window.ends_at - timedelta(seconds=1))
        assert is_open(store, cut_off) or lead == 0
        assert window.starts_at.astimezone(ZoneInfo(zone)).date() == day
        assert window.starts_at.timestamp() % (step * 60) == 0


TEN_MINUTES = timedelta(minutes=10)


@settings(deadline=None, max_examples=40)
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "America/Havana", "Australia/Lord_Howe"])
@given(
    hours=st.lists(
        st.builds(
            lambda weekday, opens, tens: OpeningHours(weekday, opens * 10, (opens + tens) * 10),
            st.integers(0, 6),
            st.integers(0, 143),
            st.integers(3, 144),
        ),
        min_size=1,
        max_size=14,
    ),
    is_always_open=st.booleans(),
    lead=st.sampled_from([0, 20, 600, 1_440]),
    day=st.one_of(
        st.sampled_from([date(2026, 3, 8), date(2026, 11, 1), date(2026, 4, 5), date(2026, 10, 4)]),
        st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    ),
)
def test_a_day_has_all_the_slots_that_its_hours_allow(
    zone: str, hours: list[OpeningHours], is_always_open: bool, lead: int, day: date
) -> None:
    """By the definition: a slot is where the store is open from its cut-off to its end."""
    all_hours = daily(0, 1_440) if is_always_open else tuple(hours)
    store = replace(a_pickup_store(time_zone=zone), hours=all_hours)
    policy = PickupPolicy(slot_minutes=30, lead_minutes=lead)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    first = noon.replace(hour=0, minute=0) - timedelta(hours=48)
    moments = [first + number * TEN_MINUTES for number in range(5 * 144)]
    is_open_at = [is_open(store, moment) for moment in moments]
    expected = [
        moments[number]
        for number in range(144, len(moments) - 3, 3)
        if store_day(store, moments[number]) == day and all(is_open_at[number - lead // 10 : number + 3])
    ]
    assert [window.starts_at for window, _ in windows_on(store, policy, day)] == expected
