"""Answers that get lost: asked for, and each act done once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from app.composition import build_services
from app.payments.model import ActKind, PaymentMethod, PaymentState
from app.payments.repository import PAYMENT_ACTS, PAYMENTS
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from tests.conftest import MovableClock
from tests.examples import a_payment_wish
from tests.integration.payment_desk import (
    ANSWER_LOST,
    FINE,
    HELD_UP,
    REQUEST_LOST,
    PaymentDesk,
    outcome,
)


@pytest.mark.parametrize("fault", [REQUEST_LOST, ANSWER_LOST])
@pytest.mark.parametrize("lost_call", ["open", "authorize"])
async def test_a_lost_authorization_is_asked_for_and_not_paid_twice(
    desk: PaymentDesk, lost_call: str, fault: str
) -> None:
    desk.gateway.faults.extend([fault] if lost_call == "open" else [FINE, fault])
    wish = a_payment_wish()
    assert await outcome(desk.service.authorize(wish)) == "PAYMENT_PENDING"
    (unknown,) = await desk.service.of_reference(wish.reference)
    assert unknown.is_unknown
    payment = (await desk.service.authorize(wish)).payment
    assert (payment.state, payment.is_unknown) == (PaymentState.AUTHORIZED, False)
    assert (await desk.charge(payment))["effects"] == [payment.id]


@pytest.mark.parametrize("fault", [REQUEST_LOST, ANSWER_LOST])
@pytest.mark.parametrize("kind", [ActKind.CAPTURE, ActKind.VOID, ActKind.REFUND])
@pytest.mark.parametrize("resolved_by", ["the caller", "resolve", "the sweep"])
async def test_a_lost_act_is_asked_for_and_done_once(
    desk: PaymentDesk, clock: MovableClock, kind: ActKind, fault: str, resolved_by: str
) -> None:
    payment = await (desk.captured() if kind is ActKind.REFUND else desk.authorized())
    acts = {
        ActKind.CAPTURE: lambda: desk.service.capture(payment.id, 800),
        ActKind.VOID: lambda: desk.service.void(payment.id),
        ActKind.REFUND: lambda: desk.service.refund(payment.id, 800, "refund-0001"),
    }
    before = len((await desk.charge(payment))["effects"])
    desk.gateway.faults.append(fault)
    assert await outcome(acts[kind]()) == "PAYMENT_PENDING"
    assert (await desk.get(payment)).is_unknown
    if resolved_by == "resolve":
        await desk.service.resolve(payment.id)
    elif resolved_by == "the sweep":
        clock.advance(timedelta(minutes=1))
        assert await desk.service.sweep() == 1
    assert await outcome(acts[kind]()) == "done"
    after = await desk.get(payment)
    assert after.pending is None
    expected = {
        ActKind.CAPTURE: (PaymentState.CAPTURED, 800, 0),
        ActKind.VOID: (PaymentState.VOIDED, 0, 0),
        ActKind.REFUND: (PaymentState.PARTIALLY_REFUNDED, 1000, 800),
    }
    assert (after.state, after.amount_captured, after.amount_refunded) == expected[kind]
    assert len((await desk.charge(payment))["effects"]) == before + 1


@pytest.mark.parametrize(
    ("fault", "state"), [(REQUEST_LOST, PaymentState.VOIDED), (ANSWER_LOST, PaymentState.AUTHORIZED)]
)
async def test_an_authorization_that_nobody_asks_for_again_is_settled_too(
    desk: PaymentDesk, fault: str, state: PaymentState
) -> None:
    """One that the gateway never got is closed for good: a request that is late finds nothing open."""
    desk.gateway.faults.extend([FINE, fault])
    wish = a_payment_wish()
    assert await outcome(desk.service.authorize(wish)) == "PAYMENT_PENDING"
    (unknown,) = await desk.service.of_reference(wish.reference)
    assert (await desk.service.resolve(unknown.id)).state is state
    assert (await desk.charge(unknown))["status"] == state.value
    told = await outcome(desk.service.authorize(wish))
    assert told == ("done" if state is PaymentState.AUTHORIZED else "PAYMENT_STATE_CHANGED")


async def test_a_charge_that_never_got_a_name_is_closed_without_asking(desk: PaymentDesk) -> None:
    desk.gateway.faults.append(REQUEST_LOST)
    wish = a_payment_wish()
    assert await outcome(desk.service.authorize(wish)) == "PAYMENT_PENDING"
    (unknown,) = await desk.service.of_reference(wish.reference)
    assert (await desk.service.resolve(unknown.id)).state is PaymentState.VOIDED
    assert desk.gateway.calls == ["open"]


async def test_every_attempt_is_on_record(desk: PaymentDesk, database: Database) -> None:
    payment = await desk.authorized()
    desk.gateway.faults.extend([REQUEST_LOST, ANSWER_LOST])
    for _ in range(2):
        assert await outcome(desk.service.capture(payment.id, 1000)) == "PAYMENT_PENDING"
    assert await outcome(desk.service.capture(payment.id, 1000)) == "done"
    acts = await database.collection(PAYMENT_ACTS).find({"payment_id": payment.id}, sort=[("_id", 1)])
    assert [(act["kind"], act["outcome"], act["reason"]) for act in acts] == [
        ("AUTHORIZE", "DONE", None),
        ("CAPTURE", "LOST", "the test lost the request"),
        ("CAPTURE", "DONE", None),
    ]


async def test_an_act_under_way_is_waited_for_and_taken_over_when_it_was_left_behind(
    desk: PaymentDesk, database: Database, clock: MovableClock
) -> None:
    """As when a process dies after it asked the gateway: the act is written down, its answer is not."""
    payment = await desk.authorized()
    act = {"kind": "CAPTURE", "id": "x", "amount": 700, "started_at": clock.now(), "is_lost": False}
    await database.collection(PAYMENTS).find_one_and_update(
        {"_id": payment.id}, {"$set": {"pending": act}, "$inc": {"version": 1}}
    )
    for work in (desk.service.capture(payment.id, 700), desk.service.void(payment.id)):
        assert await outcome(work) == "PAYMENT_PENDING"
    assert await desk.service.sweep() == 0
    clock.advance(timedelta(minutes=1))
    assert await outcome(desk.service.void(payment.id)) == "PAYMENT_STATE_CHANGED"
    assert (await desk.get(payment)).amount_captured == 700


@pytest.mark.parametrize("kind", ["authorize", "capture", "refund"])
async def test_a_request_that_arrives_after_others_took_over_does_nothing_twice(
    desk: PaymentDesk, database: Database, clock: MovableClock, kind: str
) -> None:
    """As when a process hangs for minutes between writing an act down and the gateway getting it."""
    wish = a_payment_wish()
    if kind != "authorize":
        payment = (await desk.service.authorize(wish)).payment
        if kind == "refund":
            await desk.service.capture(payment.id, 1000)
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "authorize": lambda: desk.service.authorize(wish),
        "capture": lambda: desk.service.capture(payment.id, 700),
        "refund": lambda: desk.service.refund(payment.id, 700, "refund-0001"),
    }
    desk.gateway.faults.extend([FINE, HELD_UP] if kind == "authorize" else [HELD_UP])
    held_up = asyncio.create_task(outcome(acts[kind]()))
    await desk.gateway.hung_up.wait()
    clock.advance(timedelta(minutes=1))
    assert await desk.service.sweep() == 1
    desk.gateway.comes_through.set()
    assert await held_up == ("PAYMENT_STATE_CHANGED" if kind == "authorize" else "done")
    (after,) = await desk.service.of_reference(wish.reference)
    charge = await desk.charge(after)
    assert len(set(charge["effects"])) == len(charge["effects"])
    assert (after.pending, after.amount_captured, after.amount_refunded) == (
        None,
        charge["captured"],
        charge["refunded"],
    )
    if kind == "authorize":
        assert (after.state, charge["status"]) == (PaymentState.VOIDED, "VOIDED")
    # Whoever was overtaken puts nothing on record.
    events = await database.collection(EVENTS).find({"subject": f"payment:{after.id}"})
    assert len({event["type"] for event in events}) == len(events)
    attempts = await database.collection(PAYMENT_ACTS).find({"payment_id": after.id})
    assert len({attempt["act_id"] for attempt in attempts}) == len(attempts)


async def test_paying_at_the_store_survives_a_crash_in_the_midst(
    desk: PaymentDesk, database: Database, clock: MovableClock
) -> None:
    payment = await desk.authorized(method=PaymentMethod.PAY_AT_STORE)
    act = {"kind": "CAPTURE", "id": "x", "amount": 700, "started_at": clock.now(), "is_lost": False}
    await database.collection(PAYMENTS).find_one_and_update(
        {"_id": payment.id}, {"$set": {"pending": act}, "$inc": {"version": 1}}
    )
    clock.advance(timedelta(minutes=1))
    assert await desk.service.sweep() == 1
    assert (await desk.get(payment)).amount_captured == 700


async def test_a_payment_whose_gateway_is_gone_waits_for_it(
    desk: PaymentDesk, settings: Settings, database: Database, clock: MovableClock
) -> None:
    payment = await desk.authorized()
    changed = settings.model_copy(update={"payment_gateway": "none"})
    payments = build_services(changed, database, clock).payments
    assert await outcome(payments.void(payment.id)) == "PAYMENT_PENDING"
    assert (await desk.service.void(payment.id)).state is PaymentState.VOIDED
