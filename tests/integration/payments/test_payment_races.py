"""Many at once: one side wins, and nothing is taken or given twice."""

import asyncio
from datetime import timedelta

import pytest

from app.payments.model import PaymentState
from app.payments.repository import PaymentRepository
from app.payments.sandbox import SANDBOX_CHARGES
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock
from tests.examples import a_payment_wish
from tests.integration.payment_desk import (
    PaymentDesk,
    outcome,
    until_known,
)


async def test_32_repetitions_of_one_wish_authorize_once(desk: PaymentDesk) -> None:
    wish = a_payment_wish()
    outcomes = await asyncio.gather(*(outcome(desk.service.authorize(wish)) for _ in range(32)))
    assert set(outcomes) <= {"done", "PAYMENT_PENDING"}
    assert await until_known(lambda: desk.service.authorize(wish)) == "done"
    (payment,) = await desk.service.of_reference(wish.reference)
    assert (await desk.charge(payment))["effects"] == [payment.id]
    assert desk.gateway.calls.count("authorize") == 1


async def test_a_repetition_that_saw_nothing_of_the_first_is_told_to_ask_again(
    desk: PaymentDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing_yet(*_: object) -> None:
        return None

    wish = a_payment_wish()
    await desk.service.authorize(wish)
    with monkeypatch.context() as patch:
        patch.setattr(PaymentRepository, "get", nothing_yet)
        assert await outcome(desk.service.authorize(wish)) == "PAYMENT_PENDING"
    assert await outcome(desk.service.authorize(wish)) == "done"


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


async def test_many_sweeps_at_once_void_each_once(desk: PaymentDesk, clock: MovableClock) -> None:
    payments = [await desk.authorized() for _ in range(8)]
    clock.advance(timedelta(minutes=30))
    await asyncio.gather(*(desk.service.sweep() for _ in range(8)))
    for payment in payments:
        assert (await desk.get(payment)).state is PaymentState.VOIDED
        assert len((await desk.charge(payment))["effects"]) == 2
