"""How orders end, and what is given back."""

import asyncio
from datetime import timedelta

import pytest

from app.orders.errors import OrderMoveIllegal, PickupCodeInvalid
from app.orders.states import OrderState
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop

PLACED, ACCEPTED, PREPARING, READY, COLLECTED = list(OrderState)[:5]
REJECTED, CANCELLED, NO_SHOW, EXPIRED = list(OrderState)[5:]


@pytest.mark.parametrize("end", [CANCELLED, REJECTED])
async def test_an_end_gives_everything_back(
    shop: Shop, database: Database, clock: MovableClock, end: OrderState
) -> None:
    member = await shop.customer(points=500)
    before = await shop.room(shop.slot)
    order = await shop.place(member, shop.wish((0, 2), use_points=500))
    order = await shop.move(order, ACCEPTED)
    if end is CANCELLED:
        order = await shop.services.orders.cancel(member, order.id, order.version)
    else:
        order = await shop.services.counter.move(shop.clerk, order.id, REJECTED, order.version, "sold out")
        assert order.moves[-1].reason == "sold out"
    assert order.state is end
    assert (await shop.available(0), await shop.balance(member)) == (20, 500)
    assert await shop.room(order.slot.starts_at) == before
    await require_sound(database, clock.now())


async def test_what_nobody_accepts_expires_at_its_moment(
    shop: Shop, database: Database, clock: MovableClock
) -> None:
    member = await shop.customer(points=100)
    order = await shop.place(member, shop.wish((0, 2), use_points=100))
    clock.moment = order.accept_by
    assert (await shop.now(order)).state_at(clock.now()) is EXPIRED
    assert await shop.available(0) == 20
    with pytest.raises(OrderMoveIllegal):
        await shop.move(order, ACCEPTED)
    results = await asyncio.gather(*(shop.services.order_timekeeping.sweep() for _ in range(8)))
    assert sum(results) >= 1
    assert await shop.services.order_timekeeping.sweep() == 0
    assert (await shop.now(order)).state is EXPIRED
    assert await shop.balance(member) == 100
    await require_sound(database, clock.now())


@pytest.mark.parametrize("steps", [(ACCEPTED,), (ACCEPTED, PREPARING)])
async def test_what_is_accepted_and_never_ready_expires_too(
    shop: Shop, database: Database, clock: MovableClock, steps: tuple[OrderState, ...]
) -> None:
    member = await shop.customer(points=100)
    order = await shop.move(await shop.place(member, shop.wish((0, 2), use_points=100)), *steps)
    clock.moment = order.collect_by
    assert (await shop.now(order)).state_at(clock.now()) is EXPIRED
    assert await shop.services.order_timekeeping.sweep() == 1
    assert ((await shop.now(order)).state, await shop.balance(member)) == (EXPIRED, 100)
    await require_sound(database, clock.now())


async def test_what_nobody_collects_is_over_after_its_grace(shop: Shop, clock: MovableClock) -> None:
    member = await shop.customer(points=100)
    order = await shop.place(member, shop.wish((0, 2), use_points=100))
    order = await shop.move(order, ACCEPTED, PREPARING, READY)
    clock.moment = order.collect_by - timedelta(milliseconds=1)
    assert await shop.available(0) == 18
    clock.moment = order.collect_by
    assert await shop.available(0) == 20
    with pytest.raises(PickupCodeInvalid):
        await shop.services.counter.collect(shop.clerk, order.pickup_code, None)
    assert await shop.services.order_timekeeping.sweep() == 1
    assert ((await shop.now(order)).state, await shop.balance(member)) == (NO_SHOW, 100)
