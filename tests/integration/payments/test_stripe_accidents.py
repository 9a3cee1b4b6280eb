"""What goes wrong between us and Stripe: asked for afterwards, and never done twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.payments.at_store import AtStore
from app.payments.gateway import GatewayUnavailable
from app.payments.gateways import Gateways
from app.payments.model import PaymentState
from app.payments.service import PaymentService
from app.payments.stripe_gateway import StripeGateway
from app.shared.events import EventLog
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock
from tests.integration.payment_desk import a_card_wish, authorized, outcome, until_known
from tests.listeners import closed_port
from tests.patience import PATIENCE_SECONDS
from tests.stripe_stub import SECRET_KEY, Accident, StripeStub

ERRORS = {Accident.ERROR_BEFORE, Accident.ERROR_AFTER}
CREATE, CONFIRM, RETRIEVE = 0, 1, 2  # the requests that an authorization takes


@pytest.mark.parametrize(
    ("call", "accident"),
    [
        (call, accident)
        for call in (CREATE, CONFIRM, RETRIEVE)
        for accident in Accident
        # Under the key that a charge is opened with, Stripe repeats its error: the next test.
        if call != CREATE or accident not in ERRORS
        # What a confirmation itself answers is not read: the intent is retrieved.
        if call != CONFIRM or accident is not Accident.EMPTY
        if accident is not Accident.HANG
    ],
)
async def test_whatever_happens_on_the_way_is_asked_for(
    payments: PaymentService, stub: StripeStub, call: int, accident: Accident
) -> None:
    wish = a_card_wish()
    stub.accidents.extend([None] * call + [accident])
    assert await outcome(payments.authorize(wish)) == "PAYMENT_PENDING"
    assert await outcome(payments.authorize(wish)) == "done"
    (payment,) = await payments.of_reference(wish.reference)
    assert stub.intents[payment.gateway_id or ""]["status"] == "requires_capture"
    assert len(stub.intents) == 1


@pytest.mark.parametrize("call", [CREATE, CONFIRM, RETRIEVE])
async def test_whoever_does_not_answer_is_not_waited_for(
    payments: PaymentService, stub: StripeStub, database: Database, clock: MovableClock, call: int
) -> None:
    impatient = StripeGateway(SECRET_KEY, stub.url, seconds=0.5)
    hurried = PaymentService(database, Gateways(AtStore(), impatient), EventLog(database), clock)
    wish = a_card_wish()
    stub.accidents.extend([None] * call + [Accident.HANG])
    assert await outcome(hurried.authorize(wish)) == "PAYMENT_PENDING"
    await impatient.close()
    stub.accidents.clear()
    assert await outcome(payments.authorize(wish)) == "done"
    assert len(stub.intents) == 1


async def test_a_charge_that_cannot_be_opened_is_given_up_and_nothing_is_held(
    payments: PaymentService, stub: StripeStub
) -> None:
    wish = a_card_wish()
    stub.accidents.append(Accident.ERROR_AFTER)
    for _ in range(2):
        assert await outcome(payments.authorize(wish)) == "PAYMENT_PENDING"
    (payment,) = await payments.of_reference(wish.reference)
    assert (await payments.resolve(payment.id)).state is PaymentState.VOIDED
    assert stub.intents["pi_1"]["status"] == "requires_confirmation"
    assert await outcome(payments.authorize(replace(wish, key="another-key"))) == "done"


@pytest.mark.parametrize("accident", sorted(set(Accident) - {Accident.EMPTY, Accident.HANG}))
@pytest.mark.parametrize("act", ["capture", "void", "refund"])
async def test_an_act_is_done_once_whatever_happens_on_the_way(
    payments: PaymentService, stub: StripeStub, act: str, accident: Accident
) -> None:
    payment = await authorized(payments)
    acts: dict[str, Callable[[], Any]] = {
        "capture": lambda: payments.capture(payment.id, 800),
        "void": lambda: payments.void(payment.id),
        "refund": lambda: payments.refund(payment.id, 300, "refund-0001"),
    }
    if act == "refund":
        await payments.capture(payment.id, 800)
    stub.accidents.append(accident)
    assert await outcome(acts[act]()) == "PAYMENT_PENDING"
    if act == "refund" and accident is Accident.ERROR_BEFORE:
        # Under this key Stripe repeats its error, and only it knows whether the refund is coming.
        assert await outcome(acts[act]()) == "PAYMENT_PENDING"
        stub.answers.clear()  # as after a day
    assert await until_known(acts[act]) == "done"
    after = await payments.get(payment.id)
    assert after is not None
    intent = stub.intents["pi_1"]
    expected = {
        "capture": (PaymentState.CAPTURED, "succeeded", 800, 0),
        "void": (PaymentState.VOIDED, "canceled", 0, 0),
        "refund": (PaymentState.PARTIALLY_REFUNDED, "succeeded", 800, 300),
    }
    assert (after.state, intent["status"], intent["amount_received"], after.amount_refunded) == expected[act]
    assert len(stub.refunds) == (1 if act == "refund" else 0)


async def test_nobody_there_is_an_answer_too(database: Database, clock: MovableClock) -> None:
    gateway = StripeGateway(SECRET_KEY, f"http://127.0.0.1:{closed_port()}", PATIENCE_SECONDS)
    payments = PaymentService(database, Gateways(AtStore(), gateway), EventLog(database), clock)
    assert await outcome(payments.authorize(a_card_wish())) == "PAYMENT_PENDING"
    await gateway.close()


@pytest.mark.parametrize("accident", [None, Accident.NOT_ALLOWED, Accident.RESET_AFTER, Accident.GARBAGE])
async def test_logs_show_neither_keys_nor_cards_nor_what_stripe_says(
    payments: PaymentService, stub: StripeStub, logged: Callable[[], str], accident: Accident | None
) -> None:
    if accident is not None:
        stub.accidents.extend([None, accident])
    await outcome(payments.authorize(a_card_wish("pm_card_3ds")))
    told = logged()
    for private in (SECRET_KEY, "pm_card_3ds", "_secret_x", "no such key", "<html>"):
        assert private not in told


async def test_what_went_wrong_is_told_without_the_librarys_own_exceptions(
    gateway: StripeGateway, stub: StripeStub, payments: PaymentService
) -> None:
    payment = await authorized(payments)
    stub.accidents.append(Accident.ERROR_BEFORE)
    with pytest.raises(GatewayUnavailable) as lost:
        await gateway.find(payment)
    assert lost.value.reason == "APIError 500"
    assert lost.value.__cause__ is None
    with pytest.raises(GatewayUnavailable):
        await gateway.find(replace(payment, gateway_id="pi_gone"))
