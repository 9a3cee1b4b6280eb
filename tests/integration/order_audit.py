"""What must be true of all orders of a database at any moment, whatever happened to get there."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from itertools import pairwise

from app.inventory.audit import audit as audit_stock
from app.inventory.hold_repository import STOCK_HOLDS, hold_from
from app.inventory.model import StockHoldStatus
from app.orders.checkout_repository import CHECKOUTS
from app.orders.documents import order_from
from app.orders.model import Order
from app.orders.repository import ORDERS
from app.orders.slot_repository import PICKUP_SLOTS
from app.orders.states import OrderState, is_legal, is_open
from app.payments.repository import PAYMENTS
from app.points.audit import audit as audit_points
from app.points.repository import POINT_ENTRIES
from app.purchases.documents import purchase_from
from app.purchases.repository import PURCHASES
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from tests.integration.coupon_audit import faults_of_coupons

GIVEN_BACK = {OrderState.REJECTED, OrderState.CANCELLED, OrderState.NO_SHOW, OrderState.EXPIRED}
PAID = {"CAPTURED", "PARTIALLY_REFUNDED", "REFUNDED"}


async def require_sound(database: Database, now: datetime) -> None:
    """Stock, slots, points, payments, coupons, purchases and events are as the orders say."""
    assert all([level.faults == () async for level in audit_stock(database, now)])
    assert all([account.faults == () async for account in audit_points(database)])
    faults = [fault async for fault in faults_of_orders(database, now)]
    assert not faults, faults


async def faults_of_orders(database: Database, now: datetime) -> AsyncIterator[str]:
    """Where orders and what belongs to them do not agree."""
    orders = [order_from(each) for each in await database.collection(ORDERS).find({})]
    begun = [order_from(each["order"]) for each in await database.collection(CHECKOUTS).find({})]
    for order in orders:
        for fault in _faults_of_moves(order):
            yield f"order {order.id}: {fault}"
    for check in (_faults_of_holds, _faults_of_slots, faults_of_coupons):
        async for fault in check(database, orders, begun, now):
            yield fault
    for check_of_orders in (_faults_of_points, _faults_of_payments, _faults_of_purchases, _faults_of_events):
        async for fault in check_of_orders(database, orders):
            yield fault


def _faults_of_moves(order: Order) -> Iterator[str]:
    if order.moves[0].state is not OrderState.PLACED or order.moves[-1].state is not order.state:
        yield f"its moves do not lead to {order.state}"
    for before, after in pairwise(order.moves):
        if not is_legal(before.state, after.state, after.mover):
            yield f"{after.mover} may not move {before.state} to {after.state}"


async def _faults_of_holds(
    database: Database, orders: list[Order], begun: list[Order], now: datetime
) -> AsyncIterator[str]:
    """Whatever is held is some order's, and sold once: what an order holds are the pieces of its lines."""
    found = await database.collection(STOCK_HOLDS).find({})
    holds = {hold.id: hold for hold in map(hold_from, found)}
    living = {id for id, hold in holds.items() if hold.status(now) is StockHoldStatus.ACTIVE}
    sold = {id for id, hold in holds.items() if hold.settled is StockHoldStatus.CAPTURED}
    of_orders = {order.hold_id for order in orders if is_open(order.state)}
    if strays := living - of_orders - {order.hold_id for order in begun}:
        yield f"nobody's holds: {strays}"
    if sold != {order.hold_id for order in orders if order.state is OrderState.COLLECTED}:
        yield "what was sold is not what was collected"
    for order in orders:
        hold = holds[order.hold_id]
        if is_open(order.state) and hold.settled is not None:
            yield f"order {order.id} is open and holds nothing"
        if order.state in GIVEN_BACK and hold.settled is not StockHoldStatus.RELEASED:
            yield f"order {order.id} is over and its hold is {hold.settled}"
        has_pieces = _pieces(order) == {line.key.sku_id: line.quantity for line in hold.lines}
        # An order that loses its last line is rejected with the pieces that it had.
        if not has_pieces and order.state is not OrderState.REJECTED:
            yield f"order {order.id} holds other pieces than its lines have"


def _pieces(order: Order) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for line in order.lines:
        if line.quantity:
            pieces[line.item.sku_id] += line.quantity
        if line.substitution:
            pieces[line.substitution.item.sku_id] += line.substitution.quantity
    return pieces


