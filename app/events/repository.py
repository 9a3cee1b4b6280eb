"""Events in MongoDB, in the order of their numbers."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime

from pymongo import ASCENDING, InsertOne, UpdateMany, UpdateOne
from pymongo.errors import DuplicateKeyError

from app.events.model import SequencedEvent
from app.events.publications import PARTNER_ID, STORE_ID
from app.events.visibility import EventViewer, visible_types
from app.shared.events import CARRIED, EVENTS, IS_CARRYING
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import STRING, at_least, document
from app.shared.paging import Page, PageRequest, page_of

EVENT_SEQUENCES = CollectionDefinition(
    "event_sequences",
    validator=document(_id=STRING, last=at_least(1)),
)
FEED = "feed"
_AS_WRITTEN = [("written_at", ASCENDING), ("_id", ASCENDING)]


class EventRepository:
    """Numbers and reads events. Documents of the carriers may carry some that have no numbers yet."""

    def __init__(self, database: Database, carriers: Sequence[CollectionDefinition]) -> None:
        self._events = database.collection(EVENTS)
        self._carriers = [database.collection(each) for each in carriers]
        self._sequences = database.collection(EVENT_SEQUENCES)

    async def has_waiting(self) -> bool:
        """Whether there are events without a number."""
        return await self.oldest_waiting() is not None

    async def oldest_waiting(self) -> datetime | None:
        """When the oldest event that has no number was written, by MongoDB's clock, in whole seconds."""
        waiting = [await self._events.find_one({"seq": None}, sort=_AS_WRITTEN)]
        waiting += [await each.find_one(IS_CARRYING, sort=_AS_WRITTEN) for each in self._carriers]
        oldest = min((each["written_at"] for each in waiting if each), default=None)
        written_at: datetime | None = oldest.as_datetime() if oldest else None
        return written_at

    async def number(self, limit: int, session: Session) -> list[SequencedEvent]:
        """Gives the events that wait their numbers, in the order in which they were written.

        `limit` is of documents: what one of them carries is numbered together.
        """
        waiting = await self._events.find({"seq": None}, sort=_AS_WRITTEN, limit=limit, session=session)
        for carrier in self._carriers:
            waiting += await carrier.find(IS_CARRYING, sort=_AS_WRITTEN, limit=limit, session=session)
        waiting = sorted(waiting, key=lambda each: (each["written_at"], each["_id"]))[:limit]
        if not waiting:
            return []
        events = [event for each in waiting for event in _events_in(each)]
        first = await self._take_numbers(len(events), session)
        writes = [_numbering(event, seq) for seq, event in enumerate(events, first)]
        await self._events.write_many(writes, session=session)
        await self._unload([each["_id"] for each in waiting if "events" in each], session)
        return [_event_from({**event, "seq": seq}) for seq, event in enumerate(events, first)]

    async def _unload(self, ids: Sequence[str], session: Session) -> None:
        """Takes from these documents the events that they carry."""
        if ids:
            bare = UpdateMany({"_id": {"$in": list(ids)}}, {"$unset": dict.fromkeys(CARRIED, "")})
            for carrier in self._carriers:
                await carrier.write_many([bare], session=session)

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


def _events_in(written: Document) -> list[Document]:
    """The event that this is, or those that it carries."""
    if "events" not in written:
        return [written]
    return [{**event, "written_at": written["written_at"]} for event in written["events"]]


def _numbering(event: Document, seq: int) -> UpdateOne | InsertOne[Document]:
    """The write that gives the event its number; one that was carried comes to its collection by it."""
    if "seq" in event:
        return UpdateOne({"_id": event["_id"], "seq": None}, {"$set": {"seq": seq}})
    return InsertOne({**event, "seq": seq})


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
