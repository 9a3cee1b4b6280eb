"""Pushes in MongoDB: claimed, tried, and kept for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from app.inbox.model import MessageClass
from app.push.model import Push, PushDevice, PushPlatform, PushState, PushWish
from app.shared.ids import new_id
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import BOOLEAN, MOMENT, STRING, at_least, document, nullable, one_of
from app.shared.processes.claims import PENDING, ClaimQueue

KEPT_FOR = timedelta(days=30)

PUSHES = CollectionDefinition(
    "pushes",
    validator=document(
        _id=STRING,
        session_id=STRING,
        member_id=STRING,
        platform=one_of(PushPlatform),
        message_id=STRING,
        message_class=one_of(MessageClass),
        collapse_key=STRING,
        time_zone=nullable(STRING),
        needs_location=BOOLEAN,
        state=one_of(PushState),
        reason=nullable(STRING),
        due_at=nullable(MOMENT),
        claim=nullable(STRING),
        tries=at_least(0),
        expires_at=MOMENT,
        created_at=MOMENT,
    ),
    indexes=[
        # A device is told of a message by one push, whoever adds it.
        IndexModel([("session_id", 1), ("message_id", 1)], unique=True),
        IndexModel([("state", 1), ("platform", 1), ("due_at", 1)]),
        IndexModel([("created_at", 1)], expireAfterSeconds=int(KEPT_FOR.total_seconds())),
    ],
)


class PushRepository:
    """Reads and writes pushes."""

    def __init__(self, database: Database) -> None:
        self._pushes = database.collection(PUSHES)
        self._queue = ClaimQueue(self._pushes, "platform")

    async def told(self, message_id: str, devices: Sequence[PushDevice], session: Session) -> set[str]:
        """Those of these devices, by their sessions, that have a push of this message already."""
        session_ids = sorted(each.session_id for each in devices)
        found = await self._pushes.find(
            {"session_id": {"$in": session_ids}, "message_id": message_id}, session=session
        )
        return {each["session_id"] for each in found}

    async def add(
        self, wishes: Sequence[tuple[PushWish, PushDevice, datetime]], now: datetime, session: Session
    ) -> None:
        """Adds a push for each device, and from when on it is due.

        Where somebody else has just told one of the devices, the transaction runs again.
        """
        try:
            await self._pushes.insert_many([_document_of(*each, now) for each in wishes], session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None

    async def due_platforms(self, now: datetime) -> list[str]:
        """The platforms that have something due."""
        return await self._queue.due_receivers(now)

    async def claim(self, platform: str, now: datetime, until: datetime) -> Push | None:
        found = await self._queue.claim(platform, now, until)
        return _push_from(found) if found else None

    async def end(self, push: Push, state: PushState, reason: str | None = None) -> None:
        """Writes down what became of it, unless somebody else has claimed it since."""
        changes: Document = {"state": state.value, "reason": reason, "due_at": None}
        await self._queue.finish(push.id, push.claim, {"$set": changes})

    async def put_off(self, push: Push, due_at: datetime, reason: str | None, *, counts: bool) -> None:
        """Has it tried again then. What was put off without a try does not count as one."""
        tries = push.tries if counts else push.tries - 1
        changes: Document = {"due_at": due_at, "reason": reason, "tries": tries}
        await self._queue.finish(push.id, push.claim, {"$set": changes})


def _document_of(wish: PushWish, device: PushDevice, due_at: datetime, now: datetime) -> Document:
    return {
        "_id": new_id(),
        "session_id": device.session_id,
        "member_id": wish.member_id,
        "platform": device.platform.value,
        "message_id": wish.message_id,
        "message_class": wish.message_class.value,
        "collapse_key": wish.collapse_key,
        "time_zone": wish.time_zone or device.time_zone,
        "needs_location": wish.needs_location,
        "state": PENDING,
        "reason": None,
        "due_at": due_at,
        "claim": None,
        "tries": 0,
        "expires_at": wish.expires_at,
        "created_at": now,
    }


def _push_from(found: dict[str, Any]) -> Push:
    return Push(
        id=found["_id"],
        session_id=found["session_id"],
        member_id=found["member_id"],
        platform=PushPlatform(found["platform"]),
        message_id=found["message_id"],
        message_class=MessageClass(found["message_class"]),
        collapse_key=found["collapse_key"],
        time_zone=found["time_zone"],
        needs_location=found["needs_location"],
        expires_at=found["expires_at"],
        tries=found["tries"],
        claim=found["claim"],
    )
