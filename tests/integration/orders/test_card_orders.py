"""Orders paid by card: hold, authorize, place; whatever gets lost, nothing is paid or placed twice."""

import asyncio
from datetime import timedelta

import pytest

from app.inventory.audit import audit as audit_stock
from app.orders.checkout import PaymentToConfirm
from app.orders.checkout_repository import CHECKOUTS
from app.orders.model import Order
from app.orders.repository import ORDERS
from app.orders.states import OrderState
from app.payments.errors import PaymentPending
from app.payments.model import Payment, PaymentState
from app.payments.repository import PAYMENTS
from app.payments.sandbox import SANDBOX_CHARGES
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock
from tests.integration.shop import Shop, outcome

KEY = "the-key-of-the-order"


async def ordered(shop: Shop, member: str, token: str = "tok_ok", points: int = 0) -> Order:  # noqa: S107
    """A card order; the same request is sent again until it has an answer."""
    wish = shop.wish((0, 2), use_points=points)
    for _ in range(5):
        try:
            order = await shop.place_by_card(member, wish, token, KEY)
        except PaymentPending:
            continue
        assert isinstance(order, Order)
        return order
    raise AssertionError("no answer in five tries")


async def payment_of(shop: Shop, order: Order) -> Payment:
    assert order.payment_id is not None
    payment = await shop.services.payments.get(order.payment_id)
    assert payment is not None
    return payment


async def require_nothing_left(shop: Shop, database: Database, clock: MovableClock) -> None:
    assert await database.collection(CHECKOUTS).count({}) == 0
    assert (await shop.available(0), await shop.room(shop.slot)) == (20, 20)
    assert all([level.faults == () async for level in audit_stock(database, clock.now())])


async def test_the_money_is_set_aside_and_taken_when_the_order_is_collected(shop: Shop) -> None:
    member = await shop.customer(points=300)
    order = await ordered(shop, member, points=300)
    payment = await payment_of(shop, order)
    assert (payment.state, payment.amount_authorized) == (PaymentState.AUTHORIZED, 1_700)
    assert (order.state, await shop.available(0), await shop.balance(member)) == (OrderState.PLACED, 18, 0)
    order = await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)
    await shop.services.counter.collect(shop.clerk, order.pickup_code, None)
    payment = await payment_of(shop, order)
    assert (payment.state, payment.amount_captured) == (PaymentState.CAPTURED, 1_700)
    assert (await shop.now(order)).due_payments == ()


async def test_no_more_is_taken_than_was_supplied(shop: Shop) -> None:
    member = await shop.customer()
    placed = await shop.place_by_card(member, shop.wish((0, 1), (1, 1)))
    assert isinstance(placed, Order)
    order = await shop.move(placed, OrderState.ACCEPTED)
    order = await shop.services.counter.reject_line(shop.clerk, order.id, "1", None)
    await shop.move(order, OrderState.PREPARING, OrderState.READY, OrderState.COLLECTED)
    assert (await payment_of(shop, order)).amount_captured == 300


@pytest.mark.parametrize("end", [OrderState.REJECTED, OrderState.CANCELLED, OrderState.EXPIRED])
async def test_an_end_lets_go_of_the_money(shop: Shop, clock: MovableClock, end: OrderState) -> None:
    member = await shop.customer()
    order = await ordered(shop, member)
    if end is OrderState.CANCELLED:
        await shop.services.orders.cancel(member, order.id, None)
    elif end is OrderState.REJECTED:
        await shop.move(order, end)
    else:
        clock.moment = order.accept_by
        assert await shop.services.order_timekeeping.sweep() == 1
    assert (await payment_of(shop, order)).state is PaymentState.VOIDED
    assert (await shop.now(order)).state is end


async def test_a_declined_card_orders_nothing_and_is_declined_again(
    shop: Shop, database: Database, clock: MovableClock
) -> None:
    member = await shop.customer(points=100)
    for _ in range(2):
        placing = shop.place_by_card(member, shop.wish((0, 2), use_points=100), "tok_declined", KEY)
        assert await outcome(placing) == ["PAYMENT_DECLINED"]
    await require_nothing_left(shop, database, clock)
    assert await database.collection(PAYMENTS).count({}) == 1
    assert await shop.balance(member) == 100
    assert isinstance(await shop.place_by_card(member, shop.wish((0, 2))), Order)


@pytest.mark.parametrize("token", ["tok_timeout", "tok_timeout_undone"])
async def test_a_lost_answer_is_asked_for(shop: Shop, database: Database, token: str) -> None:
    member = await shop.customer()
    order = await ordered(shop, member, token)
    assert (await payment_of(shop, order)).state is PaymentState.AUTHORIZED
    assert await database.collection(SANDBOX_CHARGES).count({}) == 1
    assert await database.collection(ORDERS).count({}) == 1
    assert await shop.available(0) == 18


