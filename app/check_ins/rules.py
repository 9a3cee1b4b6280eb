"""Pure decisions about check-ins. Whatever is not proven is refused."""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
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
from app.check_ins.model import CheckIn, GeoPosition, TakenOver
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
        distance, elapsed = _journey(recent[0], position, now)
        if not _is_possible(distance, elapsed):
            raise ImpossibleSpeed(distance_kilometers=round(distance / 1000), elapsed_seconds=round(elapsed))


def take_over(own: Sequence[CheckIn], of_guest: Sequence[CheckIn]) -> TakenOver:
    """Which check-ins of a guest a member may have as her own, decided as if she had made them all herself.

    Not those that she could not have made: a second one at a store on its calendar day, a sixth on one
    day, or one that is too far from the one before or after it. The earlier of the guest's count first.
    """
    timeline = sorted(own, key=_moment)
    at_stores = {(each.store_id, each.store_day) for each in own}
    a_day = Counter(each.store_day for each in own)
    accepted: list[CheckIn] = []
    declined: list[CheckIn] = []
    for check_in in sorted(of_guest, key=_moment):
        place = bisect_right(timeline, check_in.checked_in_at, key=_moment)
        if (
            (check_in.store_id, check_in.store_day) in at_stores
            or a_day[check_in.store_day] >= MAXIMUM_A_DAY
            or not all(_are_possible(*pair) for pair in pairwise(_with_neighbours(timeline, place, check_in)))
        ):
            declined.append(check_in)
            continue
        timeline.insert(place, check_in)
        at_stores.add((check_in.store_id, check_in.store_day))
        a_day[check_in.store_day] += 1
        accepted.append(check_in)
    return TakenOver(tuple(accepted), tuple(declined))


def chain_with(own: Sequence[CheckIn], accepted: Sequence[CheckIn]) -> list[CheckIn]:
    """The part of a member's chain that changes when further check-ins take their places in time."""
    first = min(each.checked_in_at for each in accepted)
    place = next((place for place, each in enumerate(own) if each.checked_in_at > first), len(own))
    chain = sorted([*own[place:], *accepted], key=_moment)
    return [replace(each, seq=seq) for seq, each in enumerate(chain, start=place + 1)]


def _moment(check_in: CheckIn) -> datetime:
    return check_in.checked_in_at


def _with_neighbours(timeline: Sequence[CheckIn], place: int, check_in: CheckIn) -> list[CheckIn]:
    """The check-in between the one before and the one after it, where there are such."""
    return [*timeline[max(0, place - 1) : place], check_in, *timeline[place : place + 1]]


def _are_possible(one: CheckIn, next_one: CheckIn) -> bool:
    return _is_possible(*_journey(one, next_one.position, next_one.checked_in_at))


def _journey(last: CheckIn, position: GeoPosition, now: datetime) -> tuple[float, float]:
    """How far it is at least from the last check-in, in metres, and how long it took, in seconds."""
    uncertainty = last.position.accuracy_meters + position.accuracy_meters
    distance = distance_meters(last.position.point, position.point) - uncertainty
    return distance, max(1.0, (now - last.checked_in_at).total_seconds())


def _is_possible(distance: float, elapsed: float) -> bool:
    return distance <= MINIMUM_TRAVEL_METERS or distance / elapsed <= MAXIMUM_SPEED_METERS_PER_SECOND


def _is_length(meters: float) -> bool:
    return 0 <= meters <= LONGEST_DISTANCE_METERS
