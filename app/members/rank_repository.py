"""The changes of members' ranks in MongoDB: a chain for each member, added to and never changed."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from app.members.model import Rank
from app.members.ranks import RankChange, RankReason
from app.shared.mongodb.chains import page_of_chain
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import MOMENT, STRING, at_least, document, nullable, one_of
from app.shared.paging import Page, PageRequest

RANK_CHANGES = CollectionDefinition(
    "rank_changes",
    validator=document(
        _id=STRING,
        member_id=STRING,
        seq=at_least(1),
        before=one_of(Rank),
        after=one_of(Rank),
        reason=one_of(RankReason),
        reference=nullable(STRING),
        changed_at=MOMENT,
    ),
    indexes=[
        IndexModel([("member_id", 1), ("seq", 1)], unique=True),
        IndexModel([("member_id", 1), ("changed_at", 1), ("seq", 1)]),
    ],
)


class RankRepository:
    """Reads and extends the histories of ranks."""

    def __init__(self, database: Database) -> None:
        self._changes = database.collection(RANK_CHANGES)

    async def newest(self, member_id: str, session: Session = None) -> RankChange | None:
        found = await self._changes.find_one(
            {"member_id": member_id}, sort=[("seq", DESCENDING)], session=session
        )
        return _change_from(found) if found else None

    async def first_after(self, member_id: str, moment: datetime, session: Session) -> RankChange | None:
        """The first change that came after this moment."""
        found = await self._changes.find_one(
            {"member_id": member_id, "changed_at": {"$gt": moment}},
            sort=[("changed_at", ASCENDING), ("seq", ASCENDING)],
            session=session,
        )
        return _change_from(found) if found else None

    async def add(self, changes: Sequence[RankChange], session: Session) -> None:
        """Adds the next changes; where somebody else was first, the transaction runs again."""
        if not changes:
            return
        try:
            await self._changes.insert_many([_document_of(each) for each in changes], session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None

    async def page(self, member_id: str, request: PageRequest) -> Page[RankChange]:
        """The member's changes, the newest first."""
        return await page_of_chain(self._changes, member_id, request, _change_from)


def _document_of(change: RankChange) -> Document:
    return {
        "_id": change.id,
        "member_id": change.member_id,
        "seq": change.seq,
        "before": change.before.value,
        "after": change.after.value,
        "reason": change.reason.value,
        "reference": change.reference,
        "changed_at": change.changed_at,
    }


def _change_from(found: Document) -> RankChange:
    return RankChange(
        id=found["_id"],
        member_id=found["member_id"],
        seq=found["seq"],
        before=Rank(found["before"]),
        after=Rank(found["after"]),
        reason=RankReason(found["reason"]),
        reference=found["reference"],
        changed_at=found["changed_at"],
    )
