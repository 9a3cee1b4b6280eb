"""Members in MongoDB."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.members.model import Member, Profile, RevokedCard, YearMiles
from app.shared.i18n import Language
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import (
    BOOLEAN,
    IS_MOMENT,
    IS_TEXT,
    MOMENT,
    STRING,
    at_least,
    between,
    document,
    list_of,
    nullable,
    one_of,
)
from app.shared.mongodb.following import following
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest, moment_of, page_of

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
        times_opened=at_least(1),
        merged_into=nullable(STRING),
        merged_at=nullable(MOMENT),
        profile=document(
            nickname=nullable(STRING),
            birthday=nullable(STRING),
            postal_code=nullable(STRING),
            favourite_store_ids=list_of(STRING),
            favourite_categories=list_of(STRING),
        ),
        mile_years=list_of(document(year=between(1, 9999), miles=between(0, MAXIMUM_MILES))),
    ),
    indexes=[
        IndexModel([("number", 1)], unique=True),
        IndexModel(
            [("device_id_hash", 1)],
            unique=True,
            partialFilterExpression={"device_id_hash": IS_TEXT},
        ),
        IndexModel(
            [("profile.birthday", 1), ("_id", 1)],
            partialFilterExpression={"profile.birthday": {"$type": "string"}},
        ),
        IndexModel([("registered_at", 1)]),
        IndexModel([("merged_at", 1), ("_id", 1)], partialFilterExpression={"merged_at": IS_MOMENT}),
    ],
)


_LIVING_GUEST = {"is_guest": True, "merged_into": None}


class MemberRepository:
    """Reads and writes members."""

    def __init__(self, database: Database) -> None:
        self._members = database.collection(MEMBERS)

    def reading(self, member_id: str) -> Reading[Member | None]:
        return Reading(
            MEMBERS,
            [{"$match": {"_id": member_id}}],
            lambda found: member_from(found[0]) if found else None,
        )

    def reading_named(self, source: Reading[object], field: str) -> Reading[Member | None]:
        """The member whom what the source finds names in this field."""
        members = Reading(MEMBERS, [], lambda found: member_from(found[0]) if found else None)
        return following(source, field, members)

    async def get(self, member_id: str, session: Session = None) -> Member | None:
        found = await self._members.find_one({"_id": member_id}, session=session)
        return member_from(found) if found else None

    async def get_many(self, member_ids: Sequence[str]) -> list[Member]:
        found = await self._members.find({"_id": {"$in": list(member_ids)}})
        return [member_from(each) for each in found]

    async def batch_after(self, number: str, limit: int) -> list[Member]:
        """The next members after this card number, in the order of numbers; not those who became part of
        another.
        """
        found = await self._members.find(
            {"number": {"$gt": number}, "merged_into": None}, sort=[("number", 1)], limit=limit
        )
        return [member_from(each) for each in found]

    async def born_on(
        self, days: Sequence[tuple[int, int]], years: range, after: str, limit: int
    ) -> list[Member]:
        """The members born in these years on one of these days of the year, those with a later id.

        Every day there was is named, so that the index leads to them. Not those who became part of another.
        """
        born = [f"{year:04}-{month:02}-{day:02}" for year in years for month, day in days]
        found = await self._members.find(
            {
                "profile.birthday": {"$in": born, "$type": "string"},
                "_id": {"$gt": after},
                "merged_into": None,
            },
            sort=[("_id", 1)],
            limit=limit,
        )
        return [member_from(each) for each in found]

    async def registered_between(self, begins: datetime, ends: datetime) -> list[str]:
        """The ids of those who got their card from then until just before."""
        found = await self._members.aggregate(
            [
                {"$match": {"registered_at": {"$gte": begins, "$lt": ends}, "merged_into": None}},
                {"$project": {"_id": 1}},
            ]
        )
        return [each["_id"] for each in found]

    async def by_device(self, device_id_hash: str, session: Session) -> Member | None:
        found = await self._members.find_one(
            {"device_id_hash": {"$eq": device_id_hash, **IS_TEXT}}, session=session
        )
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

    async def open_again(self, guest_id: str, language: Language, session: Session) -> Member | None:
        """Counts that the guest's device opened her account again; None when she is no guest any more.

        The count changes her document each time, so that she is not signed up or merged at the same time.
        """
        found = await self._members.find_one_and_update(
            {"_id": guest_id, **_LIVING_GUEST},
            {"$set": {"language": language.value}, "$inc": {"times_opened": 1}},
            session=session,
        )
        return member_from(found) if found else None

    async def sign_up(self, guest_id: str, session: Session) -> Member | None:
        """Makes a guest a signed-up member; None when she is no guest any more."""
        found = await self._members.find_one_and_update(
            {"_id": guest_id, **_LIVING_GUEST}, {"$set": {"is_guest": False}}, session=session
        )
        return member_from(found) if found else None

    async def close(
        self, guest_id: str, merged_into: str, merged_at: datetime, session: Session
    ) -> Member | None:
        """Marks a guest as merged, once, and frees her device for another one; None when she is no guest."""
        found = await self._members.find_one_and_update(
            {"_id": guest_id, **_LIVING_GUEST},
            {"$set": {"merged_into": merged_into, "merged_at": merged_at, "device_id_hash": None}},
            session=session,
        )
        return member_from(found) if found else None

    async def take_over(self, member_id: str, favourites: Document, session: Session) -> Member | None:
        """Sets the favourites of a member who is no guest."""
        found = await self._members.find_one_and_update(
            {"_id": member_id, "is_guest": False}, {"$set": _profile_fields(favourites)}, session=session
        )
        return member_from(found) if found else None

    async def merged(self, since: datetime | None, request: PageRequest) -> Page[RevokedCard]:
        """The cards of guests who were merged since then, the first one first. Raises CursorInvalid."""
        query: Document = {"merged_at": IS_MOMENT if since is None else {"$gte": since, **IS_MOMENT}}
        position = request.position(str, str)
        if position is not None:
            moment = moment_of(position[0])
            after = {"merged_at": moment, "_id": {"$gt": position[1]}}
            query["$or"] = [{"merged_at": {"$gt": moment}}, after]
        found = await self._members.find(query, sort=[("merged_at", 1), ("_id", 1)], limit=request.first + 1)
        return page_of(
            [
                (RevokedCard(each["number"], each["merged_at"]), (each["merged_at"].isoformat(), each["_id"]))
                for each in found
            ],
            request,
        )

    async def set_miles(self, before: Member, after: Member, session: Session) -> None:
        """Sets a member's miles; where somebody else changed them first, the transaction runs again."""
        found = await self._members.find_one_and_update(
            {"_id": before.id, "mile_years": _years_documents(before)},
            {"$set": {"mile_years": _years_documents(after)}},
            session=session,
        )
        if found is None:
            raise ConcurrentChange

    async def living_by_number(self, number: str, session: Session) -> Member | None:
        """The member with this number, or the one whom she became when she was merged."""
        return await self._living({"number": number}, session)

    async def living(self, member_id: str, session: Session) -> Member | None:
        """The member with this id, or the one whom she became when she was merged."""
        return await self._living({"_id": member_id}, session)

    async def _living(self, query: Document, session: Session) -> Member | None:
        found = await self._members.find_one(query, session=session)
        while found is not None and found["merged_into"] is not None:
            found = await self._members.find_one({"_id": found["merged_into"]}, session=session)
        return member_from(found) if found else None

    async def change_profile(self, member_id: str, changes: Document, session: Session) -> Member | None:
        """Sets the named fields of the profile, and the language, and no others."""
        if not changes:
            return await self.get(member_id, session)
        found = await self._members.find_one_and_update(
            {"_id": member_id}, {"$set": _profile_fields(changes)}, session=session
        )
        return member_from(found) if found else None


def _years_documents(member: Member) -> list[Document]:
    return [{"year": each.year, "miles": each.miles} for each in member.mile_years]


def _profile_fields(changes: Document) -> Document:
    return {name if name == "language" else f"profile.{name}": value for name, value in changes.items()}


def document_of(member: Member, device_id_hash: str | None) -> Document:
    profile = member.profile
    return {
        "_id": member.id,
        "number": member.number,
        "device_id_hash": device_id_hash,
        "language": member.language.value,
        "is_guest": member.is_guest,
        "registered_at": member.registered_at,
        "times_opened": 1,
        "merged_into": None,
        "merged_at": None,
        "profile": {
            "nickname": profile.nickname,
            "birthday": profile.birthday.isoformat() if profile.birthday else None,
            "postal_code": profile.postal_code,
            "favourite_store_ids": list(profile.favourite_store_ids),
            "favourite_categories": list(profile.favourite_categories),
        },
        "mile_years": _years_documents(member),
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
        mile_years=tuple(YearMiles(each["year"], each["miles"]) for each in found["mile_years"]),
    )