async def _faults_of_slots(
    database: Database, orders: list[Order], begun: list[Order], now: datetime
) -> AsyncIterator[str]:
    """A slot's living places are those of the orders that are open, and no others."""
    weights = {order.id: order.weight for order in begun}
    weights |= {order.id: order.weight for order in orders if is_open(order.state)}
    owners: Counter[str] = Counter()
    for slot in await database.collection(PICKUP_SLOTS).find({}):
        for place in slot["places"]:
            if now < place["until"]:
                owners[place["owner"]] += 1
                if weights.get(place["owner"]) != place["weight"]:
                    yield f"a place of {place['weight']} is {place['owner']}'s"
    if any(number > 1 for number in owners.values()):
        yield "somebody has two places"
    for order in orders:
        if is_open(order.state) and now < (order.ends_by or order.collect_by) and not owners[order.id]:
            yield f"order {order.id} has no place"


async def _faults_of_points(database: Database, orders: list[Order]) -> AsyncIterator[str]:
    """Points are spent once and come back once."""
    net: Counter[str] = Counter()
    earned: Counter[str] = Counter()
    for entry in await database.collection(POINT_ENTRIES).find({}):
        kind, _, rest = entry["reference"].partition(":")
        order_id = rest.partition(":")[0]
        if kind == "order":
            (earned if entry["kind"] == "EARN" else net)[order_id] += entry["amount"]
    known = {order.id for order in orders}
    if strays := (net.keys() | earned.keys()) - known:
        yield f"points of no order: {strays}"
    for order in orders:
        spent = 0 if order.state in GIVEN_BACK else order.totals.points_used
        if -net[order.id] != spent:
            yield f"order {order.id} is {order.state} and spends {-net[order.id]} instead of {spent} points"
        due = order.totals.points_to_earn if order.state is OrderState.COLLECTED else 0
        if earned[order.id] != due:
            yield f"order {order.id} has earned {earned[order.id]} instead of {due} points"


async def _faults_of_payments(database: Database, orders: list[Order]) -> AsyncIterator[str]:
    """Nothing is paid twice, and no more is taken than the order costs."""
    payments = {each["_id"]: each for each in await database.collection(PAYMENTS).find({})}
    holding = Counter(
        each["reference"] for each in payments.values() if each["state"] in {"AUTHORIZED", *PAID}
    )
    for reference, number in holding.items():
        if number > 1:
            yield f"{reference} is paid {number} times"
    for order in orders:
        if order.payment_id is None:
            continue
        payment = payments[order.payment_id]
        if payment["amount_captured"] > payment["amount_authorized"]:
            yield f"order {order.id}: more is captured than was authorized"
        if order.due_payments or payment["pending"]:
            continue
        money_back = sum(refund.money for refund in order.refunds)
        is_sold = order.state is OrderState.COLLECTED
        expected = (order.totals.to_pay, money_back) if is_sold else (0, 0)
        taken = (payment["amount_captured"], sum(each["amount"] for each in payment["refunds"]))
        if taken != expected:
            yield f"order {order.id} is {order.state}; taken and given back are {taken}, not {expected}"
        if order.state in GIVEN_BACK and payment["state"] != "VOIDED":
            yield f"order {order.id} is over and its payment is {payment['state']}"


async def _faults_of_purchases(database: Database, orders: list[Order]) -> AsyncIterator[str]:
    """The member's history says of an order what the order says itself."""
    purchases = {each["order_id"]: each for each in await database.collection(PURCHASES).find({})}
    for order in orders:
        found = purchases.get(order.id)
        if (found is not None) != (order.state is OrderState.COLLECTED):
            yield f"order {order.id} is {order.state} and its purchase is {found}"
        if found is None:
            continue
        purchase = purchase_from(found)
        money, points = (sum(getattr(each, name) for each in order.refunds) for name in ("money", "points"))
        said = (purchase.total, purchase.points_used, purchase.amount_returned, purchase.points_returned)
        if said != (order.totals.total, order.totals.points_used, money + points, points):
            yield f"order {order.id} gave back {money} yen and {points} points; its purchase says {said}"


async def _faults_of_events(database: Database, orders: list[Order]) -> AsyncIterator[str]:
    """Each version is told of once, but that by which a guest's order became a member's: her merge tells."""
    versions: dict[str, list[int]] = defaultdict(list)
    for event in await database.collection(EVENTS).find({"subject": {"$gt": "order:", "$lt": "order;"}}):
        versions[event["data"]["order_id"]].append(event["data"]["version"])
    if strays := versions.keys() - {order.id for order in orders}:
        yield f"events of no order: {strays}"
    for order in orders:
        first = 1 if order.payment_id is None else 2  # the checkout of a card order was version 1
        told, all_versions = versions[order.id], range(first, order.version + 1)
        is_taken_over = order.moves[0].moved_by != order.member_id
        is_each_once = len(set(told)) == len(told) and set(told) <= set(all_versions)
        if not is_each_once or len(told) != len(all_versions) - is_taken_over:
            yield f"order {order.id} has version {order.version}; told are {sorted(versions[order.id])}"
