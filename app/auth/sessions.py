"""Sessions in MongoDB: one for each device that is signed in, with the hashes of its refresh tokens."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import DESCENDING, IndexModel

from app.shared.database import CollectionDefinition, Database, Document, Session
from app.shared.documents import BOOLEAN, MOMENT, STRING, document, nullable, one_of
from app.shared.i18n import Language

SESSIONS = CollectionDefinition(
    "sessions",
    validator=document(
        _id=STRING,
        member_id=STRING,
        device_name=nullable(STRING),
        language=one_of(Language),
        card_secret=STRING,
        card_secret_is_given=BOOLEAN,
        refresh_token_hash=STRING,
        sealed_successor=nullable(STRING),
        previous_token_hash=nullable(STRING),
        token_family=STRING,
        created_at=MOMENT,
        last_used_at=MOMENT,
        expires_at=MOMENT,
        ends_at=MOMENT,
    ),
    indexes=[
        IndexModel([("member_id", 1), ("created_at", -1)]),
        IndexModel([("expires_at", 1)], expireAfterSeconds=0),
    ],
)


@dataclass(frozen=True, slots=True)
class DeviceSession:
    """A device that is signed in.

    It ends when it was not used until `expires_at`, and at `ends_at` in any case. The refresh token
    was last exchanged at `last_used_at`; `sealed_successor` is what it was exchanged for, readable with
    the token before only. `card_secret` (base32) draws the card's rotating code; the device is given it once.
    """

    id: str
    member_id: str
    device_name: str | None
    language: Language
    card_secret: str
    refresh_token_hash: str
    token_family: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ends_at: datetime
    sealed_successor: str | None = None
    previous_token_hash: str | None = None
    card_secret_is_given: bool = False


class SessionRepository:
    """Reads and writes sessions."""

    def __init__(self, database: Database) -> None:
        self._sessions = database.collection(SESSIONS)

    async def get(self, session_id: str, now: datetime) -> DeviceSession | None:
        """The session, if it lives."""
        found = await self._sessions.find_one({"_id": session_id, "expires_at": {"$gt": now}})
        return session_from(found) if found else None

    async def lives(self, session_id: str, now: datetime) -> bool:
        return await self.get(session_id, now) is not None

    async def of_member(
        self, member_id: str, now: datetime, limit: int, session: Session = None
    ) -> list[DeviceSession]:
        """The member's living sessions, the newest first."""
        found = await self._sessions.find(
            {"member_id": member_id, "expires_at": {"$gt": now}},
            sort=[("created_at", DESCENDING)],
            limit=limit,
            session=session,
        )
        return [session_from(each) for each in found]

    async def add(self, device: DeviceSession, session: Session) -> None:
        await self._sessions.insert_one(document_of(device), session=session)

    async def add_many(self, devices: Iterable[DeviceSession], session: Session) -> None:
        await self._sessions.insert_many([document_of(device) for device in devices], session=session)

    async def exchange(
        self,
        session_id: str,
        old_hash: str,
        new_hash: str,
        sealed_successor: str,
        now: datetime,
        expires_at: datetime,
    ) -> DeviceSession | None:
        """Replaces the living session's refresh token, if the old one is still it: one caller succeeds."""
        found = await self._sessions.find_one_and_update(
            {"_id": session_id, "refresh_token_hash": old_hash, "expires_at": {"$gt": now}},
            [
                {
                    "$set": {
                        "refresh_token_hash": new_hash,
                        "sealed_successor": sealed_successor,
                        "previous_token_hash": old_hash,
                        "last_used_at": now,
                        "expires_at": {"$min": [expires_at, "$ends_at"]},
                    }
                }
            ],
        )
        return session_from(found) if found else None

    async def give_card_secret(self, session_id: str) -> bool:
        """Marks the card's secret as given; true for the first caller only."""
        query = {"_id": session_id, "card_secret_is_given": False}
        update = {"$set": {"card_secret_is_given": True}}
        return await self._sessions.find_one_and_update(query, update) is not None

    async def remove(self, member_id: str, session_id: str) -> bool:
        """Ends one session of the member; false when there is none."""
        return await self._sessions.delete_many({"_id": session_id, "member_id": member_id}) > 0

    async def remove_all(self, member_id: str, session: Session = None) -> None:
        await self._sessions.delete_many({"member_id": member_id}, session=session)

    async def remove_many(self, session_ids: list[str], session: Session) -> None:
        await self._sessions.delete_many({"_id": {"$in": session_ids}}, session=session)


def document_of(device: DeviceSession) -> Document:
    return {
        "_id": device.id,
        "member_id": device.member_id,
        "device_name": device.device_name,
        "language": device.language.value,
        "card_secret": device.card_secret,
        "card_secret_is_given": device.card_secret_is_given,
        "refresh_token_hash": device.refresh_token_hash,
        "sealed_successor": device.sealed_successor,
        "previous_token_hash": device.previous_token_hash,
        "token_family": device.token_family,
        "created_at": device.created_at,
        "last_used_at": device.last_used_at,
        "expires_at": device.expires_at,
        "ends_at": device.ends_at,
    }


def session_from(found: dict[str, Any]) -> DeviceSession:
    return DeviceSession(
        id=found["_id"],
        member_id=found["member_id"],
        device_name=found["device_name"],
        language=Language(found["language"]),
        card_secret=found["card_secret"],
        card_secret_is_given=found["card_secret_is_given"],
        refresh_token_hash=found["refresh_token_hash"],
        created_at=found["created_at"],
        last_used_at=found["last_used_at"],
        expires_at=found["expires_at"],
        ends_at=found["ends_at"],
        sealed_successor=found["sealed_successor"],
        previous_token_hash=found["previous_token_hash"],
        token_family=found["token_family"],
    )
