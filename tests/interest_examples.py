"""Plain examples of what members do in the app."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.interests.model import TrackedBatch, TrackedEvent, TrackedEventKind
from app.shared.ids import new_id


def a_tracked(at: datetime, kind: str = "VIEWED", **changes: Any) -> TrackedEvent:
    """An event as an app reports it; about the SKU `cup` unless told."""
    fields: dict[str, Any] = {"id": new_id(), "sku_id": None if kind == "SEARCHED" else "cup", **changes}
    return TrackedEvent(kind=TrackedEventKind(kind), at=at, **fields)


def a_batch(at: datetime, *events: TrackedEvent, sku_ids: Sequence[str] = ()) -> TrackedBatch:
    """A batch that is sent at this moment: these events, and that she marked these SKUs."""
    marked = [a_tracked(at, "FAVOURITED", sku_id=sku_id) for sku_id in sku_ids]
    return TrackedBatch(at, (*events, *marked))
