"""Cards whose bank answers late: the order waits, is placed once, and is settled like any other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from app.orders.model import Order
from app.orders.repository import ORDERS
from app.orders.states import OrderState
from app.payments.model import Act, Charge, Payment, PaymentState
from app.payments.repository import PAYMENTS
from app.payments.sandbox import SANDBOX_CHARGES, Sandbox
from app.services import Services
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop, outcome

KEY = "the-key-of-the-order"
PIECES = 3


@dataclass
class Bank:
    """Has been asked, and answers when the test lets it."""

    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)


@pytest.fixture
async def bank(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bank]:
    bank, authorize = Bank(), Sandbox.authorize

    async def authorize_late(sandbox: Sandbox, payment: Payment, act: Act) -> Charge:
        bank.was_asked.set()
        await bank.may_answer.wait()
        sandbox._late_seconds = 0  # it was late enough
        return await authorize(sandbox, payment, act)

    monkeypatch.setattr(Sandbox, "authorize", authorize_late)
    yield bank
    bank.may_answer.set()


@pytest.fixture
async def shop(services: Services, clock: MovableClock) -> Shop:
    return await Shop.open(services, clock, PIECES)


async def asking(shop: Shop, member: str, bank: Bank) -> "asyncio.Task[object]":
    """Her order, for which the bank has been asked."""
    task = asyncio.create_task(order(shop, member))
    await bank.was_asked.wait()
    return task


async def order(shop: Shop, member: str) -> object:
    return await shop.place_by_card(member, shop.wish((0, 2), use_points=100), "tok_late", KEY)


@pytest.mark.parametrize("end", [OrderState.COLLECTED, OrderState.CANCELLED, OrderState.EXPIRED])
async def test_the_order_is_placed_when_the_answer_is_there_and_settled_once(
    shop: Shop, database: Database, clock: MovableClock, bank: Bank, end: OrderState
) -> None:
    member = await shop.customer(points=100)
    task = await asking(shop, member, bank)
    assert await outcome(order(shop, member)) == ["PAYMENT_PENDING"]
    assert (await shop.available(0), await database.collection(ORDERS).count({})) == (1, 0)
    bank.may_answer.set()
    placed = await task
    assert isinstance(placed, Order)
    assert await order(shop, member) == placed
    assert await database.collection(SANDBOX_CHARGES).count({}) == 1
    if end is OrderState.COLLECTED:
        steps = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY, OrderState.COLLECTED)
        await shop.move(placed, *steps)
    elif end is OrderState.CANCELLED:
        await shop.services.orders.cancel(member, placed.id, None)
    else:
        clock.moment = placed.accept_by
        await shop.services.order_timekeeping.sweep()
    (payment,) = await database.collection(PAYMENTS).find({})
    taken = (PaymentState.CAPTURED, 1_900) if end is OrderState.COLLECTED else (PaymentState.VOIDED, 0)
    assert (payment["state"], payment["amount_captured"]) == taken
    await require_sound(database, clock.now())


async def test_who_hangs_up_before_the_answer_has_the_order_when_she_asks_again(
    shop: Shop, database: Database, clock: MovableClock, bank: Bank
) -> None:
    member = await shop.customer(points=100)
    task = await asking(shop, member, bank)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    bank.may_answer.set()
    clock.advance(timedelta(minutes=2))
    placed = await order(shop, member)
    assert isinstance(placed, Order)
    assert (await shop.available(0), await shop.balance(member)) == (1, 0)
    assert await database.collection(SANDBOX_CHARGES).count({}) == 1
    await require_sound(database, clock.now())


async def test_an_answer_that_comes_when_others_have_the_goods_costs_nothing(
    shop: Shop, database: Database, clock: MovableClock, bank: Bank
) -> None:
    """What was held is held for 15 minutes; the bank takes longer."""
    member, other = await shop.customer(points=100), await shop.customer()
    task = await asking(shop, member, bank)
    clock.advance(timedelta(minutes=16))
    await shop.place(other, shop.wish((0, PIECES)))
    bank.may_answer.set()
    assert await outcome(task) == ["OUT_OF_STOCK"]
    (payment,) = await database.collection(PAYMENTS).find({})
    assert (payment["state"], payment["amount_captured"]) == (PaymentState.VOIDED, 0)
    assert (await shop.balance(member), await database.collection(ORDERS).count({})) == (100, 1)
    await require_sound(database, clock.now())
