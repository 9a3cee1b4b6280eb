"""Stock movements in MongoDB: they are added and never changed."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime

from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from app.inventory.model import ReportedMovement, StockKey, StockMovement, StockMovementKind
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import MOMENT, STRING, WHOLE_NUMBER, at_least, document, one_of

STOCK_MOVEMENTS = CollectionDefinition(
    "stock_movements",
    validator=document(
        _id=STRING,
        level_id=STRING,
        sku_id=STRING,
        store_id=STRING,
        seq=at_least(1),
        kind=one_of(StockMovementKind),
        quantity=WHOLE_NUMBER,
        change=WHOLE_NUMBER,
        on_hand_after=WHOLE_NUMBER,
        reference=STRING,
        reported_by=STRING,
        occurred_at=MOMENT,
        recorded_at=MOMENT,
    ),
    indexes=[
        IndexModel([("level_id", 1), ("seq", 1)], unique=True),
        IndexModel([("level_id", 1), ("occurred_at", 1)]),
    ],
)


class StockMovementRepository:
    """Reads and adds movements."""

    def __init__(self, database: Database) -> None:
        self._movements = database.collection(STOCK_MOVEMENTS)

    async def get_many(self, ids: Iterable[str], session: Session) -> dict[str, StockMovement]:
        """Those of the movements that are on record."""
        found = await self._movements.find({"_id": {"$in": list(ids)}}, session=session)
        return {each["_id"]: movement_from(each) for each in found}

    async def changes_since(
        self, moments: Mapping[StockKey, datetime], session: Session
    ) -> dict[StockKey, int]:
        """What the movements that happened after each level's moment have done to it."""
        late = [{"level_id": key.text, "occurred_at": {"$gt": moment}} for key, moment in moments.items()]
        found = await self._movements.aggregate(
            [{"$match": {"$or": late}}, {"$group": {"_id": "$level_id", "change": {"$sum": "$change"}}}],
            session=session,
        )
        changes = {each["_id"]: each["change"] for each in found}
        return {key: changes.get(key.text, 0) for key in moments}

    async def add(self, movements: Sequence[StockMovement], session: Session) -> None:
        """Adds movements; where somebody else was first with one of them, the transaction runs again."""
        try:
            await self._movements.insert_many(
                [movement_document(each) for each in movements], session=session
            )
        except BulkWriteError as error:
            if not are_duplicates(error):
                raise
            raise ConcurrentChange from None

    async def of_level(self, key: StockKey, session: Session) -> list[StockMovement]:
        """All movements of one level, from the first to the newest."""
        found = await self._movements.find({"level_id": key.text}, sort=[("seq", 1)], session=session)
        return [movement_from(each) for each in found]

    async def all(self) -> AsyncIterator[StockMovement]:
        """Every movement, level by level in the order of their keys, each from its first to its newest."""
        async for found in self._movements.stream({}, sort=[("level_id", 1), ("seq", 1)]):
            yield movement_from(found)


def movement_document(movement: StockMovement) -> Document:
    reported = movement.reported
    return {
        "_id": movement.id,
        "level_id": reported.key.text,
        "sku_id": reported.key.sku_id,
        "store_id": reported.key.store_id,
        "seq": movement.seq,
        "kind": reported.kind.value,
        "quantity": reported.quantity,
        "change": movement.change,
        "on_hand_after": movement.on_hand_after,
        "reference": reported.reference,
        "reported_by": movement.reported_by,
        "occurred_at": reported.occurred_at,
        "recorded_at": movement.recorded_at,
    }


def movement_from(found: Document) -> StockMovement:
    return StockMovement(
        id=found["_id"],
        reported=ReportedMovement(
            key=StockKey(found["sku_id"], found["store_id"]),
            kind=StockMovementKind(found["kind"]),
            quantity=found["quantity"],
            reference=found["reference"],
            occurred_at=found["occurred_at"],
        ),
        reported_by=found["reported_by"],
        seq=found["seq"],
        change=found["change"],
        on_hand_after=found["on_hand_after"],
        recorded_at=found["recorded_at"],
    )
