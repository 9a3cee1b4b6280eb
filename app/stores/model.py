"""A store: a place with an address, hours, a location and a time zone."""

from dataclasses import dataclass
from datetime import datetime

from app.shared.channels import Channel
from app.shared.geo import GeoPoint
from app.shared.i18n import Language


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """One opening on a day of the week, in minutes of the wall clock after that day's midnight.

    `weekday` is 0 on Monday. `closes` may pass 1440: 25:00 is one o'clock in the next night.
    """

    weekday: int
    opens: int
    closes: int


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
    """A store. `radius_meters` is how far from `location` its premises reach."""

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


@dataclass(frozen=True, slots=True)
class StoreFound:
    """A store in a list, with its distance where the list is about a place."""

    store: Store
    distance_meters: float | None = None
