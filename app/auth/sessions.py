"""Sessions in MongoDB: one for each device that is signed in, with the hashes of its refresh tokens.

A session is a member's, on her own device, or a staff member's, on a store's device.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pymongo import DESCENDING, IndexModel

from app.auth.actor import StaffActor
from app.auth.roles import Role
from app.shared.i18n import Language
from app.shared.mongodb.database import CollectionDefinition, Database, Document, Session
from app.shared.mongodb.documents import BOOLEAN, MOMENT, STRING, at_least, document, nullable, one_of
from app.shared.mongodb.reading import Reading

# What every session has, whoever it belongs to.
_EVERY_SESSION = {
    "_id": STRING,
    "language": one_of(Language),
    "refresh_token_hash": STRING,
    "sealed_successor": nullable(STRING),
    "previous_token_hash": nullable(STRING),
    "token_family": STRING,
    "created_at": MOMENT,
    "last_used_at": MOMENT,
    "expires_at": MOMENT,
    "ends_at": MOMENT,
}

SESSIONS = CollectionDefinition(
    "sessions",
    validator={
        "anyOf": [
            document(
                **_EVERY_SESSION,
                member_id=STRING,
                device_name=nullable(STRING),
                card_secret=STRING,
                card_secret_is_given=BOOLEAN,
            ),
            document(
                **_EVERY_SESSION,
                staff_id=STRING,
                role=one_of(Role),
                store_id=nullable(STRING),
                device_id=STRING,
                acts=at_least(0),
            ),
        ]
    },
    indexes=[
        IndexModel([("member_id", 1), ("created_at", -1)]),
        IndexModel([("staff_id", 1), ("device_id", 1)], sparse=True),
        IndexModel([("device_id", 1)], sparse=True),
        IndexModel([("expires_at", 1)], expireAfterSeconds=0),
    ],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSession:
    """A device that is signed in.

    It ends when it was not used until `expires_at`, and at `ends_at` in any case. The refresh token
    was last exchanged at `last_used_at`; `sealed_successor` is what it was exchanged for, readable with
    the token before only.
    """

    id: str
    language: Language
    refresh_token_hash: str
    token_family: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ends_at: datetime
    sealed_successor: str | None = None
    previous_token_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSession(DeviceSession):
    """A member's own device.

    `card_secret` (base32) draws the card's rotating code; the device is given it once.
    """

    member_id: str
    device_name: str | None
    card_secret: str
    card_secret_is_given: bool = False

    @property
    def holder(self) -> str:
        return f"member:{self.member_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession(DeviceSession):
    """A staff member's shift on a device; `store_id` is the device's, None at headquarters."""

    staff_id: str
    role: Role
    store_id: str | None
    device_id: str

    @property
    def holder(self) -> str:
        return f"staff:{self.staff_id}"

    @property
    def actor(self) -> StaffActor:
        return StaffActor(self.staff_id, self.role, self.store_id, self.device_id, self.id, self.language)


AnySession = MemberSession | StaffSession


class SessionRepository:
    """Reads and writes sessions."""

    def __init__(self, database: Database) -> None:
        self._sessions = database.collection(SESSIONS)

    async def get(self, session_id: str, now: datetime) -> AnySession | None:
        """The session, if it lives."""
        found = await self._sessions.find_one({"_id": session_id, "expires_at": {"$gt": now}})
        return session_from(found) if found else None

    def reading(self, session_id: str, now: datetime) -> Reading[AnySession | None]:
        """The session, if it lives."""
        return Reading(
            SESSIONS,
            [{"$match": {"_id": session_id, "expires_at": {"$gt": now}}}],
            lambda found: session_from(found[0]) if found else None,
        )

    async def lives(self, session_id: str, now: datetime) -> Literal[True] | None:
        return True if await self.get(session_id, now) else None

    async def of_member(
        self, member_id: str, now: datetime, limit: int, session: Session = None
    ) -> list[MemberSession]:
        """The member's living sessions, the newest first."""
        found = await self._sessions.find(
            {"member_id": member_id, "expires_at": {"$gt": now}},
            sort=[("created_at", DESCENDING)],
            limit=limit,
            session=session,
        )
        return [member_session_from(each) for each in found]

    async def add(self, device: AnySession, session: Session) -> None:
        await self._sessions.insert_one(document_of(device), session=session)

    async def add_many(self, devices: Iterable[AnySession], session: Session) -> None:
        await self._sessions.insert_many([document_of(device) for device in devices], session=session)

    async def exchange(
        self,
        session_id: str,
        old_hash: str,
        new_hash: str,
        sealed_successor: str,
        now: datetime,
        expires_at: datetime,
    ) -> AnySession | None:
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

    async def act(self, session_id: str, now: datetime, session: Session) -> bool:
        """Notes that a staff member acts; false when her session has ended.

        Counting is a write each time, and so conflicts with whoever ends the session at this moment: MongoDB
        leaves out a write that changes nothing.
        """
        query = {"_id": session_id, "expires_at": {"$gt": now}}
        update = {"$inc": {"acts": 1}}
        return await self._sessions.find_one_and_update(query, update, session=session) is not None

    async def remove(self, member_id: str, session_id: str) -> bool:
        """Ends one session of the member; false when there is none."""
        return await self._sessions.delete_many({"_id": session_id, "member_id": member_id}) > 0

    async def remove_all(self, member_id: str, session: Session = None) -> None:
        await self._sessions.delete_many({"member_id": member_id}, session=session)

    async def remove_many(self, session_ids: list[str], session: Session = None) -> int:
        return await self._sessions.delete_many({"_id": {"$in": session_ids}}, session=session)

    async def remove_of_staff(
        self,
        staff_id: str,
        session: Session,
        *,
        device_id: str | None = None,
        begun_before: datetime | None = None,
        except_id: str | None = None,
    ) -> None:
        """Ends her sessions: all, or those on one device, or of some time; one of them may be spared."""
        query: Document = {"staff_id": staff_id}
        if device_id is not None:
            query["device_id"] = device_id
        if begun_before is not None:
            query["created_at"] = {"$lt": begun_before}
        if except_id is not None:
            query["_id"] = {"$ne": except_id}
        await self._sessions.delete_many(query, session=session)

    async def remove_of_device(self, device_id: str, session: Session) -> None:
        await self._sessions.delete_many({"device_id": device_id}, session=session)


