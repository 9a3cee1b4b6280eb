"""Pure decisions about check-ins. Whatever is not proven is refused."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.check_ins.errors import (
    AlreadyCheckedIn,
    DailyLimitReached,
    ImpossibleSpeed,
    LocationInaccurate,
    LocationInFuture,
    LocationMissing,
    LocationMocked,
    LocationStale,
    StoreClosed,
    TooFarFromStore,
)
from app.check_ins.model import CheckIn, GeoPosition
from app.shared.geo import distance_meters
from app.stores.model import Store
from app.stores.rules import is_open, opens_next, store_day

MAXIMUM_AGE = timedelta(minutes=2)
CLOCK_TOLERANCE = timedelta(seconds=5)  # phones set their clocks by the network, but not to the millisecond
MAXIMUM_ACCURACY_METERS = 150.0
MAXIMUM_ACCURACY_ALLOWANCE_METERS = 50.0
MAXIMUM_A_DAY = 5
MAXIMUM_SPEED_METERS_PER_SECOND = 1000 / 3.6  # 1,000 km/h, faster than airliners
MINIMUM_TRAVEL_METERS = 1000.0  # nearer than this, inaccurate locations look like speed

LONGEST_DISTANCE_METERS = 20_100_000.0  # half the earth's circumference: what is more says nothing

# Three calendar days can be under way around the world at once, five check-ins in each.
RECENT_CHECK_INS = 3 * MAXIMUM_A_DAY


def require_location(position: GeoPosition, now: datetime) -> GeoPosition:
    """The position, if it can be believed. Raises the refusal that says why not."""
    if not position.point.is_valid or not _is_length(position.accuracy_meters):
        raise LocationMissing
    if position.is_mock:
        raise LocationMocked
    age = now - position.measured_at
    if age < -CLOCK_TOLERANCE:
        raise LocationInFuture
    if age > MAXIMUM_AGE:
        raise LocationStale(
            age_seconds=math.ceil(age.total_seconds()), maximum_seconds=int(MAXIMUM_AGE.total_seconds())
        )
    if position.accuracy_meters > MAXIMUM_ACCURACY_METERS:
        raise LocationInaccurate(
            accuracy_meters=math.ceil(position.accuracy_meters), maximum_meters=int(MAXIMUM_ACCURACY_METERS)
        )
    return position


def require_presence(position: GeoPosition, store: Store) -> float:
    """The distance to the store in metres. Raises TooFarFromStore.

    The store's radius is widened by the location's inaccuracy, by 50 m at the most.
    """
    distance = distance_meters(position.point, store.location)
    allowed = store.radius_meters + min(position.accuracy_meters, MAXIMUM_ACCURACY_ALLOWANCE_METERS)
    if distance > allowed:
        raise TooFarFromStore(distance_meters=math.ceil(distance), allowed_meters=math.floor(allowed))
    return distance


def require_open(store: Store, now: datetime) -> None:
    """Raises StoreClosed with the time it opens next, as its clock will show it."""
    if not is_open(store, now):
        opening = opens_next(store, now)
        local = opening.astimezone(ZoneInfo(store.time_zone)).strftime("%Y-%m-%d %H:%M") if opening else "—"
        raise StoreClosed(opens_next=local)


def require_turn(store: Store, position: GeoPosition, now: datetime, recent: Sequence[CheckIn]) -> None:
    """Whether another check-in is due, given the recent ones, the newest first.

    Raises AlreadyCheckedIn, DailyLimitReached and ImpossibleSpeed.
    """
    today = store_day(store, now)
    same_day = [check_in for check_in in recent if check_in.store_day == today]
    if any(check_in.store_id == store.id for check_in in same_day):
        raise AlreadyCheckedIn(store_day=today.isoformat())
    if len(same_day) >= MAXIMUM_A_DAY:
        raise DailyLimitReached(maximum=MAXIMUM_A_DAY)
    if recent:
        _require_possible_travel(recent[0], position, now)


def _require_possible_travel(last: CheckIn, position: GeoPosition, now: datetime) -> None:
    uncertainty = last.position.accuracy_meters + position.accuracy_meters
    distance = distance_meters(last.position.point, position.point) - uncertainty
    elapsed = max(1.0, (now - last.checked_in_at).total_seconds())
    if distance > MINIMUM_TRAVEL_METERS and distance / elapsed > MAXIMUM_SPEED_METERS_PER_SECOND:
        raise ImpossibleSpeed(distance_kilometers=round(distance / 1000), elapsed_seconds=round(elapsed))


def _is_length(meters: float) -> bool:
    return 0 <= meters <= LONGEST_DISTANCE_METERS
