"""What may be a beacon, and what sightings of one mean."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.beacons.errors import BeaconKeyInvalid, BeaconSignalInvalid, TooManyNearBeacon
from app.beacons.model import Beacon, BeaconKey, BeaconMoment, BeaconSighting, BeaconVisit
from app.beacons.rules import (
    DWELT_AFTER,
    LEFT_AFTER,
    MAXIMUM_VISITS,
    is_near,
    require_beacon,
    require_key,
    require_sighting,
    sighted,
)
from tests.conftest import NOON_IN_TOKYO

NOW = NOON_IN_TOKYO
UUID = "f7826da6-4fa2-4e98-8024-bc5b71e0893e"
KEY = BeaconKey(UUID, 1, 2)
ENTERED, DWELT, NOTHING = BeaconMoment.ENTERED, BeaconMoment.DWELT, BeaconMoment.NOTHING


@given(st.lists(st.integers(0, 400), min_size=1, max_size=40))
def test_she_enters_once_a_visit_and_dwells_at_most_once(pauses: list[int]) -> None:
    visits: tuple[BeaconVisit, ...] = ()
    now, entered_at = NOW, NOW
    moments: list[BeaconMoment] = []
    for seconds in pauses:
        now += timedelta(seconds=seconds)
        visits, moment = sighted(visits, "a", now)
        moments.append(moment)
    assert moments[0] is ENTERED
    assert moments.count(ENTERED) == 1  # no pause was long enough to have left
    stayed = now - entered_at - timedelta(seconds=pauses[0])
    assert moments.count(DWELT) == (stayed >= DWELT_AFTER)


def test_who_has_left_may_enter_again() -> None:
    visits, _ = sighted((), "a", NOW)
    _, still_there = sighted(visits, "a", NOW + LEFT_AFTER)
    _, again = sighted(visits, "a", NOW + LEFT_AFTER + timedelta(seconds=1))
    assert (still_there, again) == (DWELT, ENTERED)


def test_sightings_that_overtake_each_other_change_nothing() -> None:
    visits, _ = sighted((), "a", NOW)
    later, _ = sighted(visits, "a", NOW + timedelta(seconds=60))
    assert sighted(later, "a", NOW + timedelta(seconds=30)) == (later, NOTHING)


def test_the_newest_visits_are_remembered() -> None:
    visits: tuple[BeaconVisit, ...] = ()
    for number in range(MAXIMUM_VISITS + 5):
        visits, moment = sighted(visits, str(number), NOW)
        assert moment is ENTERED
    assert [each.beacon for each in visits] == [str(number) for number in range(24, 4, -1)]


@pytest.mark.parametrize(
    ("rssi", "seconds", "near"),
    [(-60, 0, True), (-85, 120, True), (-86, 0, False), (-60, 121, False), (-60, -121, False)],
)
def test_near_is_strong_and_now(rssi: int, seconds: int, near: bool) -> None:
    assert is_near(BeaconSighting(KEY, rssi, NOW - timedelta(seconds=seconds)), NOW) is near


def test_a_key_is_kept_in_one_way() -> None:
    assert require_key(BeaconKey(UUID.upper(), 0, 65_535)) == BeaconKey(UUID, 0, 65_535)


@pytest.mark.parametrize(
    "key",
    [
        BeaconKey("", 0, 0),
        BeaconKey(UUID.replace("-", ""), 0, 0),
        BeaconKey("{" + UUID[:-2] + "}", 0, 0),
        BeaconKey("g" + UUID[1:], 0, 0),
        BeaconKey(UUID, -1, 0),
        BeaconKey(UUID, 0, 65_536),
    ],
)
def test_what_no_beacon_sends_is_refused(key: BeaconKey) -> None:
    with pytest.raises(BeaconKeyInvalid):
        require_key(key)


@pytest.mark.parametrize("rssi", [-128, 21])
def test_what_no_phone_receives_is_refused(rssi: int) -> None:
    with pytest.raises(BeaconSignalInvalid):
        require_sighting(BeaconSighting(KEY, rssi, NOW))


def test_not_too_much_stands_near_a_beacon() -> None:
    with pytest.raises(TooManyNearBeacon):
        require_beacon(Beacon(KEY, "umeda", (), tuple(map(str, range(11)))))
