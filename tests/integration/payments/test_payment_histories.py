"""Any history of a payment, with answers lost and several callers at once, ends as the gateway has it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.payments.model import Payment, PaymentRequest, PaymentState
from app.shared.mongodb.database import Database, Document
from tests.conftest import MovableClock
from tests.examples import a_payment_wish
from tests.integration.payment_desk import (
    ANSWER_LOST,
    FINE,
    REQUEST_LOST,
    PaymentDesk,
    outcome,
    until_known,
)

AMOUNT = 1000
# What one of those who act at the same time does, and with how much.
callers = st.tuples(
    st.sampled_from(["authorize", "capture", "void", "refund", "resolve", "sweep"]),
    st.integers(1, AMOUNT + 100),
    st.integers(1, 3),
)
histories = st.lists(st.lists(callers, min_size=1, max_size=4), min_size=2, max_size=6)
lines = st.lists(st.sampled_from([FINE, FINE, REQUEST_LOST, ANSWER_LOST]), max_size=20)


def act_of(
    desk: PaymentDesk, wish: PaymentRequest, payment: Payment, caller: tuple[str, int, int]
) -> Awaitable[object]:
    kind, amount, number = caller
    service = desk.service
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "authorize": lambda: service.authorize(wish),
        "capture": lambda: service.capture(payment.id, amount),
        "void": lambda: service.void(payment.id),
        "refund": lambda: service.refund(payment.id, amount, f"refund-{number:04d}"),
        "resolve": lambda: service.resolve(payment.id),
        "sweep": service.sweep,
    }
    return acts[kind]()


def must_be_sound(payment: Payment, charge: Document | None) -> None:
    """What holds at any time, whatever is unknown."""
    assert payment.amount_authorized in {0, AMOUNT}
    assert payment.amount_captured <= payment.amount_authorized
    assert payment.amount_refunded <= payment.amount_captured
    if charge is not None:
        assert charge["refunded"] <= charge["captured"] <= charge["amount"]
        assert len(set(charge["effects"])) == len(charge["effects"])
        # We never claim what the gateway has not; it may be ahead of us while an answer is lost.
        assert payment.amount_captured <= charge["captured"]
        assert {refund.id for refund in payment.refunds} <= {each["id"] for each in charge["refunds"]}


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories, faults=lines)
async def test_any_history_ends_as_the_gateway_has_it(
    database: Database,
    clock: MovableClock,
    history: list[list[tuple[str, int, int]]],
    faults: list[str],
) -> None:
    desk, wish = PaymentDesk(database, clock), a_payment_wish(AMOUNT)
    desk.gateway.faults.extend(faults)
    await outcome(desk.service.authorize(wish))
    (payment,) = await desk.service.of_reference(wish.reference)
    for callers_at_once in history:
        works = [act_of(desk, wish, payment, caller) for caller in callers_at_once]
        await asyncio.gather(*(outcome(work) for work in works))
        payment = await desk.get(payment)
        must_be_sound(payment, await desk.found_charge(payment))
        clock.advance(timedelta(seconds=20))
    desk.gateway.faults.clear()
    assert await until_known(lambda: desk.service.resolve(payment.id)) == "done"
    payment, charge = await desk.get(payment), await desk.found_charge(payment)
    assert payment.pending is None
    must_be_sound(payment, charge)
    if charge is None:
        assert payment.state is PaymentState.VOIDED
        return
    statuses = {PaymentState.PARTIALLY_REFUNDED: "CAPTURED", PaymentState.REFUNDED: "CAPTURED"}
    # A charge whose name was lost with the answer is never authorized: it may stay open, and holds nothing.
    if payment.gateway_id is None:
        assert (payment.state, charge["status"]) == (PaymentState.VOIDED, "OPEN")
        return
    assert charge["status"] == statuses.get(payment.state, payment.state.value)
    assert charge["captured"] == payment.amount_captured
    assert {(each["id"], each["amount"]) for each in charge["refunds"]} == {
        (refund.id, refund.amount) for refund in payment.refunds
    }
    assert charge["effects"].count(payment.id) <= 1
