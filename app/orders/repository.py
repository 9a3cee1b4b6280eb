"""Orders in MongoDB."""

from collections.abc import Collection as Some
from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from app.orders.documents import ORDER_SCHEMA, document_of, order_from
from app.orders.model import Order
from app.orders.states import OPEN_STATES, OrderState, ended_by_time
from app.orders.wishes import OrderFilter
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import IS_MOMENT
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest, page_of

ORDERS = CollectionDefinition(
    "orders",
    validator=ORDER_SCHEMA,
    indexes=[
        IndexModel([("member_id", 1), ("_id", -1)]),
        IndexModel([("store_id", 1), ("state", 1), ("slot.starts_at", 1), ("_id", 1)]),
        IndexModel([("store_id", 1), ("pickup_day", 1), ("pickup_number", 1)], unique=True),
        IndexModel([("pickup_code", 1)], unique=True),
        IndexModel([("due_payments.key", 1)], sparse=True),
        IndexModel([("ends_by", 1)], partialFilterExpression={"ends_by": IS_MOMENT}),
    ],
)

MAXIMUM_OPEN = 500


class OrderRepository:
    """Reads and writes orders."""

    def __init__(self, database: Database) -> None:
        self._orders = database.collection(ORDERS)

    async def get(self, order_id: str, session: Session = None) -> Order | None:
        found = await self._orders.find_one({"_id": order_id}, session=session)
        return order_from(found) if found else None

    async def get_many(self, order_ids: Some[str]) -> list[Order]:
        """Those of these orders that there are, the oldest first."""
        query: Document = {"_id": {"$in": sorted(order_ids)}}
        found = await self._orders.find(query, sort=[("_id", ASCENDING)]) if order_ids else []
        return [order_from(each) for each in found]

    def reading(self, order_id: str) -> Reading[Order | None]:
        """What `get` finds."""
        return _reading_first({"$match": {"_id": order_id}})

    def reading_by_pickup_code(self, pickup_code: str) -> Reading[Order | None]:
        return _reading_first({"$match": {"pickup_code": pickup_code}})

    def reading_ready_of_member(self, member_id: str, store_id: str) -> Reading[Order | None]:
        """The member's order that waits at this store, the one of the earliest slot if there are several."""
        query = {"store_id": store_id, "state": OrderState.READY.value, "member_id": member_id}
        return _reading_first({"$match": query}, {"$sort": {"slot.starts_at": ASCENDING}}, {"$limit": 1})

    async def add(self, orders: Sequence[Order], session: Session) -> None:
        """Adds orders; where a pickup number or code is taken, the transaction runs again with others."""
        try:
            await self._orders.insert_many([document_of(each) for each in orders], session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None

    async def replace(self, order: Order, session: Session) -> None:
        """Writes the next version of an order; where somebody else was first, the transaction runs again."""
        changes = document_of(order)
        found = await self._orders.find_one_and_update(
            {"_id": changes.pop("_id"), "version": order.version - 1}, {"$set": changes}, session=session
        )
        if found is None:
            raise ConcurrentChange

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> int:
        """Makes all orders of a guest the member's, each in its next version; says how many those were."""
        orders = await self._orders.find({"member_id": guest_id}, session=session)
        for each in orders:
            await self._orders.find_one_and_update(
                {"_id": each["_id"]},
                {"$set": {"member_id": member_id}, "$inc": {"version": 1}},
                session=session,
            )
        return len(orders)

    async def of_member(
        self, member_id: str, wanted: OrderFilter, now: datetime, request: PageRequest
    ) -> Page[Order]:
        """The member's orders that are wanted, as they stand at this moment, the newest first."""
        query: Document = {"member_id": member_id}
        if wanted.states:
            query |= _standing_in(wanted.states, now)
        if wanted.store_id is not None:
            query["store_id"] = wanted.store_id
        placed_at = {"$gte": wanted.placed_from, "$lt": wanted.placed_before}
        if bounds := {operator: moment for operator, moment in placed_at.items() if moment}:
            query["placed_at"] = bounds
        position = request.position(str)
        if position is not None:
            query["_id"] = {"$lt": position[0]}
        found = await self._orders.find(query, sort=[("_id", DESCENDING)], limit=request.first + 1)
        return page_of([(order_from(each), (each["_id"],)) for each in found], request)

    async def at_store(self, store_id: str, states: Some[OrderState], request: PageRequest) -> Page[Order]:
        """A store's orders in these states, or all open ones, those of the earliest slots first."""
        query: Document = {"store_id": store_id, "state": {"$in": sorted(states or OPEN_STATES)}}
        position = request.position(str, str)
        if position is not None:
            starts_at = datetime.fromisoformat(position[0])
            query["$or"] = [
                {"slot.starts_at": {"$gt": starts_at}},
                {"slot.starts_at": starts_at, "_id": {"$gt": position[1]}},
            ]
        found = await self._orders.find(
            query, sort=[("slot.starts_at", ASCENDING), ("_id", ASCENDING)], limit=request.first + 1
        )
        orders = [order_from(each) for each in found]
        return page_of([(each, (each.slot.starts_at.isoformat(), each.id)) for each in orders], request)

    async def all_open_at(self, store_id: str) -> list[Order]:
        """The store's open orders, those of the earliest slots first; a store has dozens."""
        found = await self._orders.find(
            {"store_id": store_id, "state": {"$in": sorted(OPEN_STATES)}},
            sort=[("slot.starts_at", ASCENDING), ("_id", ASCENDING)],
            limit=MAXIMUM_OPEN,
        )
        return [order_from(each) for each in found]

    def reading_no_shows(self, member_id: str, since: datetime, now: datetime, most: int) -> Reading[int]:
        """How many orders that the member has placed since that moment were not collected; `most` if more."""
        no_shows = _standing_in({OrderState.NO_SHOW}, now)
        query = {"member_id": member_id, "placed_at": {"$gte": since}, **no_shows}
        return Reading(ORDERS, [{"$match": query}, {"$limit": most}, {"$project": {"_id": 1}}], len)

    async def remove_due_payment(self, order_id: str, key: str) -> None:
        """Notes that what was due is done; the order's version stays, for nothing of it has changed."""
        await self._orders.find_one_and_update({"_id": order_id}, {"$pull": {"due_payments": {"key": key}}})

    async def with_due_payments(self, after: str, limit: int) -> list[Order]:
        """Orders for which something is due, the oldest first, from this id on."""
        found = await self._orders.find(
            {"due_payments.key": {"$exists": True}, "_id": {"$gt": after}},
            sort=[("_id", ASCENDING)],
            limit=limit,
        )
        return [order_from(each) for each in found]

    async def ended_by(self, now: datetime, limit: int, without: Some[str]) -> list[Order]:
        """Orders that time has ended and nobody has noticed, the longest ago first; without these."""
        found = await self._orders.find(
            {"ends_by": {"$lte": now, **IS_MOMENT}, "_id": {"$nin": sorted(without)}},
            sort=[("ends_by", ASCENDING)],
            limit=limit,
        )
        return [order_from(each) for each in found]


def _reading_first(*steps: Document) -> Reading[Order | None]:
    return Reading(ORDERS, steps, lambda found: order_from(found[0]) if found else None)


def _standing_in(states: Some[OrderState], now: datetime) -> Document:
    """The condition for orders that are in these states at this moment, whatever time did unnoticed."""
    values = sorted(states)
    passed = sorted(state for state in OPEN_STATES if ended_by_time(state) in states)
    return {
        "$or": [
            {"state": {"$in": values}, "ends_by": None},
            {"state": {"$in": values}, "ends_by": {"$gt": now}},
            {"state": {"$in": passed}, "ends_by": {"$lte": now}},
        ]
    }
