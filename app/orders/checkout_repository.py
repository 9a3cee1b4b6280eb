"""Checkouts in MongoDB: orders that hold what they need while a card is asked."""

from datetime import datetime

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.orders.documents import ORDER_SCHEMA, document_of, order_from
from app.orders.model import Order
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Session
from app.shared.mongodb.documents import MOMENT, STRING, document

CHECKOUTS = CollectionDefinition(
    "checkouts",
    validator=document(_id=STRING, order=ORDER_SCHEMA, begun_at=MOMENT),
    indexes=[IndexModel([("begun_at", 1)], expireAfterSeconds=24 * 60 * 60)],
)


class CheckoutRepository:
    """Reads and writes checkouts, by the id of the request that wants the order."""

    def __init__(self, database: Database) -> None:
        self._checkouts = database.collection(CHECKOUTS)

    async def get(self, request_id: str, session: Session = None) -> Order | None:
        found = await self._checkouts.find_one({"_id": request_id}, session=session)
        return order_from(found["order"]) if found else None

    async def add(self, request_id: str, order: Order, now: datetime, session: Session) -> None:
        """Where the same request was first, the transaction runs again."""
        try:
            await self._checkouts.insert_one(
                {"_id": request_id, "order": document_of(order), "begun_at": now}, session=session
            )
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def remove(self, request_id: str, session: Session) -> bool:
        """False when somebody else did so first."""
        return await self._checkouts.delete_many({"_id": request_id}, session=session) > 0
