"""Challenges, proven addresses and merged guests in MongoDB."""

from collections.abc import Iterable
from datetime import datetime

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.messages.model import MessageChannel
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import (
    BOOLEAN,
    MOMENT,
    STRING,
    WHOLE_NUMBER,
    at_least,
    document,
    list_of,
    nullable,
    one_of,
)
from app.sign_in.model import Address, Challenge, GuestMerge, LetIn, ProvenAddress

ADDRESSES_A_MEMBER = 10

_EVERY_CHALLENGE = {
    "_id": STRING,
    "channel": one_of(MessageChannel),
    "destination": STRING,
    "code_hash": STRING,
    "tries_left": at_least(0),
    "expires_at": MOMENT,
}

SIGN_IN_CHALLENGES = CollectionDefinition(
    "sign_in_challenges",
    validator={
        "anyOf": [document(**_EVERY_CHALLENGE), document(**_EVERY_CHALLENGE, known_tries=list_of(STRING))]
    },
    indexes=[IndexModel([("expires_at", 1)], expireAfterSeconds=0)],
)

SIGN_IN_ANSWERS = CollectionDefinition(
    "sign_in_answers",
    validator=document(
        _id=STRING,
        member_id=STRING,
        session_id=STRING,
        sealed_token=STRING,
        is_new=BOOLEAN,
        guest_id=nullable(STRING),
        expires_at=MOMENT,
    ),
    indexes=[IndexModel([("expires_at", 1)], expireAfterSeconds=0)],
)

SIGN_IN_ADDRESSES = CollectionDefinition(
    "sign_in_addresses",
    validator=document(
        _id=STRING,
        channel=one_of(MessageChannel),
        destination=STRING,
        member_id=STRING,
        proven_at=MOMENT,
    ),
    indexes=[IndexModel([("member_id", 1), ("proven_at", 1)])],
)

GUEST_MERGES = CollectionDefinition(
    "guest_merges",
    validator=document(
        _id=STRING,
        member_id=STRING,
        points_moved=WHOLE_NUMBER,
        points_withdrawn=at_least(0),
        check_ins_moved=at_least(0),
        check_ins_declined=at_least(0),
        purchases_moved=at_least(0),
        orders_moved=at_least(0),
        merged_at=MOMENT,
    ),
    indexes=[IndexModel([("member_id", 1), ("merged_at", -1)])],
)


class ChallengeRepository:
    """Reads and writes challenges, by keys that do not tell their ids."""

    def __init__(self, database: Database) -> None:
        self._challenges = database.collection(SIGN_IN_CHALLENGES)

    async def add(
        self, key: str, challenge: Challenge, tries: int, expires_at: datetime, now: datetime
    ) -> bool:
        """False when there is one with this key that is still good."""
        good: Document = {
            "channel": challenge.address.channel.value,
            "destination": challenge.address.destination,
            "code_hash": challenge.code_hash,
            "tries_left": tries,
            "known_tries": [],
            "expires_at": expires_at,
        }
        try:
            await self._challenges.find_one_and_update(
                {"_id": key, "expires_at": {"$lte": now}}, {"$set": good}, upsert=True
            )
        except DuplicateKeyError:
            return False
        return True

    async def expiry(self, key: str, now: datetime) -> datetime | None:
        """Until when the challenge is good; None when it is too old, was used, or was never made."""
        found = await self._challenges.find_one({"_id": key, "expires_at": {"$gt": now}})
        return found["expires_at"] if found else None

    async def take_try(self, key: str, try_id: str | None, now: datetime) -> Challenge | None:
        """The challenge, for one try less; None when it has none left, is too old, or was never made."""
        query: Document = {"_id": key, "tries_left": {"$gt": 0}, "expires_at": {"$gt": now}}
        update: Document = {"$inc": {"tries_left": -1}}
        if try_id is not None:
            query["known_tries"] = {"$ne": try_id}
            update["$push"] = {"known_tries": try_id}
        found = await self._challenges.find_one_and_update(query, update)
        return _challenge_from(found) if found else None

    async def tried_before(self, key: str, try_id: str, now: datetime) -> Challenge | None:
        """The challenge, if this very try was taken from it."""
        found = await self._challenges.find_one(
            {"_id": key, "known_tries": try_id, "expires_at": {"$gt": now}}
        )
        return _challenge_from(found) if found else None

    async def remove(self, key: str, session: Session = None) -> bool:
        """False when it was removed before."""
        return await self._challenges.delete_many({"_id": key}, session=session) > 0


