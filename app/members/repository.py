"""Members in MongoDB."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.members.model import Member, Profile
from app.shared.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.documents import BOOLEAN, MOMENT, STRING, between, document, list_of, nullable, one_of
from app.shared.i18n import Language

MAXIMUM_MILES = 1_000_000_000  # inside GraphQL's 32-bit Int

MEMBERS = CollectionDefinition(
    "members",
    validator=document(
        _id=STRING,
        number=STRING,
        device_id_hash=nullable(STRING),
        language=one_of(Language),
        is_guest=BOOLEAN,
        registered_at=MOMENT,
        profile=document(
            nickname=nullable(STRING),
            birthday=nullable(STRING),
            postal_code=nullable(STRING),
            favourite_store_ids=list_of(STRING),
            favourite_categories=list_of(STRING),
        ),
        miles=between(0, MAXIMUM_MILES),
        mile_year=between(0, 9999),
    ),
    indexes=[
        IndexModel([("number", 1)], unique=True),
        IndexModel(
            [("device_id_hash", 1)],
            unique=True,
            partialFilterExpression={"device_id_hash": {"$type": "string"}},
        ),
    ],
)


class MemberRepository:
    """Reads and writes members."""

    def __init__(self, database: Database) -> None:
        self._members = database.collection(MEMBERS)

    async def get(self, member_id: str, session: Session = None) -> Member | None:
        found = await self._members.find_one({"_id": member_id}, session=session)
        return member_from(found) if found else None

    async def by_device(self, device_id_hash: str, session: Session) -> Member | None:
        found = await self._members.find_one({"device_id_hash": device_id_hash}, session=session)
        return member_from(found) if found else None

    async def by_number(self, number: str, session: Session) -> Member | None:
        found = await self._members.find_one({"number": number}, session=session)
        return member_from(found) if found else None

    async def add(self, member: Member, device_id_hash: str | None, session: Session) -> None:
        """Adds a member. Where the number or the device was taken meanwhile, the transaction runs again."""
        try:
            await self._members.insert_one(document_of(member, device_id_hash), session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def count(self) -> int:
        return await self._members.count({})

    async def add_many(self, members: Iterable[tuple[Member, str | None]], session: Session) -> None:
        """Adds members, each with the hash of her device's id if she is a guest."""
        documents = [document_of(member, device_id_hash) for member, device_id_hash in members]
        await self._members.insert_many(documents, session=session)

    async def change_language(self, member_id: str, language: Language, session: Session) -> Member:
        found = await self._members.find_one_and_update(
            {"_id": member_id}, {"$set": {"language": language.value}}, session=session
        )
        if found is None:
            raise LookupError(f"member {member_id} is gone")
        return member_from(found)

    async def change_profile(self, member_id: str, changes: Document, session: Session) -> Member | None:
        """Sets the named profile fields, and no others."""
        if not changes:
            return await self.get(member_id, session)
        update = {"$set": {f"profile.{name}": value for name, value in changes.items()}}
        found = await self._members.find_one_and_update({"_id": member_id}, update, session=session)
        return member_from(found) if found else None


def document_of(member: Member, device_id_hash: str | None) -> Document:
    profile = member.profile
    return {
        "_id": member.id,
        "number": member.number,
        "device_id_hash": device_id_hash,
        "language": member.language.value,
        "is_guest": member.is_guest,
        "registered_at": member.registered_at,
        "profile": {
            "nickname": profile.nickname,
            "birthday": profile.birthday.isoformat() if profile.birthday else None,
            "postal_code": profile.postal_code,
            "favourite_store_ids": list(profile.favourite_store_ids),
            "favourite_categories": list(profile.favourite_categories),
        },
        "miles": member.miles,
        "mile_year": member.mile_year,
    }


def member_from(found: Document) -> Member:
    profile: dict[str, Any] = found["profile"]
    return Member(
        id=found["_id"],
        number=found["number"],
        language=Language(found["language"]),
        is_guest=found["is_guest"],
        registered_at=found["registered_at"],
        profile=Profile(
            nickname=profile["nickname"],
            birthday=date.fromisoformat(profile["birthday"]) if profile["birthday"] else None,
            postal_code=profile["postal_code"],
            favourite_store_ids=tuple(profile["favourite_store_ids"]),
            favourite_categories=tuple(profile["favourite_categories"]),
        ),
        miles=found["miles"],
        mile_year=found["mile_year"],
    )
