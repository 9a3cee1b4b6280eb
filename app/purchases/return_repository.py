"""Returns and refused receipts in MongoDB."""

from collections.abc import Collection as Some

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.purchases.documents import (
    NAME_SCHEMA,
    RETURN_SCHEMA,
    name_document,
    name_from,
    return_document,
    return_from,
)
from app.purchases.model import PurchaseReturn, ReceiptConflict, ReceiptName
from app.purchases.repository import NAME_INDEX
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, at_least, document, nullable
from app.shared.paging import Page, PageRequest, moment_of, page_of

PURCHASE_RETURNS = CollectionDefinition(
    "purchase_returns",
    validator=RETURN_SCHEMA,
    indexes=[IndexModel(NAME_INDEX, unique=True), IndexModel([("purchase_id", 1), ("_id", 1)])],
)

RECEIPT_CONFLICTS = CollectionDefinition(
    "receipt_conflicts",
    validator=document(
        **NAME_SCHEMA,
        _id=STRING,
        recorded_id=STRING,
        total=nullable(at_least(0)),
        occurred_at=MOMENT,
        reported_by=STRING,
        first_at=MOMENT,
        last_at=MOMENT,
        times=at_least(1),
    ),
    indexes=[IndexModel([("first_at", -1), ("_id", -1)])],
)


class ReturnRepository:
    """Reads and writes returns."""

    def __init__(self, database: Database) -> None:
        self._returns = database.collection(PURCHASE_RETURNS)

    async def by_name(self, name: ReceiptName, session: Session = None) -> PurchaseReturn | None:
        found = await self._returns.find_one(name_document(name), session=session)
        return return_from(found) if found else None

    async def by_names(self, names: Some[ReceiptName]) -> dict[ReceiptName, PurchaseReturn]:
        """Those of these names that are on record."""
        if not names:
            return {}
        found = await self._returns.find({"$or": [name_document(name) for name in names]})
        returns = [return_from(each) for each in found]
        return {each.name: each for each in returns}

    async def of_purchase(self, purchase_id: str, limit: int) -> list[PurchaseReturn]:
        """The returns of a purchase, the oldest first."""
        found = await self._returns.find({"purchase_id": purchase_id}, sort=[("_id", ASCENDING)], limit=limit)
        return [return_from(each) for each in found]

    async def add(self, recorded: PurchaseReturn, session: Session) -> None:
        """Adds a return; where its name was taken meanwhile, the transaction runs again and sees it."""
        try:
            await self._returns.insert_one(return_document(recorded), session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None


class ConflictRepository:
    """Reads and writes which receipts were refused for their names."""

    def __init__(self, database: Database) -> None:
        self._conflicts = database.collection(RECEIPT_CONFLICTS)

    async def note(self, conflict: ReceiptConflict, session: Session) -> bool:
        """Notes a conflict, once however often the same receipt comes; false when it was noted before."""
        first = {
            **name_document(conflict.name),
            "recorded_id": conflict.recorded_id,
            "total": conflict.total,
            "occurred_at": conflict.occurred_at,
            "reported_by": conflict.reported_by,
            "first_at": conflict.first_at,
        }
        update: Document = {
            "$setOnInsert": first,
            "$set": {"last_at": conflict.last_at},
            "$inc": {"times": 1},
        }
        try:
            noted = await self._conflicts.find_one_and_update(
                {"_id": conflict.id}, update, upsert=True, session=session
            )
        except DuplicateKeyError:  # somebody noted it at the same moment
            raise ConcurrentChange from None
        return noted is not None and noted["times"] == 1

    async def page(self, request: PageRequest) -> Page[ReceiptConflict]:
        """The newest first."""
        query: Document = {}
        position = request.position(str, str)
        if position is not None:
            moment = moment_of(position[0])
            query = {
                "$or": [{"first_at": {"$lt": moment}}, {"first_at": moment, "_id": {"$lt": position[1]}}]
            }
        found = await self._conflicts.find(
            query, sort=[("first_at", DESCENDING), ("_id", DESCENDING)], limit=request.first + 1
        )
        conflicts = [_conflict_from(each) for each in found]
        return page_of([(each, (each.first_at.isoformat(), each.id)) for each in conflicts], request)


def _conflict_from(found: Document) -> ReceiptConflict:
    return ReceiptConflict(
        id=found["_id"],
        name=name_from(found),
        recorded_id=found["recorded_id"],
        total=found["total"],
        occurred_at=found["occurred_at"],
        reported_by=found["reported_by"],
        first_at=found["first_at"],
        last_at=found["last_at"],
        times=found["times"],
    )
