"""The plain route that places an order: the writes of placeOrder in one transaction, straight on the driver.

Pieces, place and points are guarded by the very same writes. Nothing is quoted: prices and stores are read
once and kept, the slot is taken as it is wished, and whoever is late gets an error.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pymongo import AsyncMongoClient, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern
from starlette.exceptions import HTTPException

from app.catalog.documents import product_from
from app.inventory.level_expressions import are_available, has_room, held_changed
from app.inventory.rules import hold_end
from app.members.model import Rank
from app.orders import rules
from app.orders.documents import document_of
from app.orders.model import Order, OrderedItem, OrderLine, OrderMove, SlotWindow, Totals
from app.orders.pricing import totals_of
from app.orders.slot_repository import with_place
from app.orders.slots import PickupPolicy
from app.orders.states import Mover, OrderState
from app.payments.model import PaymentMethod
from app.point_rules.model import EarningLine, EarningReceipt
from app.point_rules.rules import earned
from app.point_rules.service import FIRST_RULES
from app.shared.channels import Channel
from app.shared.clock import whole_milliseconds
from app.shared.ids import new_id
from app.shared.mongodb.database import DURABLE
from bench import plain_documents as documents
from bench.plain_documents import Document, key_of, moment_text, opaque_id

POLICY = PickupPolicy()  # no store of the bench has another


class PlainOrders:
    """Writes what belongs to an order."""

    def __init__(self, client: AsyncMongoClient[Document], database: AsyncDatabase[Document]) -> None:
        self._client = client
        self._database = database
        self._items: dict[str, OrderedItem] = {}
        self._zones: dict[str, ZoneInfo] = {}

    async def place(self, member_id: str, wish: Document) -> Document:
        """Raises HTTPException when something is short."""
        with suppress(DuplicateKeyError):
            return await self._placed(member_id, wish)
        # One order in some hundreds finds its pickup number taken.
        return await self._placed(member_id, wish)

    async def _placed(self, member_id: str, wish: Document) -> Document:
        order = await self._order(member_id, wish)
        key = documents.hash_of([member_id, "placeOrder", wish["idempotencyKey"]])

        async def act(session: AsyncClientSession) -> None:
            await self._write(
                order,
                documents.idempotency_key(key, "placeOrder", wish, {"order_id": order.id}, order.placed_at),
                session,
            )

        async with self._client.start_session() as session:
            await session.with_transaction(act, read_concern=ReadConcern("snapshot"), write_concern=DURABLE)
        return _shown(order)

    async def _order(self, member_id: str, wish: Document) -> Order:
        now = whole_milliseconds(datetime.now(UTC))
        store_id = key_of(wish["storeId"])
        starts_at = datetime.fromisoformat(key_of(wish["pickupSlotId"]).partition("/")[2])
        window = SlotWindow(store_id, starts_at, starts_at + timedelta(minutes=POLICY.slot_minutes))
        lines: list[OrderLine] = []
        for number, line in enumerate(wish["lines"], start=1):
            item, quantity = await self._item(key_of(line["skuId"])), line["quantity"]
            lines.append(OrderLine(str(number), item, quantity, quantity))
        return Order(
            id=new_id(),
            version=1,
            member_id=member_id,
            store_id=store_id,
            state=OrderState.PLACED,
            lines=tuple(lines),
            slot=window,
            totals=_totals(lines, wish["usePoints"], now),
            payment_method=PaymentMethod.PAY_AT_STORE,
            payment_id=None,
            hold_id=new_id(),
            pickup_day=starts_at.astimezone(await self._zone(store_id)).date(),
            pickup_number=rules.new_pickup_number(),
            pickup_code=rules.new_pickup_code(),
            placed_at=now,
            accept_by=starts_at,
            collect_by=window.ends_at + timedelta(minutes=POLICY.grace_minutes),
            moves=(OrderMove(OrderState.PLACED, Mover.MEMBER, member_id, now),),
            points_member_id=member_id,
        )

    async def _write(self, order: Order, idempotency_key: Document, session: AsyncClientSession) -> None:
        database, now = self._database, order.placed_at
        newest = await database.point_entries.find_one(
            {"member_id": order.member_id}, sort=[("seq", -1)], session=session
        )
        if newest is None or newest["balance_after"] < order.totals.points_used:
            raise HTTPException(422)
        await database.point_entries.insert_one(documents.point_spending(order, newest), session=session)
        await database.orders.insert_one(document_of(order), session=session)
        await database.events.insert_one(documents.order_placed(order), session=session)
        hold = documents.stock_hold(order, hold_end(order.accept_by))
        await database.stock_holds.insert_one(hold, session=session)
        held = await database.stock_levels.bulk_write(_holding(hold, now), session=session)
        window = order.slot
        place = {"owner": order.id, "weight": order.weight, "until": order.accept_by}
        places = with_place(place, POLICY.capacity, now)
        slot = await database.pickup_slots.find_one_and_update(
            {"_id": window.id},
            [{"$set": {"starts_at": window.starts_at, "places": places}}],
            upsert=True,
            return_document=True,
            session=session,
        )
        if held.matched_count < len(hold["lines"]) or slot is None or place not in slot["places"]:
            raise HTTPException(422)
        await database.idempotency_keys.insert_one(idempotency_key, session=session)

    async def _item(self, sku_id: str) -> OrderedItem:
        if sku_id not in self._items:
            found = await self._database.products.find_one({"skus.id": sku_id})
            if found is None:
                raise HTTPException(404)
            self._items[sku_id] = rules.item_of(product_from(found), sku_id)
        return self._items[sku_id]

    async def _zone(self, store_id: str) -> ZoneInfo:
        if store_id not in self._zones:
            found = await self._database.stores.find_one({"_id": store_id})
            if found is None:
                raise HTTPException(404)
            self._zones[store_id] = ZoneInfo(found["time_zone"])
        return self._zones[store_id]


def _holding(hold: Document, now: datetime) -> list[UpdateOne]:
    until: datetime = hold["until"]
    return [
        UpdateOne(
            {
                "_id": f"{line['sku_id']}/{line['store_id']}",
                "$expr": {"$and": [are_available(line["quantity"], now), has_room(until, now)]},
            },
            [{"$set": held_changed(until, line["quantity"], now)}],
        )
        for line in hold["lines"]
    ]


def _totals(lines: list[OrderLine], use_points: int, now: datetime) -> Totals:
    """What the order costs, and what it earns by the rules that hold until others are set."""
    totals = totals_of(lines, use_points)
    sold = tuple(EarningLine(line.amount, line.item.tax_rate) for line in lines)
    receipt = EarningReceipt(now, Channel.STORE, None, sold, totals.points_used)
    points = sum(each.points for each in earned(receipt, Rank.MEMBER, FIRST_RULES, ()))
    return replace(totals, points_to_earn=points)


def _shown(order: Order) -> Document:
    totals = order.totals
    return {
        "__typename": "OrderPlaced",
        "order": {
            "id": opaque_id("Order", order.id),
            "version": order.version,
            "state": order.state,
            "pickupFrom": moment_text(order.slot.starts_at),
            "pickupUntil": moment_text(order.slot.ends_at),
            "pickupNumber": order.pickup_number,
            "pickupCode": order.pickup_code,
            "placedAt": moment_text(order.placed_at),
            "totals": {
                "total": {"amount": totals.total},
                "toPay": {"amount": totals.to_pay},
                "pointsToEarn": totals.points_to_earn,
            },
        },
    }
