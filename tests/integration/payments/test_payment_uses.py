"""Placing with an authorization, and the sweep of those that nothing was placed with."""

from datetime import timedelta

import pytest

from app.payments import errors
from app.payments.model import PaymentState
from app.shared.mongodb.database import Database, Session
from tests.conftest import MovableClock
from tests.integration.payment_desk import (
    FINE,
    REQUEST_LOST,
    PaymentDesk,
)


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
