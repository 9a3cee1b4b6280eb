"""A store: a place with an address, hours, a location and a time zone."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.shared.channels import Channel
from app.shared.geo import GeoPoint
from app.shared.i18n import Language


class StoreServiceKind(StrEnum):
    """What a store does for customers beyond selling what lies on its shelves."""

    PICKUP = "PICKUP"
    TRANSFER = "TRANSFER"
    DELIVERY = "DELIVERY"
    TRY_ON = "TRY_ON"
    ALTERATION = "ALTERATION"
    TAX_FREE = "TAX_FREE"
    CAFE = "CAFE"
    PARKING = "PARKING"


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """One opening on a day of the week, in minutes of the wall clock after that day's midnight.

    `weekday` is 0 on Monday. `closes` may pass 1440: 25:00 is one o'clock in the next night.
    """

    weekday: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day of the calendar with hours of its own, which take the place of its weekday's.

    `hours` are the openings that begin on that day, as pairs of minutes like those of `OpeningHours`;
    none on a day that the store stays closed. `names` says what day it is, such as a holiday.
    """

    day: date
    hours: tuple[tuple[int, int], ...] = ()
    names: dict[Language, str] | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A stretch of time in which a store is open, from `opens_at` until just before `closes_at` (UTC)."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is, in both languages."""

    postal_code: str
    country: str
    lines: dict[Language, str]


@dataclass(frozen=True, slots=True)
class Store:
    """A store. `radius_meters` is how far from `location` its premises reach.

    A popup store opens on its first day and closes after its last; others have neither.
    """

    id: str
    code: str
    channel: Channel
    names: dict[Language, str]
    kana: str
    address: Address
    location: GeoPoint
    radius_meters: int
    time_zone: str
    hours: tuple[OpeningHours, ...]
    special_days: tuple[SpecialDay, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    phone: str | None = None
    services: frozenset[StoreServiceKind] = frozenset()
    photo_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreMatch:
    """The id of a store that a search has found, with its distance if it was near a place."""

    store_id: str
    distance_meters: float | None = None


@dataclass(frozen=True, slots=True)
class StoreFound:
    """A store in a list, with its distance where the list is about a place."""

    store: Store
    distance_meters: float | None = None
