"""Pure decisions about the events that apps report: what may be one, what it is about, and when it was."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from app.catalog.model import Product
from app.interests.errors import EventIdInvalid, EventSubjectInvalid
from app.interests.model import (
    InterestEvent,
    InterestEventKind,
    TrackedBatch,
    TrackedEvent,
    TrackedEventKind,
)
from app.shared.batches import BatchSizeInvalid
from app.shared.texts import normal_line

MAXIMUM_TRACKED = 100
MINIMUM_ID_LENGTH = 8
MAXIMUM_ID_LENGTH = 64
MAXIMUM_AGE = timedelta(days=30)
BRAND_MAXIMUM_LENGTH = 100

_ID = re.compile(r"[A-Za-z0-9._:-]+", re.ASCII)


def require_batch(batch: TrackedBatch) -> None:
    """Raises BatchSizeInvalid, EventIdInvalid or EventSubjectInvalid."""
    if not 1 <= len(batch.events) <= MAXIMUM_TRACKED:
        raise BatchSizeInvalid(path=["input", "events"], minimum=1, maximum=MAXIMUM_TRACKED)
    for number, event in enumerate(batch.events):
        path = ["input", "events", str(number)]
        if not MINIMUM_ID_LENGTH <= len(event.id) <= MAXIMUM_ID_LENGTH or not _ID.fullmatch(event.id):
            raise EventIdInvalid(path=[*path, "id"], minimum=MINIMUM_ID_LENGTH, maximum=MAXIMUM_ID_LENGTH)
        if not _names_its_subject(event):
            raise EventSubjectInvalid(path=path)


def understood(
    batch: TrackedBatch, products: Mapping[str, Product], category_ids: Collection[str], now: datetime
) -> list[InterestEvent]:
    """The events that say something, each id once; not those of what does not exist, or that are too old."""
    events: dict[str, InterestEvent] = {}
    for tracked in batch.events:
        happened_at = moment_of(tracked.at, batch.sent_at, now)
        event = _understood(tracked, happened_at, products, category_ids) if happened_at else None
        if event is not None:
            events.setdefault(event.id, event)
    return list(events.values())


def moment_of(at: datetime, sent_at: datetime, now: datetime) -> datetime | None:
    """When it was by our clock: as long ago as the phone's clock had it when it sent the batch.

    So a phone may be wrong by any time. What it dates later than its sending was just now; None for what
    is older than 30 days.
    """
    age = max(timedelta(0), sent_at - at)
    return now - age if age <= MAXIMUM_AGE else None


def _names_its_subject(event: TrackedEvent) -> bool:
    if event.kind is TrackedEventKind.SEARCHED:
        return event.sku_id is None and (event.category_id is not None or event.brand is not None)
    return event.sku_id is not None and event.category_id is None and event.brand is None


def _understood(
    tracked: TrackedEvent,
    happened_at: datetime,
    products: Mapping[str, Product],
    category_ids: Collection[str],
) -> InterestEvent | None:
    kind = InterestEventKind(tracked.kind.value)
    if tracked.sku_id is not None:
        product = products.get(tracked.sku_id)
        return about_sku(tracked.id, kind, happened_at, tracked.sku_id, product) if product else None
    category_id = tracked.category_id if tracked.category_id in category_ids else None
    brand = normal_line(tracked.brand or "", BRAND_MAXIMUM_LENGTH)
    if category_id is None and brand is None:
        return None
    return InterestEvent(tracked.id, kind, happened_at, category_id=category_id, brand=brand)


def about_sku(
    id: str,
    kind: InterestEventKind,
    happened_at: datetime,
    sku_id: str,
    product: Product,
    store_id: str | None = None,
) -> InterestEvent:
    """An event about a SKU, which is one about its category and its brand as well."""
    return InterestEvent(id, kind, happened_at, sku_id, product.category_id, product.brand, store_id)
