"""Money that a bank sets aside for some days: an order waits no longer, and nobody hands over for nothing."""

from datetime import timedelta

from app.orders.checkout_repository import CHECKOUTS
from app.orders.model import Order
from app.orders.repository import ORDERS
from app.orders.states import OrderState
from app.payments.model import Notice, Payment, PaymentMethod, PaymentState
from app.payments.sandbox import SANDBOX_CHARGES
from app.shared.events import EVENTS
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock
from tests.integration.shop import Shop, outcome

STEPS = (OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY)


async def ready(shop: Shop, token: str = "tok_ok") -> Order:  # noqa: S107
    order = await shop.place_by_card(await shop.customer(), shop.wish((0, 2)), token)
    assert isinstance(order, Order)
    return await shop.move(order, *STEPS)


async def payment_of(shop: Shop, order: Order) -> Payment:
    assert order.payment_id is not None
    payment = await shop.services.payments.get(order.payment_id)
    assert payment is not None
    return payment


async def let_go(shop: Shop, order: Order, is_told: bool) -> None:
    """The bank lets go of the money before its time, and the gateway tells us or not."""
    await shop.services.database.collection(SANDBOX_CHARGES).find_one_and_update(
        {"_id": order.payment_id}, {"$set": {"status": "VOIDED"}}
    )
    if is_told:
        payment = await payment_of(shop, order)
        await shop.services.payments.heed(Notice(new_id(), payment.gateway, payment.gateway_id or ""))


async def test_an_order_waits_no_longer_than_its_money(shop: Shop, clock: MovableClock) -> None:
    await shop.change_policy(grace_minutes=7 * 24 * 60)
    order = await ready(shop, "tok_short_hold")
    payment = await payment_of(shop, order)
    assert payment.authorized_until == clock.now() + timedelta(days=1)
    assert order.collect_by == payment.authorized_until - timedelta(hours=1)
    clock.moment = order.collect_by - timedelta(seconds=1)
    assert await shop.available(0) == 18
    clock.moment = order.collect_by
    assert await outcome(shop.services.counter.collect(shop.clerk, None, order.id)) == ["ORDER_MOVE_ILLEGAL"]
    assert await shop.services.order_timekeeping.sweep() == 1
    assert (await payment_of(shop, order)).state is PaymentState.VOIDED
    assert (await shop.now(order)).due_payments == ()


async def test_a_slot_after_the_money_is_gone_is_refused_and_nothing_is_held(
    shop: Shop, database: Database
) -> None:
    tomorrow = shop.wish((0, 2), slot=shop.slot + timedelta(days=1))
    key = f"key-{new_id()}"
    member = await shop.customer()
    for _ in range(2):
        placing = shop.place_by_card(member, tomorrow, "tok_short_hold", key)
        assert await outcome(placing) == ["CARD_HOLD_TOO_SHORT"]
    assert await database.collection(ORDERS).count({}) == 0
    assert await database.collection(CHECKOUTS).count({}) == 0
    (charge,) = await database.collection(SANDBOX_CHARGES).find({})
    assert charge["status"] == "VOIDED"
    assert await shop.available(0) == 20
    assert isinstance(await shop.place_by_card(member, tomorrow), Order)


async def test_whose_money_was_let_go_pays_at_the_till(shop: Shop) -> None:
    order = await ready(shop)
    await let_go(shop, order, is_told=True)
    collect = shop.services.counter.collect
    for code, order_id in ((order.pickup_code, None), (None, order.id)):
        assert await outcome(collect(shop.clerk, code, order_id)) == ["ORDER_PAYMENT_LET_GO"]
    assert (await shop.now(order)).state is OrderState.READY
    collected = (await collect(shop.clerk, order.pickup_code, None, is_paid_at_store=True)).order
    assert (collected.state, collected.payment_method) == (OrderState.COLLECTED, PaymentMethod.PAY_AT_STORE)
    found = await shop.now(order)
    assert (found.due_payments, found.amount_owed) == ((), 0)
    refunded = await shop.services.order_refunding.refund(
        shop.clerk, order.id, {"1": 1}, None, True, "refund-0001"
    )
    assert (refunded.order.refunds[0].money, refunded.order.due_payments) == (1_000, ())


async def test_who_pays_at_the_till_is_not_charged_by_card(shop: Shop) -> None:
    order = await ready(shop)
    await shop.services.counter.collect(shop.clerk, order.pickup_code, None, is_paid_at_store=True)
    payment = await payment_of(shop, order)
    assert (payment.state, payment.amount_captured) == (PaymentState.VOIDED, 0)


async def test_what_is_learned_too_late_is_owed_and_told_once(shop: Shop, database: Database) -> None:
    order = await ready(shop)
    await let_go(shop, order, is_told=False)
    await shop.services.counter.collect(shop.clerk, order.pickup_code, None)
    found = await shop.now(order)
    assert (found.state, found.amount_owed, found.due_payments) == (OrderState.COLLECTED, 2_000, ())
    assert await shop.services.order_settling.sweep() == 0
    assert await database.collection(EVENTS).count({"type": "OrderPaymentLost"}) == 1
    refunded = await shop.services.order_refunding.refund(
        shop.clerk, order.id, {"1": 1}, None, True, "refund-0001"
    )
    assert refunded.order.due_payments == ()