async def test_a_payment_is_confirmed_first_where_the_bank_wants_it(shop: Shop, database: Database) -> None:
    member = await shop.customer()
    answer = await shop.place_by_card(member, shop.wish((0, 2)), "tok_requires_action", KEY)
    assert isinstance(answer, PaymentToConfirm)
    assert answer.client_secret
    assert await database.collection(ORDERS).count({}) == 0
    assert await shop.available(0) == 18
    order = await shop.place_by_card(member, shop.wish((0, 2)), "tok_requires_action", KEY)
    assert isinstance(order, Order)
    assert await database.collection(PAYMENTS).count({}) == 1


async def test_32_of_the_same_declined_request_leave_nothing(
    shop: Shop, database: Database, clock: MovableClock
) -> None:
    member = await shop.customer()
    results = await asyncio.gather(
        *(outcome(shop.place_by_card(member, shop.wish((0, 2)), "tok_declined", KEY)) for _ in range(32))
    )
    assert {code for codes in results for code in codes} <= {"PAYMENT_DECLINED", "PAYMENT_PENDING"}
    again = shop.place_by_card(member, shop.wish((0, 2)), "tok_declined", KEY)
    assert await outcome(again) == ["PAYMENT_DECLINED"]
    await require_nothing_left(shop, database, clock)
    assert await database.collection(PAYMENTS).count({}) == 1


async def test_32_of_the_same_request_are_one_order_and_one_payment(shop: Shop, database: Database) -> None:
    member = await shop.customer(points=50)
    wish = shop.wish((0, 2), use_points=50)
    results = await asyncio.gather(
        *(outcome(shop.place_by_card(member, wish, "tok_ok", KEY)) for _ in range(32))
    )
    assert {code for codes in results for code in codes} <= {"done", "PAYMENT_PENDING"}
    order = await ordered(shop, member, points=50)
    assert await database.collection(ORDERS).count({}) == 1
    assert await database.collection(SANDBOX_CHARGES).count({}) == 1
    assert (await shop.available(0), await shop.balance(member)) == (18, 0)
    assert (await payment_of(shop, order)).state is PaymentState.AUTHORIZED


async def test_what_is_short_asks_no_card(shop: Shop, database: Database) -> None:
    placing = shop.place_by_card(await shop.customer(), shop.wish((0, 1), (1, 21)))
    assert await outcome(placing) == ["ORDER_ITEM_SHORT", "NO_SLOT_FITS"]
    assert await database.collection(PAYMENTS).count({}) == 0


async def test_points_that_are_gone_when_the_card_has_answered_cost_nothing(
    shop: Shop, database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = await shop.customer(points=300)
    authorize = shop.services.payments.authorize

    async def spend_meanwhile(request: object) -> object:
        monkeypatch.setattr(shop.services.payments, "authorize", authorize)
        answer = await authorize(request)  # type: ignore[arg-type]
        await shop.place(member, shop.wish((1, 1), use_points=300))
        return answer

    monkeypatch.setattr(shop.services.payments, "authorize", spend_meanwhile)
    placing = shop.place_by_card(member, shop.wish((0, 2), use_points=300), key=KEY)
    assert await outcome(placing) == ["INSUFFICIENT_POINTS"]
    (payment,) = await database.collection(PAYMENTS).find({})
    assert payment["state"] == "VOIDED"
    assert await shop.available(0) == 20
    assert await database.collection(CHECKOUTS).count({}) == 0


async def test_an_abandoned_checkout_holds_for_15_minutes(
    shop: Shop, database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server dies while the card is asked."""

    async def die(request: object) -> object:
        raise RuntimeError("the power fails")

    with monkeypatch.context() as patch:
        patch.setattr(shop.services.payments, "authorize", die)
        with pytest.raises(RuntimeError):
            await shop.place_by_card(await shop.customer(), shop.wish((0, 2)), key=KEY)
    assert (await shop.available(0), await shop.room(shop.slot)) == (18, 18)
    clock.advance(timedelta(minutes=15))
    assert (await shop.available(0), await shop.room(shop.slot)) == (20, 20)


async def test_what_could_not_be_settled_is_settled_by_the_sweep(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await ordered(shop, await shop.customer())
    order = await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)

    async def lose(payment_id: str, amount: int) -> Payment:
        raise PaymentPending

    with monkeypatch.context() as patch:
        patch.setattr(shop.services.payments, "capture", lose)
        await shop.move(order, OrderState.COLLECTED)
    assert len((await shop.now(order)).due_payments) == 1
    assert await shop.services.order_settling.sweep() == 1
    assert await shop.services.order_settling.sweep() == 0
    assert (await payment_of(shop, order)).state is PaymentState.CAPTURED


async def test_another_order_with_the_same_key_is_refused(shop: Shop) -> None:
    member = await shop.customer()
    await ordered(shop, member)
    other = shop.place_by_card(member, shop.wish((0, 1)), key=KEY)
    assert await outcome(other) == ["IDEMPOTENCY_KEY_REUSED"]
