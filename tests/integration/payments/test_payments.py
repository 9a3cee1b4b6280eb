"""Payments on a real MongoDB with the sandbox: each act once, whatever gets lost on the way."""

from collections.abc import Callable

import pytest

from app.composition import build_services
from app.payments import errors
from app.payments.model import DeclineReason, PaymentMethod, PaymentState
from app.payments.repository import PAYMENT_ACTS, PAYMENTS
from app.payments.sandbox import CARDS, SANDBOX_CHARGES
from app.services import Services
from app.shared.events import EVENTS
from app.shared.idempotency import IdempotencyKeyReused
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from tests.conftest import MovableClock
from tests.examples import a_payment_wish
from tests.integration.payment_desk import (
    ANSWER_LOST,
    FINE,
    PaymentDesk,
    outcome,
    until_known,
)


async def test_a_payment_is_authorized_placed_captured_and_refunded(
    desk: PaymentDesk, database: Database
) -> None:
    wish = a_payment_wish()
    payment = (await desk.service.authorize(wish)).payment
    assert (payment.state, payment.amount_authorized) == (PaymentState.AUTHORIZED, 1000)
    used = await database.transaction(lambda session: desk.service.use(payment.id, wish.reference, session))
    assert used.used_at is not None
    captured = await desk.service.capture(payment.id, 900)
    assert (captured.state, captured.amount_captured) == (PaymentState.CAPTURED, 900)
    partly = await desk.service.refund(payment.id, 400, "refund-0001")
    assert (partly.state, partly.amount_refunded) == (PaymentState.PARTIALLY_REFUNDED, 400)
    whole = await desk.service.refund(payment.id, 500, "refund-0002")
    assert (whole.state, whole.amount_refunded) == (PaymentState.REFUNDED, 900)
    assert await desk.get(payment) == whole
    assert await desk.service.of_reference(wish.reference) == [whole]
    acts = await database.collection(PAYMENT_ACTS).find({"payment_id": payment.id}, sort=[("_id", 1)])
    assert [(act["kind"], act["outcome"], act["amount"]) for act in acts] == [
        ("AUTHORIZE", "DONE", 1000),
        ("CAPTURE", "DONE", 900),
        ("REFUND", "DONE", 400),
        ("REFUND", "DONE", 500),
    ]
    events = await database.collection(EVENTS).find(
        {"subject": f"payment:{payment.id}"}, sort=[("written_at", 1)]
    )
    assert [event["type"] for event in events] == [
        "PaymentAuthorized",
        "PaymentCaptured",
        "PaymentRefunded",
        "PaymentRefunded",
    ]


async def test_each_act_that_is_repeated_happens_once(desk: PaymentDesk) -> None:
    wish = a_payment_wish()
    payment = (await desk.service.authorize(wish)).payment
    assert (await desk.service.authorize(wish)).payment == payment
    captured = await desk.service.capture(payment.id, 1000)
    assert await desk.service.capture(payment.id, 1000) == captured
    assert (await desk.service.authorize(wish)).payment == captured
    refunded = await desk.service.refund(payment.id, 300, "refund-0001")
    assert await desk.service.refund(payment.id, 300, "refund-0001") == refunded
    with pytest.raises(IdempotencyKeyReused):
        await desk.service.refund(payment.id, 301, "refund-0001")
    assert (await desk.charge(payment))["refunded"] == 300
    assert desk.gateway.calls == ["open", "authorize", "capture", "refund"]


async def test_a_key_is_for_one_wish(desk: PaymentDesk) -> None:
    wish = a_payment_wish()
    await desk.service.authorize(wish)
    for changes in ({"amount": 999}, {"payer_id": "another"}, {"method": PaymentMethod.PAY_AT_STORE}):
        other = a_payment_wish(**{"reference": wish.reference, "key": wish.key, **changes})
        with pytest.raises(IdempotencyKeyReused):
            await desk.service.authorize(other)


async def test_one_thing_is_not_paid_for_twice(desk: PaymentDesk) -> None:
    wish = a_payment_wish()
    first = (await desk.service.authorize(wish)).payment
    again = a_payment_wish(reference=wish.reference)
    with pytest.raises(errors.PaymentStateChanged):
        await desk.service.authorize(again)
    await desk.service.void(first.id)
    second = (await desk.service.authorize(again)).payment
    assert (second.state, second.id != first.id) == (PaymentState.AUTHORIZED, True)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("tok_declined", DeclineReason.CARD_DECLINED),
        ("tok_insufficient_funds", DeclineReason.INSUFFICIENT_FUNDS),
        ("tok_unheard_of", DeclineReason.CARD_INVALID),
    ],
)
async def test_a_declined_card_is_told_with_its_reason_and_another_may_be_tried(
    desk: PaymentDesk, token: str, reason: DeclineReason
) -> None:
    wish = a_payment_wish(card_token=token)
    for _ in range(2):
        with pytest.raises(errors.PaymentDeclined) as refused:
            await desk.service.authorize(wish)
        assert refused.value.numbers == {"reason": reason.value}
    assert (await desk.authorized(reference=wish.reference)).state is PaymentState.AUTHORIZED


