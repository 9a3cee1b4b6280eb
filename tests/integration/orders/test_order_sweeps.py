"""What the worker does with orders: one that cannot be dealt with hinders none of the others."""

from collections.abc import Callable
from typing import Any

import pytest

from app.orders import settling, timekeeping
from app.orders.model import Order
from app.orders.states import OrderState
from app.payments.errors import PaymentPending
from tests.integration.shop import Shop

STEPS = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)


@pytest.fixture(params=[1, 2, 100])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many orders a sweep reads at once."""
    monkeypatch.setattr(timekeeping, "AT_ONCE", request.param)
    monkeypatch.setattr(settling, "AT_ONCE", request.param)


@pytest.mark.usefixtures("at_once")
async def test_an_order_that_cannot_be_ended_keeps_no_other_from_ending(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    orders = [
        await shop.place(await shop.customer(points=100), shop.wish((0, 1), use_points=100)) for _ in "123"
    ]
    bad = orders[0]
    give_back = shop.services.points.reverse

    async def fail_for_one(member_id: str, *arguments: Any, **named: Any) -> Any:
        if member_id == bad.member_id:
            raise RuntimeError("there is something about this member")
        return await give_back(member_id, *arguments, **named)

    monkeypatch.setattr(shop.services.points, "reverse", fail_for_one)
    shop.clock.moment = bad.accept_by
    assert await shop.services.order_timekeeping.sweep() == 2
    states = [(await shop.now(order)).state for order in orders]
    assert states == [OrderState.PLACED, OrderState.EXPIRED, OrderState.EXPIRED]
    assert "order_not_ended" in logged()
    assert bad.id in logged()
    monkeypatch.setattr(shop.services.points, "reverse", give_back)
    assert await shop.services.order_timekeeping.sweep() == 1
    assert (await shop.now(bad)).state is OrderState.EXPIRED


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("error", [RuntimeError("a bug"), None])
async def test_a_payment_that_cannot_be_settled_keeps_no_other_from_being_settled(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    """Whether it raises, or stays due for ever."""
    orders = [await collected_unpaid(shop, monkeypatch) for _ in "123"]
    capture = shop.services.payments.capture

    async def fail_for_one(payment_id: str, amount: int) -> Any:
        if payment_id == orders[0].payment_id:
            raise error or PaymentPending
        return await capture(payment_id, amount)

    with monkeypatch.context() as patch:
        patch.setattr(shop.services.payments, "capture", fail_for_one)
        await shop.services.order_settling.sweep()
    assert [len((await shop.now(order)).due_payments) for order in orders] == [1, 0, 0]
    await shop.services.order_settling.sweep()
    assert (await shop.now(orders[0])).due_payments == ()


async def collected_unpaid(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Order:
    """An order that was collected while nobody answered for its card."""

    async def lose(payment_id: str, amount: int) -> Any:
        raise PaymentPending

    order = await shop.place_by_card(await shop.customer(), shop.wish((0, 1)))
    assert isinstance(order, Order)
    with monkeypatch.context() as patch:
        patch.setattr(shop.services.payments, "capture", lose)
        return await shop.move(order, *STEPS, OrderState.COLLECTED)