def _challenge_from(found: Document) -> Challenge:
    return Challenge(Address(MessageChannel(found["channel"]), found["destination"]), found["code_hash"])


class AnswerRepository:
    """Reads and writes who was let in by which try, for as long as that is told again."""

    def __init__(self, database: Database) -> None:
        self._answers = database.collection(SIGN_IN_ANSWERS)

    async def add(self, try_id: str, let_in: LetIn, expires_at: datetime, session: Session) -> None:
        await self._answers.insert_one(
            {
                "_id": try_id,
                "member_id": let_in.member_id,
                "session_id": let_in.session_id,
                "sealed_token": let_in.sealed_token,
                "is_new": let_in.is_new,
                "guest_id": let_in.guest_id,
                "expires_at": expires_at,
            },
            session=session,
        )

    async def get(self, try_id: str, now: datetime) -> LetIn | None:
        found = await self._answers.find_one({"_id": try_id, "expires_at": {"$gt": now}})
        if found is None:
            return None
        return LetIn(
            member_id=found["member_id"],
            session_id=found["session_id"],
            sealed_token=found["sealed_token"],
            is_new=found["is_new"],
            guest_id=found["guest_id"],
        )


class AddressRepository:
    """Reads and writes whose address is whose."""

    def __init__(self, database: Database) -> None:
        self._addresses = database.collection(SIGN_IN_ADDRESSES)

    async def member_of(self, address: Address, session: Session) -> str | None:
        """The id of the member who has proven this address."""
        found = await self._addresses.find_one({"_id": address.id}, session=session)
        return found["member_id"] if found else None

    async def of_member(self, member_id: str) -> list[ProvenAddress]:
        found = await self._addresses.find(
            {"member_id": member_id}, sort=[("proven_at", ASCENDING)], limit=ADDRESSES_A_MEMBER
        )
        return [
            ProvenAddress(Address(MessageChannel(each["channel"]), each["destination"]), each["proven_at"])
            for each in found
        ]

    async def add(self, address: Address, member_id: str, now: datetime, session: Session) -> None:
        """Where somebody else was first with this address, the transaction runs again."""
        try:
            await self._addresses.insert_one(_address_document(address, member_id, now), session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def add_many(self, addresses: Iterable[tuple[Address, str, datetime]], session: Session) -> None:
        """Adds addresses, each with its member's id and when it was proven."""
        await self._addresses.insert_many([_address_document(*each) for each in addresses], session=session)


def _address_document(address: Address, member_id: str, proven_at: datetime) -> Document:
    return {
        "_id": address.id,
        "channel": address.channel.value,
        "destination": address.destination,
        "member_id": member_id,
        "proven_at": proven_at,
    }


class MergeRepository:
    """Reads and writes which guests were merged, each once."""

    def __init__(self, database: Database) -> None:
        self._merges = database.collection(GUEST_MERGES)

    async def get(self, guest_id: str) -> GuestMerge | None:
        found = await self._merges.find_one({"_id": guest_id})
        return GuestMerge(guest_id=found.pop("_id"), **found) if found else None

    async def add(self, merge: GuestMerge, session: Session) -> None:
        await self._merges.insert_one(
            {
                "_id": merge.guest_id,
                "member_id": merge.member_id,
                "points_moved": merge.points_moved,
                "points_withdrawn": merge.points_withdrawn,
                "check_ins_moved": merge.check_ins_moved,
                "check_ins_declined": merge.check_ins_declined,
                "purchases_moved": merge.purchases_moved,
                "orders_moved": merge.orders_moved,
                "merged_at": merge.merged_at,
            },
            session=session,
        )
