"""Stock holds in MongoDB."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from app.inventory.model import StockHold, StockHoldStatus, StockKey, StockLine
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import MOMENT, STRING, at_least, document, list_of, nullable, one_of
from app.shared.mongodb.following import following
from app.shared.mongodb.reading import Reading

KEPT_FOR = timedelta(days=90)

STOCK_HOLDS = CollectionDefinition(
    "stock_holds",
    validator=document(
        _id=STRING,
        owner=STRING,
        lines=list_of(document(sku_id=STRING, store_id=STRING, quantity=at_least(1))),
        until=MOMENT,
        created_at=MOMENT,
        settled=nullable(one_of([StockHoldStatus.CAPTURED, StockHoldStatus.RELEASED])),
        settled_at=nullable(MOMENT),
    ),
    indexes=[
        IndexModel([("owner", 1)], unique=True),
        IndexModel([("until", 1)], expireAfterSeconds=int(KEPT_FOR.total_seconds())),
    ],
)


class StockHoldRepository:
    """Reads and writes holds."""

    def __init__(self, database: Database) -> None:
        self._holds = database.collection(STOCK_HOLDS)

    async def count_in_force(self, now: datetime) -> int:
        """How many holds keep something aside at this moment."""
        return await self._holds.count({"until": {"$gt": now}, "settled": None})

    async def get(self, hold_id: str, session: Session = None) -> StockHold | None:
        found = await self._holds.find_one({"_id": hold_id}, session=session)
        return hold_from(found) if found else None

    def reading_named(self, source: Reading[object], field: str) -> Reading[list[StockHold]]:
        """The holds that what the source finds names in this field."""
        holds = Reading(STOCK_HOLDS, [], lambda found: [hold_from(each) for each in found])
        return following(source, field, holds)

    async def of_owner(self, owner: str, session: Session) -> StockHold | None:
        found = await self._holds.find_one({"owner": owner}, session=session)
        return hold_from(found) if found else None

    async def add(self, holds: Sequence[StockHold], session: Session) -> None:
        """Adds holds; where an owner has got one meanwhile, the transaction runs again."""
        try:
            await self._holds.insert_many([document_of(each) for each in holds], session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None

    async def settle(
        self, hold_id: str, outcome: StockHoldStatus, now: datetime, session: Session
    ) -> StockHold | None:
        """Settles a hold that nobody has settled, and returns it; None when there is no such hold."""
        found = await self._holds.find_one_and_update(
            {"_id": hold_id, "settled": None},
            {"$set": {"settled": outcome.value, "settled_at": now}},
            session=session,
        )
        return hold_from(found) if found else None

    async def living(self, now: datetime, session: Session = None) -> AsyncIterator[StockHold]:
        """The holds that hold something at this moment, in the order of their ends."""
        async for found in self._holds.stream(
            {"until": {"$gt": now}, "settled": None}, sort=[("until", 1)], session=session
        ):
            yield hold_from(found)


def document_of(hold: StockHold) -> Document:
    return {
        "_id": hold.id,
        "owner": hold.owner,
        "lines": [
            {"sku_id": line.key.sku_id, "store_id": line.key.store_id, "quantity": line.quantity}
            for line in hold.lines
        ],
        "until": hold.until,
        "created_at": hold.created_at,
        "settled": hold.settled.value if hold.settled else None,
        "settled_at": hold.settled_at,
    }


def hold_from(found: Document) -> StockHold:
    return StockHold(
        id=found["_id"],
        owner=found["owner"],
        lines=tuple(
            StockLine(StockKey(each["sku_id"], each["store_id"]), each["quantity"]) for each in found["lines"]
        ),
        until=found["until"],
        created_at=found["created_at"],
        settled=StockHoldStatus(found["settled"]) if found["settled"] else None,
        settled_at=found["settled_at"],
    )
