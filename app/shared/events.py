"""Events: facts in the past tense, written in the same transaction as what they tell (the outbox)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from app.shared.database import CollectionDefinition, Database, Session
from app.shared.documents import MOMENT, OBJECT, STRING, at_least, document
from app.shared.ids import new_id

EVENTS = CollectionDefinition(
    "events",
    validator=document(
        _id=STRING, type=STRING, version=at_least(1), subject=STRING, occurred_at=MOMENT, data=OBJECT
    ),
    indexes=[IndexModel([("subject", 1), ("_id", 1)])],
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a subject, such as `CheckedIn` to `member:…`."""

    type: str
    subject: str
    occurred_at: datetime
    data: dict[str, Any]
    version: int = 1
    id: str = field(default_factory=new_id)


class EventLog:
    """Where events are written and kept."""

    def __init__(self, database: Database) -> None:
        self._events = database.collection(EVENTS)

    async def append(self, event: Event, session: Session) -> None:
        await self._events.insert_one(
            {
                "_id": event.id,
                "type": event.type,
                "version": event.version,
                "subject": event.subject,
                "occurred_at": event.occurred_at,
                "data": event.data,
            },
            session=session,
        )
