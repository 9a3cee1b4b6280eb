"""Inboxes in MongoDB: each member's own messages, and what she made of news."""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pymongo import DESCENDING, UpdateOne

from app.inbox.documents import (
    COUNTED,
    INBOX_ENTRIES,
    counts_from,
    document_of,
    entries_of,
    key_of,
    marks_from,
    message_from,
    reach_from,
)
from app.inbox.model import InboxMark, InboxMessage, InboxStep, MessageClass, MessageCounts, OwnMessage, Reach
from app.news.model import News
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.reading import Reading

# What tells a message of her own from her marks on news. All classes are named for the index to lead there.
OWN: Document = {"message_class": {"$in": sorted(MessageClass)}, "titles": {"$ne": None}}


class InboxRepository:
    """Reads and writes inbox entries."""

    def __init__(self, database: Database) -> None:
        self._entries = database.collection(INBOX_ENTRIES)

    async def add(self, messages: Sequence[OwnMessage], session: Session) -> None:
        await self._entries.insert_many([document_of(each) for each in messages], session=session)

    async def own_messages(
        self,
        member_id: str,
        is_archived: bool,
        now: datetime,
        limit: int,
        before: tuple[datetime, str] | None = None,
    ) -> list[InboxMessage]:
        """The member's own messages, those before this place in the list, the newest first."""
        query: Document = {"member_id": member_id, **OWN, "is_archived": is_archived}
        query["kept_until"] = {"$gt": now}
        if before is not None:
            told_at, source_id = before
            query["$or"] = [
                {"told_at": {"$lt": told_at}},
                {"told_at": told_at, "source_id": {"$lt": source_id}},
            ]
        order = [("told_at", DESCENDING), ("source_id", DESCENDING)]
        found = await self._entries.find(query, sort=order, limit=limit)
        return [message_from(each) for each in found]

    async def unread_own_messages(self, member_id: str, now: datetime) -> int:
        """How many of the member's own messages she has not read and not put away."""
        return await self._entries.count(_unread(member_id, now))

    def reading_unread(self, member_id: str, now: datetime) -> Reading[int]:
        """What `unread_own_messages` tells."""
        return Reading(
            INBOX_ENTRIES,
            [{"$match": _unread(member_id, now)}, {"$count": "unread"}],
            lambda found: found[0]["unread"] if found else 0,
        )

    def reading_marks(self, member_id: str, news_ids: Collection[str]) -> Reading[dict[str, InboxMark]]:
        """What `marks` tells."""
        return Reading(
            INBOX_ENTRIES,
            [{"$match": {"member_id": member_id, "source_id": {"$in": sorted(news_ids)}}}],
            marks_from,
        )

    async def marks(self, member_id: str, news_ids: Collection[str]) -> dict[str, InboxMark]:
        """What the member made of these pieces of news, by their ids."""
        return marks_from(
            await self._entries.find({"member_id": member_id, "source_id": {"$in": sorted(news_ids)}})
        )

    async def known(self, member_id: str, source_ids: Collection[str]) -> set[str]:
        """Those of these messages that have an entry in the member's inbox."""
        found = await self._entries.find({"member_id": member_id, "source_id": {"$in": sorted(source_ids)}})
        return {each["source_id"] for each in found}

    async def mark(
        self,
        member_id: str,
        message_ids: Collection[str],
        news: Sequence[News],
        steps: Collection[InboxStep],
        now: datetime,
    ) -> None:
        """Marks messages as sent, delivered or read, from the first time on; news gets its entry by that."""
        marks = [
            UpdateOne({**key_of(member_id, each), step.value: None}, {"$set": {step.value: now}})
            for each in sorted(message_ids)
            for step in sorted(steps)
        ]
        await self._entries.write_many([*entries_of(member_id, news), *marks])

    async def own_message(self, member_id: str, source_id: str) -> InboxMessage | None:
        """The member's own message."""
        found = await self._entries.find_one({**key_of(member_id, source_id), **OWN})
        return message_from(found) if found else None

    async def reach(self, source_ids: Collection[str]) -> dict[str, Reach]:
        """How far each of these messages has come, among all members."""
        found = await self._entries.aggregate(
            [
                {"$match": {"source_id": {"$in": sorted(source_ids)}}},
                {"$group": {"_id": "$source_id", **{step.value: _how_many(step) for step in InboxStep}}},
            ]
        )
        return {each["_id"]: reach_from(each) for each in found}

    async def counts(self, since: datetime, until: datetime, time_zone: ZoneInfo) -> list[MessageCounts]:
        """The messages that were told in that time, by day and kind, the newest day first."""
        day = {"$dateToString": {"date": "$told_at", "format": "%Y-%m-%d", "timezone": time_zone.key}}
        found = await self._entries.aggregate(
            [
                {"$match": {"told_at": {"$gte": since, "$lt": until}}},
                {"$project": {"_id": 0, **dict.fromkeys(COUNTED, 1)}},
                {
                    "$group": {
                        "_id": {"day": day, "message_class": "$message_class", "kind": "$kind"},
                        "told": {"$sum": 1},
                        **{step.value: _how_many(step) for step in InboxStep},
                    }
                },
                {"$sort": {"_id.day": -1, "_id.message_class": 1, "_id.kind": 1}},
            ]
        )
        return [counts_from(each) for each in found]

    async def archive(
        self, member_id: str, message_ids: Collection[str], news: Sequence[News], is_archived: bool
    ) -> None:
        """Puts messages away, or brings them back; news gets its entry by that."""
        moves = [
            UpdateOne(key_of(member_id, each), {"$set": {"is_archived": is_archived}})
            for each in sorted(message_ids)
        ]
        await self._entries.write_many([*entries_of(member_id, news), *moves])

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> None:
        """Makes a guest's entries the member's; where both have one of the same news, hers stays."""
        guests = await self._entries.find({"member_id": guest_id}, session=session)
        if not guests:
            return
        source_ids = [each["source_id"] for each in guests]
        hers = await self._entries.find(
            {"member_id": member_id, "source_id": {"$in": source_ids}}, session=session
        )
        in_both = sorted(each["source_id"] for each in hers)
        await self._entries.delete_many(
            {"member_id": guest_id, "source_id": {"$in": in_both}}, session=session
        )
        await self._entries.write_many(
            [
                UpdateOne({"_id": each["_id"]}, {"$set": {"member_id": member_id}})
                for each in guests
                if each["source_id"] not in in_both
            ],
            session=session,
        )


def _how_many(step: InboxStep) -> Document:
    return {"$sum": {"$cond": [{"$gt": [f"${step.value}", None]}, 1, 0]}}


def _unread(member_id: str, now: datetime) -> Document:
    """What matches the member's own messages that she has not read and not put away."""
    unread = {"member_id": member_id, **OWN, "is_archived": False, "read_at": None}
    return {**unread, "kept_until": {"$gt": now}}
