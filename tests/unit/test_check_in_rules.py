"""Whether a check-in may happen: whatever is not proven is refused."""

import math
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from app.check_ins import errors, rules
from app.check_ins.model import CheckIn, GeoPosition
from app.shared.geo import GeoPoint, distance_meters
from app.stores.model import Store
from tests.conftest import NOON_IN_TOKYO as NOW
from tests.examples import UMEDA, a_position, a_store, daily, north_of

SHINJUKU = GeoPoint(35.6910, 139.7037)


def earlier(store: Store, at: datetime, seq: int = 1, position: GeoPosition | None = None) -> CheckIn:
    return CheckIn(
        id=f"check-in-{seq}",
        member_id="member",
        seq=seq,
        store_id=store.id,
        store_day=date(2026, 11, 21),
        checked_in_at=at,
        position=position or a_position(at, point=store.location),
        distance_meters=0.0,
        points_awarded=10,
        point_balance=10,
    )


def test_a_good_location_is_believed() -> None:
    position = a_position(NOW - timedelta(seconds=30))
    assert rules.require_location(position, NOW) is position


@pytest.mark.parametrize("point", [GeoPoint(math.nan, 135), GeoPoint(90.1, 0), GeoPoint(0, math.inf)])
def test_a_location_that_is_no_place_is_refused(point: GeoPoint) -> None:
    with pytest.raises(errors.LocationMissing):
        rules.require_location(a_position(NOW, point=point), NOW)


@pytest.mark.parametrize("accuracy", [-1.0, math.nan, math.inf, 1e19, 1.7e308])
def test_an_accuracy_that_is_no_length_is_refused(accuracy: float) -> None:
    with pytest.raises(errors.LocationMissing):
        rules.require_location(a_position(NOW, accuracy_meters=accuracy), NOW)


def test_a_location_is_good_for_two_minutes() -> None:
    rules.require_location(a_position(NOW - timedelta(minutes=2)), NOW)
    with pytest.raises(errors.LocationStale) as refused:
        rules.require_location(a_position(NOW - timedelta(minutes=2, milliseconds=1)), NOW)
    assert refused.value.numbers == {"age_seconds": 121, "maximum_seconds": 120}


def test_a_location_from_the_future_is_refused() -> None:
    rules.require_location(a_position(NOW + timedelta(seconds=5)), NOW)
    with pytest.raises(errors.LocationInFuture):
        rules.require_location(a_position(NOW + timedelta(seconds=6)), NOW)


def test_a_simulated_location_is_refused() -> None:
    with pytest.raises(errors.LocationMocked):
        rules.require_location(a_position(NOW, is_mock=True), NOW)


def test_a_location_must_be_accurate_to_150_meters() -> None:
    rules.require_location(a_position(NOW, accuracy_meters=150.0), NOW)
    with pytest.raises(errors.LocationInaccurate):
        rules.require_location(a_position(NOW, accuracy_meters=150.1), NOW)


@pytest.mark.parametrize(
    ("meters", "accuracy", "inside"),
    [
        (149.0, 0.0, True),
        (151.0, 0.0, False),
        (179.0, 30.0, True),
        (181.0, 30.0, False),
        (199.0, 150.0, True),  # the allowance is 50 m at the most
        (201.0, 150.0, False),
    ],
)
def test_the_premises_are_widened_by_the_inaccuracy(meters: float, accuracy: float, inside: bool) -> None:
    position = a_position(NOW, point=north_of(UMEDA, meters), accuracy_meters=accuracy)
    store = a_store(radius_meters=150)
    if inside:
        assert rules.require_presence(position, store) == pytest.approx(meters, abs=0.5)
    else:
        with pytest.raises(errors.TooFarFromStore):
            rules.require_presence(position, store)


def test_a_closed_store_says_when_it_opens_by_its_own_clock() -> None:
    store = a_store(hours=daily(18 * 60, 22 * 60))
    with pytest.raises(errors.StoreClosed) as refused:
        rules.require_open(store, NOW)
    assert refused.value.numbers == {"opens_next": "2026-11-21 18:00"}
    rules.require_open(store, NOW + timedelta(hours=7))


def test_the_first_check_in_is_due() -> None:
    rules.require_turn(a_store(), a_position(NOW), NOW, [])


def test_once_a_store_a_store_day() -> None:
    store = a_store()
    with pytest.raises(errors.AlreadyCheckedIn):
        rules.require_turn(store, a_position(NOW), NOW, [earlier(store, NOW - timedelta(hours=3))])


def test_the_next_store_day_begins_at_the_stores_midnight() -> None:
    store = a_store()
    midnight_in_tokyo = NOW + timedelta(hours=12)
    visit = earlier(store, NOW)
    with pytest.raises(errors.AlreadyCheckedIn):
        rules.require_turn(store, a_position(NOW), midnight_in_tokyo - timedelta(milliseconds=1), [visit])
    rules.require_turn(store, a_position(NOW), midnight_in_tokyo, [visit])


def test_five_a_day_in_all() -> None:
    visits = [earlier(a_store(), NOW - timedelta(hours=6 - number), number) for number in range(5, 0, -1)]
    rules.require_turn(a_store(), a_position(NOW), NOW, visits[1:])
    with pytest.raises(errors.DailyLimitReached):
        rules.require_turn(a_store(), a_position(NOW), NOW, visits)


def test_yesterdays_check_ins_do_not_count() -> None:
    visits = [
        replace(earlier(a_store(), NOW - timedelta(hours=20), number), store_day=date(2026, 11, 20))
        for number in range(5, 0, -1)
    ]
    rules.require_turn(a_store(), a_position(NOW), NOW, visits)


def test_nobody_is_in_osaka_ten_minutes_after_tokyo() -> None:
    shinjuku = a_store(location=SHINJUKU)
    kilometers = distance_meters(UMEDA, SHINJUKU) / 1000
    assert kilometers == pytest.approx(398, abs=3)
    with pytest.raises(errors.ImpossibleSpeed):
        rules.require_turn(a_store(), a_position(NOW), NOW, [earlier(shinjuku, NOW - timedelta(minutes=10))])
    rules.require_turn(a_store(), a_position(NOW), NOW, [earlier(shinjuku, NOW - timedelta(minutes=25))])


def test_two_stores_in_one_building_can_be_visited_at_once() -> None:
    neighbour = a_store(location=north_of(UMEDA, 900))
    rules.require_turn(a_store(), a_position(NOW), NOW, [earlier(neighbour, NOW)])
