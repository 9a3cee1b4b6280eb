"""Events in the order in which partners read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class SequencedEvent:
    """An event as it was written, and its number in the feed."""

    seq: int
    id: str
    type: str
    version: int
    subject: str
    occurred_at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """What partners are shown of an event: its ids are those of the API, and nothing in it is private."""

    seq: int
    id: str
    type: str
    version: int
    subject: str
    occurred_at: datetime
    data: dict[str, Any]
