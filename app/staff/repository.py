"""Staff in MongoDB."""

from collections.abc import Iterable
from datetime import datetime

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.auth.roles import Role
from app.shared.i18n import Language
from app.shared.mongodb.database import CollectionDefinition, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, at_least, document, nullable, one_of
from app.shared.paging import Page, PageRequest, page_of
from app.staff.errors import StaffCodeTaken
from app.staff.model import StaffMember

STAFF = CollectionDefinition(
    "staff",
    validator=document(
        _id=STRING,
        code=STRING,
        name=STRING,
        role=one_of(Role),
        store_id=nullable(STRING),
        language=one_of(Language),
        pin_hash=STRING,
        added_at=MOMENT,
        last_signed_in_at=nullable(MOMENT),
        sign_ins=at_least(0),
    ),
    indexes=[
        IndexModel([("code", 1)], unique=True),
        IndexModel([("store_id", 1), ("code", 1)]),
    ],
)


class StaffRepository:
    """Reads and writes staff. A PIN's hash is given out beside a staff member, never as a part of her."""

    def __init__(self, database: Database) -> None:
        self._staff = database.collection(STAFF)

    async def get(self, staff_id: str, session: Session = None) -> StaffMember | None:
        found = await self._staff.find_one({"_id": staff_id}, session=session)
        return _staff_member_from(found) if found else None

    async def with_pin_by_code(self, code: str) -> tuple[StaffMember, str] | None:
        """The staff member with this code and her PIN's hash."""
        found = await self._staff.find_one({"code": code})
        return (_staff_member_from(found), found["pin_hash"]) if found else None

    async def by_code(self, code: str) -> StaffMember | None:
        found = await self._staff.find_one({"code": code})
        return _staff_member_from(found) if found else None

    async def all(self) -> list[StaffMember]:
        return [_staff_member_from(each) for each in await self._staff.find({}, sort=[("code", 1)])]

    async def page(self, store_id: str | None, request: PageRequest) -> Page[StaffMember]:
        """The staff of a store, or with None everybody, in the order of their codes."""
        query: Document = {} if store_id is None else {"store_id": store_id}
        position = request.position(str)
        if position is not None:
            query["code"] = {"$gt": position[0]}
        found = await self._staff.find(query, sort=[("code", 1)], limit=request.first + 1)
        return page_of([(_staff_member_from(each), (each["code"],)) for each in found], request)

    async def add_many(self, members: Iterable[tuple[StaffMember, str]], session: Session) -> None:
        """Adds staff, each with the hash of her PIN."""
        documents = [_document_of(member, pin_hash) for member, pin_hash in members]
        await self._staff.insert_many(documents, session=session)

    async def add(self, member: StaffMember, pin_hash: str, session: Session) -> None:
        """Adds a staff member. Raises StaffCodeTaken."""
        try:
            await self._staff.insert_one(_document_of(member, pin_hash), session=session)
        except DuplicateKeyError:
            raise StaffCodeTaken(path=["input", "code"]) from None

    async def sign_in(
        self, staff_id: str, pin_hash: str, new_pin_hash: str, now: datetime, session: Session
    ) -> StaffMember | None:
        """Notes the sign-in and keeps the new hash; None when she is gone or her PIN is another by now.

        Counting is a write each time, and so conflicts with whoever removes her at this moment: MongoDB
        leaves out a write that changes nothing.
        """
        update = {"$set": {"last_signed_in_at": now, "pin_hash": new_pin_hash}, "$inc": {"sign_ins": 1}}
        found = await self._staff.find_one_and_update(
            {"_id": staff_id, "pin_hash": pin_hash}, update, session=session
        )
        return _staff_member_from(found) if found else None

    async def change_pin(
        self, staff_id: str, new_pin_hash: str, session: Session, pin_hash: str | None = None
    ) -> bool:
        """Sets a PIN, in the place of this one if it is named; false when there is nothing to change."""
        query: Document = {"_id": staff_id}
        if pin_hash is not None:
            query["pin_hash"] = pin_hash
        update = {"$set": {"pin_hash": new_pin_hash}}
        return await self._staff.find_one_and_update(query, update, session=session) is not None

    async def remove(self, staff_id: str, session: Session) -> bool:
        """False when there is no such staff member."""
        return await self._staff.delete_many({"_id": staff_id}, session=session) > 0


def _document_of(member: StaffMember, pin_hash: str) -> Document:
    return {
        "_id": member.id,
        "code": member.code,
        "name": member.name,
        "role": member.role.value,
        "store_id": member.store_id,
        "language": member.language.value,
        "pin_hash": pin_hash,
        "added_at": member.added_at,
        "last_signed_in_at": member.last_signed_in_at,
        "sign_ins": 0,
    }


def _staff_member_from(found: Document) -> StaffMember:
    return StaffMember(
        id=found["_id"],
        code=found["code"],
        name=found["name"],
        role=Role(found["role"]),
        store_id=found["store_id"],
        language=Language(found["language"]),
        added_at=found["added_at"],
        last_signed_in_at=found["last_signed_in_at"],
    )
