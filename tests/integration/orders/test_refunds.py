"""Refunds of collected orders: line by line, points to their lots first, each once."""

import asyncio

import pytest

from app.inventory.audit import audit as audit_stock
from app.orders.model import Order
from app.orders.states import OrderState
from app.payments.model import PaymentState
from app.points.audit import audit as audit_points
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock
from tests.integration.shop import Shop, outcome

pytestmark = pytest.mark.usefixtures("commands_fit_much_data")


async def collected(shop: Shop, member: str, use_points: int, by_card: bool = False) -> Order:
    """Two goods of 1,000 yen and one of 300."""
    wish = shop.wish((0, 2), (1, 1), use_points=use_points)
    order = await (shop.place_by_card(member, wish) if by_card else shop.place(member, wish))
    assert isinstance(order, Order)
    steps = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY, OrderState.COLLECTED)
    return await shop.move(order, *steps)


async def refund(shop: Shop, order: Order, pieces: dict[str, int], key: str | None = None) -> Order:
    refunded = await shop.services.order_refunding.refund(
        shop.clerk, order.id, pieces, "wrong colour", True, key or f"refund-{new_id()}"
    )
    return refunded.order


async def test_points_come_back_before_money(shop: Shop, database: Database, clock: MovableClock) -> None:
    member = await shop.customer(points=1_200)
    order = await collected(shop, member, 1_200, by_card=True)
    assert await shop.balance(member) == 10
    order = await refund(shop, order, {"1": 1})
    assert [(each.money, each.points) for each in order.refunds] == [(0, 1_000)]
    assert (await shop.balance(member), await shop.available(0)) == (1_006, 19)
    order = await refund(shop, order, {"1": 1, "2": 1})
    assert [(each.money, each.points) for each in order.refunds] == [(0, 1_000), (1_100, 200)]
    assert await shop.balance(member) == 1_200
    assert (await shop.available(0), await shop.available(1)) == (20, 20)
    assert order.payment_id is not None
    payment = await shop.services.payments.get(order.payment_id)
    assert payment is not None
    assert (payment.state, payment.amount_refunded) == (PaymentState.REFUNDED, 1_100)
    assert (await shop.now(order)).due_payments == ()
    assert all([account.faults == () async for account in audit_points(database)])
    assert all([level.faults == () async for level in audit_stock(database, clock.now())])


async def test_no_piece_comes_back_twice(shop: Shop) -> None:
    order = await collected(shop, await shop.customer(), 0)
    results = await asyncio.gather(*(outcome(refund(shop, order, {"1": 1})) for _ in range(32)))
    assert results.count(["done"]) == 2
    assert results.count(["REFUND_INVALID"]) == 30
    assert await shop.available(0) == 20


async def test_the_same_refund_again_changes_nothing(shop: Shop) -> None:
    order = await collected(shop, await shop.customer(), 0)
    await asyncio.gather(*(refund(shop, order, {"1": 1}, "the-refund-0001") for _ in range(16)))
    assert len((await shop.now(order)).refunds) == 1
    assert await shop.available(0) == 19


async def test_only_what_was_collected_here_is_refunded(shop: Shop, clock: MovableClock) -> None:
    order = await shop.place(await shop.customer(), shop.wish((0, 1)))
    assert await outcome(refund(shop, order, {"1": 1})) == ["ORDER_MOVE_ILLEGAL"]
    other = await Shop.open(shop.services, clock)
    assert await outcome(refund(other, order, {"1": 1})) == ["ORDER_NOT_FOUND"]
    done = await collected(shop, await shop.customer(), 0)
    for pieces in ({"1": 3}, {"1": 0}, {"1": -1}, {}):
        assert await outcome(refund(shop, done, pieces)) == ["REFUND_INVALID"]
    assert await outcome(refund(shop, done, {"9": 1})) == ["ORDER_LINE_NOT_FOUND"]
