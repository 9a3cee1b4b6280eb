"""Interests: what a member showed to like, as sums that decay with time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class InterestEventKind(StrEnum):
    """What a member did that shows what she likes."""

    VIEWED = "VIEWED"
    SEARCHED = "SEARCHED"
    FAVOURITED = "FAVOURITED"
    UNFAVOURITED = "UNFAVOURITED"
    BOUGHT = "BOUGHT"
    RETURNED = "RETURNED"
    CHECKED_IN = "CHECKED_IN"


class TrackedEventKind(StrEnum):
    """What an app reports; the rest we know ourselves."""

    VIEWED = "VIEWED"
    SEARCHED = "SEARCHED"
    FAVOURITED = "FAVOURITED"
    UNFAVOURITED = "UNFAVOURITED"


class InterestAspect(StrEnum):
    """What an interest may be in."""

    CATEGORY = "CATEGORY"
    BRAND = "BRAND"
    SKU = "SKU"
    STORE = "STORE"


@dataclass(frozen=True, slots=True)
class TrackedEvent:
    """An event as an app reports it, with the moment by the phone's own clock.

    A search names a category, a brand or both; all others name a SKU.
    """

    id: str
    kind: TrackedEventKind
    at: datetime
    sku_id: str | None = None
    category_id: str | None = None
    brand: str | None = None


@dataclass(frozen=True, slots=True)
class TrackedBatch:
    """The events that an app sends together; `sent_at` is what the phone's clock shows then."""

    sent_at: datetime
    events: tuple[TrackedEvent, ...]


@dataclass(frozen=True, slots=True)
class TrackedCounts:
    """What became of the events of a batch, each in one of these ways."""

    taken: int = 0
    repeated: int = 0
    ignored: int = 0
    without_consent: int = 0
    without_place: int = 0


@dataclass(frozen=True, slots=True)
class InterestEvent:
    """What a member did, by our clock. Its id is unique among hers; taken again, it changes nothing."""

    id: str
    kind: InterestEventKind
    happened_at: datetime
    sku_id: str | None = None
    category_id: str | None = None
    brand: str | None = None
    store_id: str | None = None

    @property
    def aspects(self) -> dict[InterestAspect, str]:
        """What it shows an interest in."""
        named = {
            InterestAspect.CATEGORY: self.category_id,
            InterestAspect.BRAND: self.brand,
            InterestAspect.SKU: self.sku_id,
            InterestAspect.STORE: self.store_id,
        }
        return {aspect: key for aspect, key in named.items() if key is not None}


@dataclass(frozen=True, slots=True)
class Interests:
    """The sums of a member's events for each thing, as they are worth at `as_of`."""

    as_of: datetime
    sums: Mapping[InterestAspect, Mapping[str, float]]
