"""Purchases in MongoDB."""

from collections.abc import Collection as Some
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.errors import DuplicateKeyError

from app.offers import conditions
from app.purchases.documents import PURCHASE_SCHEMA, name_document, purchase_document, purchase_from
from app.purchases.model import Purchase, PurchaseFilter, ReceiptName, Spending, SpendingBy
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import IS_TEXT
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest, moment_of, page_of
from app.shared.texts import folded

NAME_INDEX = [("channel", 1), ("store_id", 1), ("terminal", 1), ("receipt_number", 1)]

PURCHASES = CollectionDefinition(
    "purchases",
    validator=PURCHASE_SCHEMA,
    indexes=[
        IndexModel(NAME_INDEX, unique=True),
        IndexModel([("member_id", 1), ("occurred_at", -1), ("_id", -1)]),
        IndexModel([("receipt_number", 1), ("total", 1), ("occurred_at", 1)]),
        IndexModel([("occurred_at", 1), ("member_id", 1)]),
        IndexModel([("order_id", 1)], unique=True, partialFilterExpression={"order_id": IS_TEXT}),
    ],
)

_KEYS: dict[SpendingBy, Any] = {
    SpendingBy.MONTH: {"$substrBytes": ["$store_day", 0, 7]},
    SpendingBy.CATEGORY: "$lines.category_id",
    SpendingBy.CHANNEL: "$channel",
}


