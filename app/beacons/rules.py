"""Pure decisions about beacons: what may be one, and what a sighting of one means."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.beacons.errors import BeaconKeyInvalid, BeaconSignalInvalid, TooManyNearBeacon
from app.beacons.model import Beacon, BeaconKey, BeaconMoment, BeaconSighting, BeaconVisit

MAXIMUM_NUMBER = 65_535
WEAKEST_SIGNAL, STRONGEST_SIGNAL = -127, 20
WEAKEST_NEAR = -85  # in dBm; what is weaker is some 10 m away, and may be another floor
MAXIMUM_NEAR = 10
MAXIMUM_AGE = timedelta(minutes=2)
CLOCK_TOLERANCE = timedelta(minutes=2)
LEFT_AFTER = timedelta(minutes=10)  # not seen for so long, she has left, and may enter again
DWELT_AFTER = timedelta(minutes=3)
MAXIMUM_VISITS = 20  # that are remembered for a member, the newest


def require_key(key: BeaconKey) -> BeaconKey:
    """The key as it is kept. Raises BeaconKeyInvalid."""
    try:
        uuid = str(UUID(key.uuid)) if len(key.uuid) == len(str(UUID(int=0))) else None
    except ValueError:
        uuid = None
    if uuid is None or not all(0 <= number <= MAXIMUM_NUMBER for number in (key.major, key.minor)):
        raise BeaconKeyInvalid(path=["input"], maximum=MAXIMUM_NUMBER)
    return replace(key, uuid=uuid)


def require_beacon(beacon: Beacon) -> Beacon:
    """The beacon as it is kept. Raises BeaconKeyInvalid or TooManyNearBeacon."""
    if max(len(beacon.category_ids), len(beacon.sku_ids)) > MAXIMUM_NEAR:
        raise TooManyNearBeacon(path=["input"], maximum=MAXIMUM_NEAR)
    return replace(
        beacon,
        key=require_key(beacon.key),
        category_ids=tuple(dict.fromkeys(beacon.category_ids)),
        sku_ids=tuple(dict.fromkeys(beacon.sku_ids)),
    )


def require_sighting(sighting: BeaconSighting) -> BeaconSighting:
    """The sighting with its key as it is kept. Raises BeaconKeyInvalid or BeaconSignalInvalid."""
    if not WEAKEST_SIGNAL <= sighting.rssi <= STRONGEST_SIGNAL:
        raise BeaconSignalInvalid(path=["input", "rssi"], minimum=WEAKEST_SIGNAL, maximum=STRONGEST_SIGNAL)
    return replace(sighting, key=require_key(sighting.key))


def is_near(sighting: BeaconSighting, now: datetime) -> bool:
    """Whether the phone is beside the beacon now: strongly enough, and at most 2 minutes ago."""
    age = now - sighting.at
    return sighting.rssi >= WEAKEST_NEAR and -CLOCK_TOLERANCE <= age <= MAXIMUM_AGE


def sighted(
    visits: Sequence[BeaconVisit], beacon: str, now: datetime
) -> tuple[tuple[BeaconVisit, ...], BeaconMoment]:
    """Her visits, the newest first, after a beacon was seen, and what that means.

    She enters once and dwells once a visit, however often the phone tells. Sightings may overtake each
    other: a visit's last one only moves on.
    """
    others = tuple(each for each in visits if each.beacon != beacon)
    known = next((each for each in visits if each.beacon == beacon), None)
    if known is None or now - known.last_seen_at > LEFT_AFTER:
        entered = BeaconVisit(beacon, now, now)
        return (entered, *others)[:MAXIMUM_VISITS], BeaconMoment.ENTERED
    seen = replace(known, last_seen_at=max(known.last_seen_at, now))
    if not seen.has_dwelt and seen.last_seen_at - seen.entered_at >= DWELT_AFTER:
        return (replace(seen, has_dwelt=True), *others), BeaconMoment.DWELT
    return (seen, *others), BeaconMoment.NOTHING
