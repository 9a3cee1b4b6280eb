"""Cards by Stripe, through the service, against a stub of Stripe on the loopback address."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from app.composition import build_services
from app.payments.errors import PaymentDeclined
from app.payments.model import PaymentState
from app.payments.repository import PAYMENT_ACTS
from app.payments.service import PaymentService
from app.payments.stripe_gateway import StripeGateway
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from tests.conftest import MovableClock
from tests.integration.payment_desk import a_card_wish, authorized, outcome, until_known
from tests.stripe_stub import CAPTURE_BEFORE, SECRET_KEY, StripeStub


async def test_yen_are_authorized_captured_and_refunded(
    payments: PaymentService, stub: StripeStub, database: Database
) -> None:
    payment = await authorized(payments)
    assert (payment.state, payment.gateway_id, payment.amount_authorized) == (
        PaymentState.AUTHORIZED,
        "pi_1",
        1000,
    )
    create = stub.requests[0]
    assert create.form == {
        "amount": "1000",
        "currency": "jpy",
        "payment_method": "pm_card_visa",
        "allowed_payment_method_types[0]": "card",
        "capture_method": "manual",
        "description": "Order 1",
        "metadata[payment_id]": payment.id,
        "metadata[reference]": payment.reference,
    }
    assert create.headers["idempotency-key"] == f"{payment.id}-open"
    await payments.capture(payment.id, 900)
    after = await payments.refund(payment.id, 400, "refund-0001")
    assert (after.state, after.amount_captured, after.amount_refunded) == (
        PaymentState.PARTIALLY_REFUNDED,
        900,
        400,
    )
    assert stub.intents["pi_1"]["amount_received"] == 900
    assert [refund["amount"] for refund in stub.refunds] == [400]
    acts = await database.collection(PAYMENT_ACTS).find({"payment_id": payment.id})
    assert all(act["request_id"].startswith("req_") for act in acts)


async def test_a_void_cancels_the_intent(payments: PaymentService, stub: StripeStub) -> None:
    payment = await authorized(payments)
    assert (await payments.void(payment.id)).state is PaymentState.VOIDED
    assert stub.intents["pi_1"]["status"] == "canceled"


@pytest.mark.parametrize(
    ("card", "reason"),
    [
        ("pm_card_declined", "CARD_DECLINED"),
        ("pm_card_stolen", "CARD_DECLINED"),
        ("pm_card_poor", "INSUFFICIENT_FUNDS"),
        ("pm_card_expired", "CARD_EXPIRED"),
        ("pm_card_wrong_cvc", "CARD_INVALID"),
        ("pm_missing", "CARD_INVALID"),
    ],
)
async def test_declines_are_told_with_reasons_that_the_holder_may_know(
    payments: PaymentService, card: str, reason: str
) -> None:
    wish = a_card_wish(card)
    for _ in range(2):
        with pytest.raises(PaymentDeclined) as refused:
            await payments.authorize(wish)
        assert refused.value.numbers == {"reason": reason}


@pytest.mark.parametrize(
    ("becomes", "told"),
    [
        ({"status": "requires_capture", "amount_capturable": 1000}, "done"),
        (
            {
                "status": "requires_payment_method",
                "last_payment_error": {"code": "payment_intent_authentication_failure"},
            },
            "PAYMENT_DECLINED",
        ),
        ({"status": "canceled"}, "PAYMENT_STATE_CHANGED"),
    ],
)
async def test_the_customer_confirms_to_her_bank(
    payments: PaymentService, stub: StripeStub, becomes: dict[str, Any], told: str
) -> None:
    wish = a_card_wish("pm_card_3ds")
    for _ in range(2):
        authorization = await payments.authorize(wish)
        assert authorization.payment.state is PaymentState.REQUIRES_ACTION
        assert authorization.client_secret == "pi_1_secret_x"
    stub.intents["pi_1"].update(becomes)
    assert await outcome(payments.authorize(wish)) == told
    confirms = [request for request in stub.requests if request.path.endswith("/confirm")]
    assert [request.form for request in confirms] == [{"use_stripe_sdk": "true"}]


async def test_what_the_bank_has_not_decided_is_pending(payments: PaymentService, stub: StripeStub) -> None:
    wish = a_card_wish("pm_card_slow")
    for _ in range(2):
        assert await outcome(payments.authorize(wish)) == "PAYMENT_PENDING"
    stub.intents["pi_1"].update(status="requires_capture", amount_capturable=1000)
    assert await outcome(payments.authorize(wish)) == "done"


async def test_a_refund_that_stripe_declines_is_not_done(payments: PaymentService, stub: StripeStub) -> None:
    payment = await authorized(payments)
    await payments.capture(payment.id, 800)
    stub.intents["pi_1"]["amount_received"] = 100  # as where money is withheld for a dispute
    assert await outcome(payments.refund(payment.id, 300, "refund-0001")) == "PAYMENT_STATE_CHANGED"
    after = await payments.get(payment.id)
    assert after is not None
    assert (after.pending, after.refunds, stub.refunds) == (None, (), [])


async def test_an_authorization_that_the_bank_let_expire_cannot_be_captured(
    payments: PaymentService, stub: StripeStub
) -> None:
    payment = await authorized(payments)
    stub.intents["pi_1"].update(status="canceled", amount_capturable=0)
    assert await outcome(payments.capture(payment.id, 1000)) == "PAYMENT_STATE_CHANGED"
    after = await payments.get(payment.id)
    assert after is not None
    assert after.state is PaymentState.VOIDED


@pytest.mark.parametrize("status", ["failed", "canceled"])
async def test_a_refund_that_fails_at_stripe_counts_no_more(
    payments: PaymentService, stub: StripeStub, gateway: StripeGateway, status: str
) -> None:
    payment = await authorized(payments)
    await payments.capture(payment.id, 800)
    await payments.refund(payment.id, 300, "refund-0001")
    refunded = await payments.refund(payment.id, 100, "refund-0002")
    stub.refunds[0]["status"] = status
    stub.refunds.append({**stub.refunds[1], "id": "re_by_hand", "metadata": {}, "amount": 50})
    charge = await gateway.find(refunded)
    assert [(refund.id, refund.amount) for refund in charge.refunds] == [
        (refunded.refunds[1].id, 100),
        ("re_by_hand", 50),
    ]


async def test_32_captures_and_voids_leave_one_outcome(payments: PaymentService, stub: StripeStub) -> None:
    payment = await authorized(payments)
    await asyncio.gather(
        *(until_known(lambda: payments.capture(payment.id, 1000)) for _ in range(16)),
        *(until_known(lambda: payments.void(payment.id)) for _ in range(16)),
    )
    after = await payments.get(payment.id)
    assert after is not None
    expected = {PaymentState.CAPTURED: "succeeded", PaymentState.VOIDED: "canceled"}
    assert stub.intents["pi_1"]["status"] == expected[after.state]


async def test_the_settings_choose_stripe(
    settings: Settings, database: Database, clock: MovableClock, stub: StripeStub
) -> None:
    changed = Settings(
        MONGODB_URI="mongodb://unused.example",
        data_dir=settings.data_dir,
        payment_gateway="stripe",
        stripe_secret_key=SECRET_KEY,
        stripe_api_base=stub.url,
    )
    payments = build_services(changed, database, clock).payments
    assert (await authorized(payments)).gateway == "stripe"
    await payments.close()


async def test_it_is_known_when_the_bank_lets_go(payments: PaymentService, stub: StripeStub) -> None:
    payment = await authorized(payments)
    assert payment.authorized_until == datetime.fromtimestamp(CAPTURE_BEFORE, UTC)
    assert (await payments.get(payment.id)) == payment
    stub.expire("pi_1")
    assert await outcome(payments.capture(payment.id, 1000)) == "PAYMENT_STATE_CHANGED"
    after = await payments.get(payment.id)
    assert after is not None
    assert (after.state, after.amount_captured) == (PaymentState.VOIDED, 0)


async def test_a_charge_that_does_not_say_until_when_is_taken_all_the_same(
    payments: PaymentService, stub: StripeStub
) -> None:
    payment = await authorized(payments)
    stub.intents["pi_1"]["latest_charge"] = "ch_1"
    assert (await payments.capture(payment.id, 900)).state is PaymentState.CAPTURED
