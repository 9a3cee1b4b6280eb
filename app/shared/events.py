"""Events: facts in the past tense, written in the same transaction as what they tell (the outbox).

`written_at` is MongoDB's own time, which only ever moves on, whatever the clocks of our machines say: of two
events of which one was written knowing of the other, the later one has the later time. `seq` is given when
the transaction is over, by `app.events`: until then the event is in nobody's feed.

A document may carry the events of the transaction that writes it, which saves a command: they go to their
collection when they get their numbers, by MongoDB's time of that document, as if they had been written there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import Timestamp
from pymongo import IndexModel

from app.shared.ids import new_id
from app.shared.mongodb.database import CollectionDefinition, Database, Document, Session
from app.shared.mongodb.documents import (
    MOMENT,
    OBJECT,
    STRING,
    TIMESTAMP,
    Schema,
    at_least,
    document,
    list_of,
    nullable,
)

TIME_OF_WRITING = Timestamp(0, 0)  # MongoDB puts its own time in the place of this one

_FACT: dict[str, Schema] = {
    "_id": STRING,
    "type": STRING,
    "version": at_least(1),
    "subject": STRING,
    "occurred_at": MOMENT,
    "data": OBJECT,
}
# The fields of a document that carries events, as long as these have no numbers.
CARRIED: dict[str, Schema] = {"events": list_of(document(**_FACT)), "written_at": TIMESTAMP}
IS_CARRYING = {"written_at": {"$type": "timestamp"}}
CARRIED_INDEX = IndexModel([("written_at", 1), ("_id", 1)], partialFilterExpression=IS_CARRYING)

EVENTS = CollectionDefinition(
    "events",
    validator=document(
        **_FACT,
        written_at=TIMESTAMP,
        seq=nullable(at_least(1)),
    ),
    indexes=[
        IndexModel([("subject", 1), ("_id", 1)]),
        IndexModel([("written_at", 1), ("_id", 1)], partialFilterExpression={"seq": None}),
        IndexModel([("type", 1), ("seq", 1)]),
        IndexModel([("data.store_id", 1), ("seq", 1)]),
    ],
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
        await self._events.insert_one(_document_of(event), session=session)

    async def append_many(self, events: Sequence[Event], session: Session) -> None:
        """Writes several at once, at least one."""
        await self._events.insert_many([_document_of(event) for event in events], session=session)


def carrying(events: Sequence[Event]) -> Document:
    """What a new document has that carries these events, in this order."""
    return {"events": [_fact_of(event) for event in events], "written_at": TIME_OF_WRITING}


def _document_of(event: Event) -> Document:
    return {**_fact_of(event), "written_at": TIME_OF_WRITING, "seq": None}


def _fact_of(event: Event) -> Document:
    return {
        "_id": event.id,
        "type": event.type,
        "version": event.version,
        "subject": event.subject,
        "occurred_at": event.occurred_at,
        "data": event.data,
    }