class PurchaseRepository:
    """Reads and writes purchases."""

    def __init__(self, database: Database) -> None:
        self._purchases = database.collection(PURCHASES)

    async def get(self, purchase_id: str, session: Session = None) -> Purchase | None:
        found = await self._purchases.find_one({"_id": purchase_id}, session=session)
        return purchase_from(found) if found else None

    async def by_name(self, name: ReceiptName, session: Session) -> Purchase | None:
        found = await self._purchases.find_one(name_document(name), session=session)
        return purchase_from(found) if found else None

    async def by_names(self, names: Some[ReceiptName]) -> dict[ReceiptName, Purchase]:
        """Those of these names that are on record."""
        if not names:
            return {}
        found = await self._purchases.find({"$or": [name_document(name) for name in names]})
        purchases = [purchase_from(each) for each in found]
        return {purchase.name: purchase for purchase in purchases}

    def reading_of_order(self, order_id: str) -> Reading[Purchase | None]:
        return Reading(
            PURCHASES,
            [{"$match": {"order_id": {"$eq": order_id, **IS_TEXT}}}],
            lambda found: purchase_from(found[0]) if found else None,
        )

    async def add(self, purchase: Purchase, session: Session) -> None:
        """Adds a purchase; where its name was taken meanwhile, the transaction runs again and sees it."""
        try:
            await self._purchases.insert_one(purchase_document(purchase), session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def add_many(self, purchases: Some[Purchase], session: Session) -> None:
        await self._purchases.insert_many([purchase_document(each) for each in purchases], session=session)

    async def replace(self, purchase: Purchase, session: Session) -> None:
        """Writes the next version of a purchase; where somebody was first, the transaction runs again."""
        changes = purchase_document(purchase)
        found = await self._purchases.find_one_and_update(
            {"_id": changes.pop("_id"), "version": purchase.version - 1}, {"$set": changes}, session=session
        )
        if found is None:
            raise ConcurrentChange

    async def with_number(
        self, receipt_number: str, total: int, store_id: str | None, since: datetime, limit: int
    ) -> list[Purchase]:
        """Receipts with this number and total that were bought since then, at this store if one is named."""
        query: Document = {"receipt_number": receipt_number, "total": total, "occurred_at": {"$gte": since}}
        if store_id is not None:
            query["store_id"] = store_id
        found = await self._purchases.find(query, sort=[("occurred_at", ASCENDING)], limit=limit)
        return [purchase_from(each) for each in found]

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> int:
        """Makes all purchases of a guest the member's, each in its next version; says how many those were."""
        found = await self._purchases.find({"member_id": guest_id}, session=session)
        writes = [
            UpdateOne({"_id": each["_id"]}, {"$set": {"member_id": member_id}, "$inc": {"version": 1}})
            for each in found
        ]
        return await self._purchases.write_many(writes, session=session)

    async def page(self, member_id: str, wanted: PurchaseFilter, request: PageRequest) -> Page[Purchase]:
        """The member's purchases, the newest first, by when they were made. Raises CursorInvalid."""
        query = _query_of(member_id, wanted)
        position = request.position(str, str)
        if position is not None:
            moment = moment_of(position[0])
            query["$or"] = [
                {"occurred_at": {"$lt": moment}},
                {"occurred_at": moment, "_id": {"$lt": position[1]}},
            ]
        found = await self._purchases.find(
            query,
            sort=[("occurred_at", DESCENDING), ("_id", DESCENDING)],
            limit=request.first + 1,
            without=["search_text"],
        )
        purchases = [purchase_from(each) for each in found]
        return page_of([(each, (each.occurred_at.isoformat(), each.id)) for each in purchases], request)

    async def buyers_between(self, begins: datetime, ends: datetime) -> list[str]:
        """The members who bought from then until just before."""
        found = await self._purchases.aggregate(
            [
                {"$match": {"occurred_at": {"$gte": begins, "$lt": ends}, "member_id": {"$ne": None}}},
                {"$group": {"_id": "$member_id"}},
            ]
        )
        return [each["_id"] for each in found]

    async def buyers_since(self, member_ids: Sequence[str], since: datetime) -> frozenset[str]:
        """Those of these members who have bought since then."""
        found = await self._purchases.aggregate(
            [{"$match": _bought_by(member_ids, since)}, {"$group": {"_id": "$member_id"}}]
        )
        return frozenset(each["_id"] for each in found)

    def reading_spending(
        self, member_ids: Sequence[str], since: datetime
    ) -> Reading[dict[str, list[conditions.Spending]]]:
        """When each of these members bought since then, in any channel, and the yen of what she kept."""
        kept = {"$subtract": ["$total", {"$sum": "$lines.amount_returned"}]}
        return Reading(
            PURCHASES,
            [
                {"$match": _bought_by(member_ids, since)},
                {"$group": {"_id": "$member_id", "bought": {"$push": {"at": "$occurred_at", "kept": kept}}}},
            ],
            lambda found: {
                each["_id"]: [conditions.Spending(one["at"], one["kept"]) for one in each["bought"]]
                for each in found
            },
        )

    async def spending(
        self, member_id: str, by: SpendingBy, since: datetime, until: datetime
    ) -> list[Spending]:
        """What the member spent then, less what she returned: the newest month, or the most, first."""
        order = {"_id": -1} if by is SpendingBy.MONTH else {"amount": -1, "_id": 1}
        found = await self._purchases.aggregate(
            [
                {"$match": {"member_id": member_id, "occurred_at": {"$gte": since, "$lt": until}}},
                {"$unwind": "$lines"},
                {
                    "$group": {
                        "_id": _KEYS[by],
                        "amount": {"$sum": {"$subtract": ["$lines.amount", "$lines.amount_returned"]}},
                        "purchases": {"$addToSet": "$_id"},
                    }
                },
                {"$sort": order},
                {"$project": {"amount": 1, "purchases": {"$size": "$purchases"}}},
            ]
        )
        return [Spending(each["_id"], each["amount"], each["purchases"]) for each in found]


def _bought_by(member_ids: Sequence[str], since: datetime) -> Document:
    return {"member_id": {"$in": sorted(member_ids)}, "occurred_at": {"$gte": since}}


def _query_of(member_id: str, wanted: PurchaseFilter) -> Document:
    query: Document = {"member_id": member_id}
    if wanted.channel is not None:
        query["channel"] = wanted.channel.value
    if wanted.store_id is not None:
        query["store_id"] = wanted.store_id
    span = {
        operator: moment
        for operator, moment in (("$gte", wanted.since), ("$lt", wanted.until))
        if moment is not None
    }
    if span:
        query["occurred_at"] = span
    if wanted.query:
        place = {"$indexOfBytes": ["$search_text", {"$literal": folded(wanted.query)}]}
        query["$expr"] = {"$gte": [place, 0]}
    return query
