"""Payments on a real MongoDB with the sandbox: each act once, whatever gets lost on the way."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from app.payments import errors
from app.payments.model import ActKind, DeclineReason, Notice, PaymentMethod, PaymentState
from app.payments.repository import PAYMENT_ACTS, PAYMENT_NOTICES, PAYMENTS
from app.payments.sandbox import CARDS, SANDBOX_CHARGES
from app.services import Services, build_services
from app.shared.database import Database, Session
from app.shared.events import EVENTS
from app.shared.idempotency import IdempotencyKeyReused
from app.shared.ids import new_id
from app.shared.settings import Settings
from tests.conftest import MovableClock
from tests.examples import a_payment_wish
from tests.integration.payment_desk import (
    ANSWER_LOST,
    FINE,
    HELD_UP,
    REQUEST_LOST,
    PaymentDesk,
    outcome,
    until_known,
)


@pytest.fixture
def desk(database: Database, clock: MovableClock) -> PaymentDesk:
    return PaymentDesk(database, clock)


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
    events = await database.collection(EVENTS).find({"subject": f"payment:{payment.id}"}, sort=[("_id", 1)])
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
    desk: PaymentDesk, clock: MovableClock, kind: str
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


async def test_32_repetitions_of_one_wish_authorize_once(desk: PaymentDesk) -> None:
    wish = a_payment_wish()
    outcomes = await asyncio.gather(*(outcome(desk.service.authorize(wish)) for _ in range(32)))
    assert set(outcomes) <= {"done", "PAYMENT_PENDING"}
    assert await until_known(lambda: desk.service.authorize(wish)) == "done"
    (payment,) = await desk.service.of_reference(wish.reference)
    assert (await desk.charge(payment))["effects"] == [payment.id]
    assert desk.gateway.calls.count("authorize") == 1


async def test_32_wishes_to_pay_for_one_thing_authorize_once(desk: PaymentDesk, database: Database) -> None:
    reference = f"order:{new_id()}"
    outcomes = await asyncio.gather(
        *(outcome(desk.service.authorize(a_payment_wish(reference=reference))) for _ in range(32))
    )
    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "PAYMENT_PENDING", "PAYMENT_STATE_CHANGED"}
    assert await database.collection(SANDBOX_CHARGES).count({}) == 1


async def test_of_16_captures_and_16_voids_one_side_wins(desk: PaymentDesk) -> None:
    payment = await desk.authorized()
    outcomes = await asyncio.gather(
        *(until_known(lambda: desk.service.capture(payment.id, 1000)) for _ in range(16)),
        *(until_known(lambda: desk.service.void(payment.id)) for _ in range(16)),
    )
    captures, voids = set(outcomes[:16]), set(outcomes[16:])
    assert {frozenset(captures), frozenset(voids)} == {
        frozenset({"done"}),
        frozenset({"PAYMENT_STATE_CHANGED"}),
    }
    after, charge = await desk.get(payment), await desk.charge(payment)
    assert after.state.value == charge["status"]
    assert len(charge["effects"]) == 2


async def test_32_refunds_give_back_no_more_than_was_captured(desk: PaymentDesk) -> None:
    payment = await desk.captured(1000)
    keys = [f"refund-{number:04d}" for number in range(32)]
    outcomes = await asyncio.gather(
        *(until_known(lambda key=key: desk.service.refund(payment.id, 90, key)) for key in keys)
    )
    assert outcomes.count("done") == 11
    assert outcomes.count("REFUND_TOO_LARGE") == 21
    after, charge = await desk.get(payment), await desk.charge(payment)
    assert after.amount_refunded == charge["refunded"] == 990
    assert len({refund.id for refund in after.refunds}) == 11


async def test_32_repetitions_of_one_refund_give_back_once(desk: PaymentDesk) -> None:
    payment = await desk.captured(1000)
    outcomes = await asyncio.gather(
        *(until_known(lambda: desk.service.refund(payment.id, 90, "refund-0001")) for _ in range(32))
    )
    assert set(outcomes) == {"done"}
    assert (await desk.charge(payment))["refunded"] == 90


async def test_32_placings_use_an_authorization_once(desk: PaymentDesk, database: Database) -> None:
    payment = await desk.authorized()

    async def place() -> str:
        return await outcome(
            database.transaction(lambda session: desk.service.use(payment.id, payment.reference, session))
        )

    outcomes = await asyncio.gather(*(place() for _ in range(32)))
    assert sorted(outcomes) == ["PAYMENT_STATE_CHANGED"] * 31 + ["done"]


async def test_a_placing_that_fails_leaves_the_authorization_unused(
    desk: PaymentDesk, database: Database
) -> None:
    payment = await desk.authorized()

    async def place(session: Session) -> None:
        await desk.service.use(payment.id, payment.reference, session)
        raise RuntimeError("the slot is gone")

    with pytest.raises(RuntimeError):
        await database.transaction(place)
    assert (await desk.get(payment)).used_at is None


async def test_an_authorization_is_for_its_own_reference(desk: PaymentDesk, database: Database) -> None:
    payment = await desk.authorized()
    with pytest.raises(errors.PaymentNotFound):
        await database.transaction(lambda session: desk.service.use(payment.id, "order:other", session))


async def test_an_old_authorization_places_nothing_though_no_sweep_has_run(
    desk: PaymentDesk, database: Database, clock: MovableClock
) -> None:
    payment = await desk.authorized()
    clock.advance(timedelta(minutes=30))
    with pytest.raises(errors.PaymentStateChanged):
        await database.transaction(lambda session: desk.service.use(payment.id, payment.reference, session))


async def test_the_sweep_voids_what_nothing_was_placed_with(
    desk: PaymentDesk, database: Database, clock: MovableClock
) -> None:
    used, unused = await desk.authorized(), await desk.authorized()
    waiting = await desk.authorized(card_token="tok_requires_action")
    await database.transaction(lambda session: desk.service.use(used.id, used.reference, session))
    assert await desk.service.sweep() == 0
    clock.advance(timedelta(minutes=30))
    assert len(await desk.service.unused_authorizations(timedelta(minutes=30))) == 2
    assert await desk.service.sweep() == 2
    states = [(await desk.get(each)).state for each in (used, unused, waiting)]
    assert states == [PaymentState.AUTHORIZED, PaymentState.VOIDED, PaymentState.VOIDED]
    assert (await desk.charge(unused))["status"] == "VOIDED"
    assert await desk.service.sweep() == 0


async def test_one_that_cannot_be_settled_does_not_hinder_the_sweep(
    desk: PaymentDesk, clock: MovableClock
) -> None:
    payments = [await desk.authorized() for _ in range(3)]
    clock.advance(timedelta(minutes=30))
    desk.gateway.faults.extend([REQUEST_LOST, FINE, FINE])
    assert await desk.service.sweep() == 2
    clock.advance(timedelta(minutes=1))
    assert await desk.service.sweep() == 1
    assert {(await desk.get(each)).state for each in payments} == {PaymentState.VOIDED}


async def test_many_sweeps_at_once_void_each_once(desk: PaymentDesk, clock: MovableClock) -> None:
    payments = [await desk.authorized() for _ in range(8)]
    clock.advance(timedelta(minutes=30))
    await asyncio.gather(*(desk.service.sweep() for _ in range(8)))
    for payment in payments:
        assert (await desk.get(payment)).state is PaymentState.VOIDED
        assert len((await desk.charge(payment))["effects"]) == 2


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


async def test_a_payment_whose_gateway_is_gone_waits_for_it(
    desk: PaymentDesk, settings: Settings, database: Database, clock: MovableClock
) -> None:
    payment = await desk.authorized()
    changed = settings.model_copy(update={"payment_gateway": "none"})
    payments = build_services(changed, database, clock).payments
    assert await outcome(payments.void(payment.id)) == "PAYMENT_PENDING"
    assert (await desk.service.void(payment.id)).state is PaymentState.VOIDED
