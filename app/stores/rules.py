"""Pure decisions about stores: when they are open, how near they are, and which words find them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.shared import texts
from app.shared.geo import Circle, distance_meters
from app.stores.errors import MomentInvalid, PlaceInvalid, RadiusInvalid
from app.stores.model import Opening, Store, StoreFound

MINUTES_A_DAY = 24 * 60
DAYS_BACK = 2  # an opening may last until the second day after the one on which it began
SEARCH_DAYS_AHEAD = 400  # a popup store, or one that is rebuilt, opens within a year
MAXIMUM_DAYS_ASKED = 400
MAXIMUM_RADIUS_METERS = 20_000_000  # half the earth's circumference: nearly everything


def asked_moment(at: datetime | None, now: datetime) -> datetime:
    """The moment that somebody asks about, which is now if she names none. Raises MomentInvalid."""
    moment = at or now
    if abs(moment - now) > timedelta(days=MAXIMUM_DAYS_ASKED):
        raise MomentInvalid(path=["at"], maximum_days=MAXIMUM_DAYS_ASKED)
    return moment


SpecialHours = dict[date, tuple[tuple[int, int], ...]]


def store_day(store: Store, moment: datetime) -> date:
    """The calendar day that it is at the store."""
    return moment.astimezone(ZoneInfo(store.time_zone)).date()


def is_open(store: Store, moment: datetime) -> bool:
    """Whether the store is open at this moment."""
    return any(
        opening.opens_at <= moment < opening.closes_at for opening in _openings(store, moment, days_ahead=0)
    )


def opens_next(store: Store, moment: datetime) -> datetime | None:
    """When a closed store opens again, in UTC; None while it is open, or when it stays closed for a year."""
    opens_at = open_from(store, moment)
    return None if opens_at == moment else opens_at


def open_from(store: Store, moment: datetime) -> datetime | None:
    """The first moment, this one or later, at which the store is open; None when there is none in a year."""
    earliest: datetime | None = None
    for opening in _openings(store, moment, SEARCH_DAYS_AHEAD):  # day by day, and a day's own in any order
        if opening.opens_at <= moment < opening.closes_at:
            return moment
        if earliest is not None and opening.opens_at >= earliest + timedelta(days=DAYS_BACK):
            break
        if opening.opens_at > moment:
            earliest = opening.opens_at if earliest is None else min(earliest, opening.opens_at)
    return earliest


def openings_on(store: Store, first_day: date, last_day: date) -> list[Opening]:
    """The openings that begin on these days of the store's calendar, in the order of time."""
    special_days = {each.day: each.hours for each in store.special_days}
    openings = (
        opening
        for number in range((last_day - first_day).days + 1)
        for opening in _openings_of_day(store, special_days, first_day + timedelta(days=number))
    )
    return sorted(openings, key=lambda opening: opening.opens_at)


def open_stretches(store: Store, first_day: date, last_day: date) -> list[Opening]:
    """The openings that begin on these days, those that meet as one: so long it is open without a break."""
    stretches: list[Opening] = []
    for opening in openings_on(store, first_day, last_day):
        before = stretches[-1] if stretches else None
        if before is not None and opening.opens_at <= before.closes_at:
            stretches[-1] = Opening(before.opens_at, max(before.closes_at, opening.closes_at))
        else:
            stretches.append(opening)
    return stretches


def day_begins(store: Store, day: date) -> datetime:
    """When this day of the store's calendar begins, in UTC."""
    return _wall_time(day, 0, ZoneInfo(store.time_zone), fold=0)


def _openings(store: Store, moment: datetime, days_ahead: int) -> Iterator[Opening]:
    """The openings that begin on the days ahead or began up to two days ago: they may last until now."""
    today = store_day(store, moment)
    special_days = {each.day: each.hours for each in store.special_days}
    if not store.hours and not special_days:
        return
    for offset in range(-DAYS_BACK, days_ahead + 1):
        yield from _openings_of_day(store, special_days, today + timedelta(days=offset))


def _openings_of_day(store: Store, special_days: SpecialHours, day: date) -> Iterator[Opening]:
    """The openings that begin on this day."""
    zone = ZoneInfo(store.time_zone)
    for opens, closes in _hours_on(store, special_days, day):
        opening = _opening(opens, closes, day, zone)
        # A short opening may fall whole into the hour that the clock leaves out.
        if opening.opens_at < opening.closes_at:
            yield opening


def _hours_on(store: Store, special_days: SpecialHours, day: date) -> Iterable[tuple[int, int]]:
    """The openings that begin on this day of the store's calendar, in minutes after its midnight."""
    if (store.first_day and day < store.first_day) or (store.last_day and day > store.last_day):
        return ()
    if day in special_days:
        return special_days[day]
    return [(hours.opens, hours.closes) for hours in store.hours if hours.weekday == day.weekday()]


def _opening(opens: int, closes: int, day: date, zone: ZoneInfo) -> Opening:
    """The opening on one day.

    Where the clock goes back, a time that comes twice opens the store at the first and closes it at
    the second. Where it goes forward, a time that is left out counts as the same stretch after the gap.
    """
    return Opening(
        opens_at=_wall_time(day, opens, zone, fold=0),
        closes_at=_wall_time(day, closes, zone, fold=1),
    )


@lru_cache(maxsize=4096)  # the stores of a chain open and close at the same few times of a day
def _wall_time(day: date, minutes: int, zone: ZoneInfo, fold: int) -> datetime:
    """The moment at which the wall clock shows this time, in UTC."""
    days, minutes = divmod(minutes, MINUTES_A_DAY)
    day += timedelta(days=days)
    wall = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, fold=fold, tzinfo=zone)
    if wall.astimezone(UTC).astimezone(zone).replace(fold=0) != wall.replace(fold=0):
        wall = wall.replace(fold=0)  # left out by the clock: count on with the offset from before the gap
    return wall.astimezone(UTC)


def require_circle(circle: Circle, place_path: Sequence[str], radius_path: Sequence[str]) -> None:
    """Raises PlaceInvalid and RadiusInvalid."""
    if not circle.center.is_valid:
        raise PlaceInvalid(path=place_path)
    if not 1 <= circle.radius_meters <= MAXIMUM_RADIUS_METERS:
        raise RadiusInvalid(path=radius_path, minimum=1, maximum=MAXIMUM_RADIUS_METERS)


def around(stores: Iterable[Store], circle: Circle) -> list[StoreFound]:
    """The stores in the circle, the nearest first."""
    places = ((distance_meters(circle.center, store.location), store.id, store) for store in stores)
    near = sorted(place for place in places if place[0] <= circle.radius_meters)
    return [StoreFound(store, distance) for distance, _, store in near]


def folded(text: str) -> str:
    """Text as stores are searched by it: folded, and spaces left out."""
    return "".join(texts.folded(text).split())


def search_text(store: Store) -> str:
    """All the text of a store that words may match, folded, its parts kept apart by a line break."""
    parts = [
        *store.names.values(),
        store.kana,
        *store.address.lines.values(),
        store.address.postal_code,
        store.code,
    ]
    return "\n".join(folded(part) for part in parts)


def search_terms(text: str) -> list[str]:
    """The single characters and pairs of characters of a folded text: what the search index holds."""
    terms = set(text) | {first + second for first, second in pairwise(text)}
    return sorted(term for term in terms if "\n" not in term)


def query_terms(folded_query: str) -> list[str]:
    """The terms that a text must have to contain this query: its pairs, or its only character."""
    if len(folded_query) == 1:
        return [folded_query]
    return sorted({first + second for first, second in pairwise(folded_query)})
