"""Events in MongoDB, in the order of their numbers."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from pymongo import ASCENDING, UpdateOne
from pymongo.errors import DuplicateKeyError

from app.events.model import SequencedEvent
from app.events.publications import PARTNER_ID, STORE_ID
from app.events.visibility import EventViewer, visible_types
from app.shared.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.documents import STRING, at_least, document
from app.shared.events import EVENTS
from app.shared.paging import Page, PageRequest, page_of

EVENT_SEQUENCES = CollectionDefinition(
    "event_sequences",
    validator=document(_id=STRING, last=at_least(1)),
)
FEED = "feed"


class EventRepository:
    """Numbers and reads events."""

    def __init__(self, database: Database) -> None:
        self._events = database.collection(EVENTS)
        self._sequences = database.collection(EVENT_SEQUENCES)

    async def has_waiting(self) -> bool:
        """Whether there are events without a number."""
        return await self.oldest_waiting() is not None

    async def oldest_waiting(self) -> datetime | None:
        """When the oldest event that has no number was written, by MongoDB's clock, in whole seconds."""
        found = await self._events.find_one({"seq": None}, sort=[("written_at", ASCENDING)])
        written_at: datetime | None = found["written_at"].as_datetime() if found else None
        return written_at

    async def number(self, limit: int, session: Session) -> list[SequencedEvent]:
        """Gives the events that wait their numbers, in the order in which they were written."""
        waiting = await self._events.find(
            {"seq": None},
            sort=[("written_at", ASCENDING), ("_id", ASCENDING)],
            limit=limit,
            session=session,
        )
        if not waiting:
            return []
        first = await self._take_numbers(len(waiting), session)
        numbered = [{**each, "seq": seq} for seq, each in enumerate(waiting, first)]
        await self._events.write_many(
            [
                UpdateOne({"_id": each["_id"], "seq": None}, {"$set": {"seq": each["seq"]}})
                for each in numbered
            ],
            session=session,
        )
        return [_event_from(each) for each in numbered]

    async def _take_numbers(self, count: int, session: Session) -> int:
        """The first of so many new numbers. Of two transactions that want some, the other one runs again."""
        try:
            found = await self._sequences.find_one_and_update(
                {"_id": FEED}, {"$inc": {"last": count}}, upsert=True, session=session
            )
        except DuplicateKeyError:
            raise ConcurrentChange from None
        if found is None:
            raise LookupError("an upsert gave no document")
        return int(found["last"]) - count + 1

    async def read_on(
        self, reader: str, types: Collection[str], limit: int, session: Session
    ) -> list[SequencedEvent]:
        """The next events of these types. Of two who read as the same reader, the other one runs again."""
        place = await self._sequences.find_one({"_id": reader}, session=session)
        found = await self._events.find(
            {"type": {"$in": sorted(types)}, "seq": {"$gt": place["last"] if place else 0}},
            sort=[("seq", ASCENDING)],
            limit=limit,
            session=session,
        )
        if found:
            try:
                await self._sequences.find_one_and_update(
                    {"_id": reader}, {"$set": {"last": found[-1]["seq"]}}, upsert=True, session=session
                )
            except DuplicateKeyError:
                raise ConcurrentChange from None
        return [_event_from(each) for each in found]

    async def waiting_for(self, reader: str, types: Collection[str], limit: int) -> list[SequencedEvent]:
        """The next events of these types that the reader has not marked as read."""
        place = await self._sequences.find_one({"_id": reader})
        query: Document = {"type": {"$in": sorted(types)}, "seq": {"$gt": place["last"] if place else 0}}
        found = await self._events.find(query, sort=[("seq", ASCENDING)], limit=limit)
        return [_event_from(each) for each in found]

    async def has_read(self, reader: str, seq: int) -> None:
        """Marks all up to this number as read."""
        with suppress(DuplicateKeyError):  # another one marks the same for the first time
            await self._sequences.find_one_and_update({"_id": reader}, {"$max": {"last": seq}}, upsert=True)

    async def get(self, event_id: str) -> SequencedEvent | None:
        """The event, once it has its number."""
        found = await self._events.find_one({"_id": event_id, "seq": {"$gt": 0}})
        return _event_from(found) if found else None

    async def page(self, viewer: EventViewer, request: PageRequest) -> Page[SequencedEvent]:
        """The events that the partner sees, the oldest first."""
        position = request.position(int)
        seen = _visible_to(viewer, after=position[0] if position else 0)
        if not seen:
            return page_of([], request)
        found = await self._events.find({"$or": seen}, sort=[("seq", ASCENDING)], limit=request.first + 1)
        return page_of([(_event_from(each), (each["seq"],)) for each in found], request)


def _visible_to(viewer: EventViewer, after: int) -> list[Document]:
    """What matches the later events that the partner sees; each has an index in the order of the feed."""
    shared, own = visible_types(viewer)
    later: Document = {"seq": {"$gt": after}}
    seen: list[Document] = []
    if shared and viewer.store_ids is None:
        seen.append({"type": {"$in": shared}, **later})
    elif shared:
        seen.append(
            {"type": {"$in": shared}, f"data.{STORE_ID}": {"$in": sorted(viewer.store_ids or ())}, **later}
        )
    if own:
        seen.append({"type": {"$in": own}, f"data.{PARTNER_ID}": viewer.partner_id, **later})
    return seen


def _event_from(found: Document) -> SequencedEvent:
    return SequencedEvent(
        seq=found["seq"],
        id=found["_id"],
        type=found["type"],
        version=found["version"],
        subject=found["subject"],
        occurred_at=found["occurred_at"],
        data=found["data"],
    )