async def test_a_card_number_is_neither_kept_nor_sent_nor_logged(
    desk: PaymentDesk, database: Database, logged: Callable[[], str]
) -> None:
    for text in ("4242424242424242", "tok_4242424242424242"):
        with pytest.raises(errors.PaymentTokenInvalid) as refused:
            await desk.service.authorize(a_payment_wish(card_token=text))
        assert "4242" not in f"{refused.value!r}{refused.value.to_document()}"
    assert desk.gateway.calls == []
    for definition in (PAYMENTS, PAYMENT_ACTS, SANDBOX_CHARGES):
        assert await database.collection(definition).count({}) == 0
    assert "4242" not in logged()


async def test_nothing_of_a_card_is_kept_by_payments(desk: PaymentDesk, database: Database) -> None:
    desk.gateway.faults.extend([FINE, ANSWER_LOST])
    wish = a_payment_wish(card_token="tok_ok", key="4242424242424242")
    await until_known(lambda: desk.service.authorize(wish))
    kept = [await database.collection(each).find({}) for each in (PAYMENTS, PAYMENT_ACTS, EVENTS)]
    assert "tok_ok" not in str(kept)
    assert "4242424242424242" not in str(kept)


async def test_whoever_must_confirm_gets_a_secret_and_is_authorized_then(
    desk: PaymentDesk, database: Database
) -> None:
    wish = a_payment_wish(card_token="tok_requires_action")
    first = await desk.service.authorize(wish)
    assert first.payment.state is PaymentState.REQUIRES_ACTION
    assert first.client_secret
    assert first.client_secret not in str(await database.collection(PAYMENTS).find({}))
    with pytest.raises(errors.PaymentStateChanged):
        await database.transaction(
            lambda session: desk.service.use(first.payment.id, wish.reference, session)
        )
    then = await desk.service.authorize(wish)
    assert (then.payment.state, then.client_secret) == (PaymentState.AUTHORIZED, None)
    assert desk.gateway.calls == ["open", "authorize", "find"]


async def test_too_much_is_refused_before_the_gateway_is_asked(desk: PaymentDesk) -> None:
    payment = await desk.authorized()
    assert await outcome(desk.service.capture(payment.id, 1001)) == "CAPTURE_TOO_LARGE"
    assert await outcome(desk.service.capture(payment.id, 0)) == "PAYMENT_AMOUNT_INVALID"
    assert await outcome(desk.service.refund(payment.id, 1, "refund-0001")) == "PAYMENT_STATE_CHANGED"
    await desk.service.capture(payment.id, 500)
    assert await outcome(desk.service.refund(payment.id, 501, "refund-0001")) == "REFUND_TOO_LARGE"
    assert await outcome(desk.service.capture(payment.id, 400)) == "PAYMENT_STATE_CHANGED"
    assert await outcome(desk.service.void(payment.id)) == "PAYMENT_STATE_CHANGED"
    assert await outcome(desk.service.capture("nobody", 1)) == "PAYMENT_NOT_FOUND"
    assert desk.gateway.calls == ["open", "authorize", "capture"]


async def test_paying_at_the_store_asks_nobody(desk: PaymentDesk, database: Database) -> None:
    wish = a_payment_wish(method=PaymentMethod.PAY_AT_STORE, card_token=None)
    payment = (await desk.service.authorize(wish)).payment
    assert payment.state is PaymentState.AUTHORIZED
    await desk.service.capture(payment.id, 600)
    refunded = await desk.service.refund(payment.id, 100, "refund-0001")
    assert await desk.service.refund(payment.id, 100, "refund-0001") == refunded
    assert (refunded.amount_captured, refunded.amount_refunded) == (600, 100)
    assert await outcome(desk.service.refund(payment.id, 501, "refund-0002")) == "REFUND_TOO_LARGE"
    other = await desk.authorized(method=PaymentMethod.PAY_AT_STORE)
    assert (await desk.service.void(other.id)).state is PaymentState.VOIDED
    assert desk.gateway.calls == []
    assert await database.collection(SANDBOX_CHARGES).count({}) == 0


@pytest.mark.parametrize("token", sorted(CARDS))
async def test_each_card_of_the_sandbox_ends_up_as_it_says(desk: PaymentDesk, token: str) -> None:
    wish = a_payment_wish(card_token=token)
    told = await until_known(lambda: desk.service.authorize(wish))
    (payment,) = await desk.service.of_reference(wish.reference)
    is_declined = CARDS[token].decline_reason is not None
    assert told == ("PAYMENT_DECLINED" if is_declined else "done")
    assert (await desk.charge(payment))["status"] == payment.state.value
    assert (await desk.charge(payment))["effects"] == [payment.id]


async def test_in_development_the_sandbox_takes_cards(services: Services) -> None:
    assert services.payments.methods == set(PaymentMethod)
    assert await outcome(services.payments.authorize(a_payment_wish())) == "done"


async def test_without_a_gateway_cards_are_refused(
    settings: Settings, database: Database, clock: MovableClock
) -> None:
    changed = settings.model_copy(update={"payment_gateway": "none"})
    payments = build_services(changed, database, clock).payments
    assert payments.methods == {PaymentMethod.PAY_AT_STORE}
    assert await outcome(payments.authorize(a_payment_wish())) == "PAYMENT_METHOD_UNAVAILABLE"
    wish = a_payment_wish(method=PaymentMethod.PAY_AT_STORE, card_token=None)
    assert await outcome(payments.authorize(wish)) == "done"
