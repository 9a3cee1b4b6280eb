"""Notices of gateways: what they tell is asked for, once."""

import asyncio

import pytest

from app.payments import errors
from app.payments.model import Notice, PaymentState
from app.payments.repository import PAYMENT_NOTICES, PAYMENTS
from app.payments.sandbox import SANDBOX_CHARGES
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock
from tests.examples import a_payment_wish
from tests.integration.payment_desk import (
    HELD_UP,
    REQUEST_LOST,
    PaymentDesk,
    outcome,
)


async def test_a_notice_is_heeded_once_whatever_it_says(
    desk: PaymentDesk, database: Database, clock: MovableClock
) -> None:
    payment = await desk.authorized(card_token="tok_requires_action")
    notice = Notice("sandbox:event-1", "sandbox", payment.gateway_id or "")
    for _ in range(3):
        await desk.service.heed(notice)
    assert (await desk.get(payment)).state is PaymentState.AUTHORIZED
    assert desk.gateway.calls.count("find") == 1
    assert await database.collection(PAYMENT_NOTICES).count({}) == 1


async def test_a_notice_of_an_unknown_charge_changes_nothing(desk: PaymentDesk, database: Database) -> None:
    await desk.service.heed(Notice("sandbox:event-1", "sandbox", "pi_of_somebody_else"))
    assert desk.gateway.calls == []
    assert await database.collection(PAYMENTS).count({}) == 0


async def test_a_notice_that_cannot_be_looked_into_is_to_be_sent_again(
    desk: PaymentDesk, database: Database
) -> None:
    payment = await desk.authorized(card_token="tok_requires_action")
    notice = Notice("sandbox:event-1", "sandbox", payment.gateway_id or "")
    desk.gateway.faults.append(REQUEST_LOST)
    with pytest.raises(errors.PaymentPending):
        await desk.service.heed(notice)
    assert await database.collection(PAYMENT_NOTICES).count({}) == 0
    await desk.service.heed(notice)
    assert (await desk.get(payment)).state is PaymentState.AUTHORIZED


async def test_a_notice_about_an_act_under_way_is_to_be_sent_again(desk: PaymentDesk) -> None:
    payment = await desk.authorized()
    notice = Notice("sandbox:event-1", "sandbox", payment.gateway_id or "")
    desk.gateway.faults.append(HELD_UP)
    capture = asyncio.create_task(desk.service.capture(payment.id, 1000))
    await desk.gateway.hung_up.wait()
    with pytest.raises(errors.PaymentPending):
        await desk.service.heed(notice)
    desk.gateway.comes_through.set()
    captured = await capture
    await desk.service.heed(notice)
    assert await desk.get(payment) == captured


async def test_money_that_is_set_aside_after_the_payment_was_closed_is_let_go(
    desk: PaymentDesk, database: Database
) -> None:
    wish = a_payment_wish(card_token="tok_declined")
    assert await outcome(desk.service.authorize(wish)) == "PAYMENT_DECLINED"
    (payment,) = await desk.service.of_reference(wish.reference)
    await database.collection(SANDBOX_CHARGES).find_one_and_update(
        {"_id": payment.id}, {"$set": {"status": "AUTHORIZED"}}
    )
    await desk.service.heed(Notice("sandbox:event-1", "sandbox", payment.gateway_id or ""))
    assert (await desk.charge(payment))["status"] == "VOIDED"
    assert (await desk.get(payment)).state is PaymentState.DECLINED


async def test_what_was_refunded_at_the_gateway_itself_is_known_by_its_notice(
    desk: PaymentDesk, database: Database
) -> None:
    payment = await desk.captured(1000)
    await database.collection(SANDBOX_CHARGES).find_one_and_update(
        {"_id": payment.id}, {"$set": {"refunded": 900, "refunds": [{"id": "re_1", "amount": 900}]}}
    )
    await desk.service.heed(Notice("sandbox:event-1", "sandbox", payment.gateway_id or ""))
    assert (await desk.get(payment)).amount_refunded == 900
    assert await outcome(desk.service.refund(payment.id, 101, "refund-0001")) == "REFUND_TOO_LARGE"


async def test_a_refund_that_fails_later_is_taken_back(desk: PaymentDesk, database: Database) -> None:
    payment = await desk.captured(1000)
    await desk.service.refund(payment.id, 1000, "refund-0001")
    await database.collection(SANDBOX_CHARGES).find_one_and_update(
        {"_id": payment.id}, {"$set": {"refunded": 0, "refunds": []}}
    )
    await desk.service.heed(Notice("sandbox:event-1", "sandbox", payment.gateway_id or ""))
    after = await desk.get(payment)
    assert (after.state, after.amount_refunded) == (PaymentState.CAPTURED, 0)
    told = await database.collection(EVENTS).find({"type": "PaymentRefundFailed"})
    assert len(told) == 1