def document_of(device: AnySession) -> Document:
    found = {
        "_id": device.id,
        "language": device.language.value,
        "refresh_token_hash": device.refresh_token_hash,
        "sealed_successor": device.sealed_successor,
        "previous_token_hash": device.previous_token_hash,
        "token_family": device.token_family,
        "created_at": device.created_at,
        "last_used_at": device.last_used_at,
        "expires_at": device.expires_at,
        "ends_at": device.ends_at,
    }
    if isinstance(device, StaffSession):
        return {
            **found,
            "staff_id": device.staff_id,
            "role": device.role.value,
            "store_id": device.store_id,
            "device_id": device.device_id,
            "acts": 0,
        }
    return {
        **found,
        "member_id": device.member_id,
        "device_name": device.device_name,
        "card_secret": device.card_secret,
        "card_secret_is_given": device.card_secret_is_given,
    }


def session_from(found: Document) -> AnySession:
    return _staff_session_from(found) if "staff_id" in found else member_session_from(found)


def member_session_from(found: Document) -> MemberSession:
    return MemberSession(
        member_id=found["member_id"],
        device_name=found["device_name"],
        card_secret=found["card_secret"],
        card_secret_is_given=found["card_secret_is_given"],
        **_common_of(found),
    )


def _staff_session_from(found: Document) -> StaffSession:
    return StaffSession(
        staff_id=found["staff_id"],
        role=Role(found["role"]),
        store_id=found["store_id"],
        device_id=found["device_id"],
        **_common_of(found),
    )


def _common_of(found: Document) -> dict[str, Any]:
    return {
        "id": found["_id"],
        "language": Language(found["language"]),
        "refresh_token_hash": found["refresh_token_hash"],
        "sealed_successor": found["sealed_successor"],
        "previous_token_hash": found["previous_token_hash"],
        "token_family": found["token_family"],
        "created_at": found["created_at"],
        "last_used_at": found["last_used_at"],
        "expires_at": found["expires_at"],
        "ends_at": found["ends_at"],
    }
