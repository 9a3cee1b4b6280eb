"""Interests in MongoDB: a document with a member's sums, and the events that they were made of.

The document is there for as long as she allows personalization: without it, nothing is kept.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import DESCENDING, IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app.interests.model import InterestAspect, InterestEvent, InterestEventKind, Interests
from app.interests.rules import NO_INTERESTS
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import MOMENT, NUMBER, STRING, at_least, document, list_of, nullable, one_of
from app.shared.mongodb.reading import Reading

EVENTS_KEPT_FOR = timedelta(days=90)
MAXIMUM_MOVED = 1_000

INTERESTS = CollectionDefinition(
    "interests",
    validator=document(
        _id=STRING,  # the member
        version=at_least(1),
        as_of=MOMENT,
        sums=list_of(document(aspect=one_of(InterestAspect), key=STRING, weight=NUMBER)),
    ),
    indexes=[IndexModel([("sums.key", 1), ("as_of", -1)])],
)

INTEREST_EVENTS = CollectionDefinition(
    "interest_events",
    validator=document(
        _id=STRING,  # the member and the event's own id: each is kept, and counts, once
        member_id=STRING,
        kind=one_of(InterestEventKind),
        happened_at=MOMENT,
        recorded_at=MOMENT,
        sku_id=nullable(STRING),
        category_id=nullable(STRING),
        brand=nullable(STRING),
        store_id=nullable(STRING),
    ),
    indexes=[
        IndexModel([("member_id", 1), ("happened_at", -1)]),
        IndexModel([("recorded_at", 1)], expireAfterSeconds=int(EVENTS_KEPT_FOR.total_seconds())),
    ],
)


class InterestRepository:
    """Reads and writes interests."""

    def __init__(self, database: Database) -> None:
        self._interests = database.collection(INTERESTS)
        self._events = database.collection(INTEREST_EVENTS)

    async def get(self, member_id: str, session: Session = None) -> tuple[Interests, int] | None:
        """Her interests and their version; None while she allows none to be kept."""
        found = await self._interests.find_one({"_id": member_id}, session=session)
        return (_interests_from(found), found["version"]) if found else None

    def reading(self, member_ids: Sequence[str]) -> Reading[dict[str, Interests]]:
        """The interests of those of these members who allow them to be kept."""
        return Reading(
            INTERESTS,
            [{"$match": {"_id": {"$in": list(member_ids)}}}],
            lambda found: {each["_id"]: _interests_from(each) for each in found},
        )

    async def make(self, member_id: str, session: Session) -> None:
        """Makes interests that are empty, unless there are some."""
        change: Document = {"$setOnInsert": {"version": 1, **_document_of(NO_INTERESTS)}}
        try:
            await self._interests.find_one_and_update(
                {"_id": member_id}, change, upsert=True, session=session
            )
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def add_many(
        self,
        members: Mapping[str, tuple[Interests, Sequence[InterestEvent]]],
        recorded_at: datetime,
        session: Session,
    ) -> None:
        """Adds the interests of new members with the events that they were made of."""
        made = [
            {"_id": id, "version": 1, **_document_of(interests)} for id, (interests, _) in members.items()
        ]
        events = [
            _document_of_event(id, event, recorded_at) for id, (_, each) in members.items() for event in each
        ]
        await self._interests.insert_many(made, session=session)
        if events:
            await self._events.insert_many(events, session=session)

    async def replace(self, member_id: str, version: int, interests: Interests, session: Session) -> None:
        """Writes the interests after this version; where others were written, or all was erased, first,
        the transaction runs again.
        """
        changed = await self._interests.find_one_and_update(
            {"_id": member_id, "version": version},
            {"$set": {"version": version + 1, **_document_of(interests)}},
            session=session,
        )
        if changed is None:
            raise ConcurrentChange

    async def known_events(
        self, member_id: str, events: Sequence[InterestEvent], session: Session
    ) -> set[str]:
        """The ids among these events that were taken before."""
        keys = {_key(member_id, event.id): event.id for event in events}
        found = await self._events.find({"_id": {"$in": list(keys)}}, session=session)
        return {keys[each["_id"]] for each in found}

    async def add_events(
        self, member_id: str, events: Sequence[InterestEvent], recorded_at: datetime, session: Session
    ) -> None:
        """Adds new events; where one of them was taken first, the transaction runs again."""
        documents = [_document_of_event(member_id, each, recorded_at) for each in events]
        try:
            await self._events.insert_many(documents, session=session)
        except BulkWriteError as error:
            if are_duplicates(error):
                raise ConcurrentChange from None
            raise

    async def newest_events(self, member_id: str, session: Session) -> list[InterestEvent]:
        """Her newest 1,000 events."""
        found = await self._events.find(
            {"member_id": member_id},
            sort=[("happened_at", DESCENDING)],
            limit=MAXIMUM_MOVED,
            session=session,
        )
        return [_event_from(each) for each in found]

    async def remove(self, member_id: str, session: Session) -> None:
        """Erases her interests and all events."""
        await self._interests.delete_many({"_id": member_id}, session=session)
        await self._events.delete_many({"member_id": member_id}, session=session)


def _key(member_id: str, event_id: str) -> str:
    return f"{member_id}/{event_id}"


def _document_of(interests: Interests) -> Document:
    return {
        "as_of": interests.as_of,
        "sums": [
            {"aspect": aspect.value, "key": key, "weight": weight}
            for aspect, of_aspect in interests.sums.items()
            for key, weight in of_aspect.items()
        ],
    }


def _interests_from(found: Document) -> Interests:
    sums: dict[InterestAspect, dict[str, float]] = {}
    for each in found["sums"]:
        sums.setdefault(InterestAspect(each["aspect"]), {})[each["key"]] = each["weight"]
    return Interests(found["as_of"], sums)


def _document_of_event(member_id: str, event: InterestEvent, recorded_at: datetime) -> Document:
    return {
        "_id": _key(member_id, event.id),
        "member_id": member_id,
        "kind": event.kind.value,
        "happened_at": event.happened_at,
        "recorded_at": recorded_at,
        "sku_id": event.sku_id,
        "category_id": event.category_id,
        "brand": event.brand,
        "store_id": event.store_id,
    }


def _event_from(found: Document) -> InterestEvent:
    return InterestEvent(
        id=found["_id"].partition("/")[2],
        kind=InterestEventKind(found["kind"]),
        happened_at=found["happened_at"],
        sku_id=found["sku_id"],
        category_id=found["category_id"],
        brand=found["brand"],
        store_id=found["store_id"],
    )
