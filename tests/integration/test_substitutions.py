"""Substitutes are offered and answered while an order is prepared, and at no other time."""

import pytest

from app.orders.states import OrderState
from app.services import Services
from app.shared.database import Database
from tests.conftest import MovableClock
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop, outcome


@pytest.fixture
async def shop(services: Services, clock: MovableClock) -> Shop:
    return await Shop.open(services, clock)


@pytest.mark.parametrize("is_taken", [True, False])
@pytest.mark.parametrize("end", [OrderState.CANCELLED, OrderState.REJECTED])
async def test_an_order_that_is_over_takes_no_substitute(
    shop: Shop, database: Database, clock: MovableClock, end: OrderState, is_taken: bool
) -> None:
    """An answer that comes late must not hold anything again."""
    member = await shop.customer(points=100)
    order = await shop.place(member, shop.wish((0, 2), use_points=100))
    await shop.services.counter.offer_substitute(shop.clerk, order.id, "1", shop.skus[1].id, 1, None)
    if end is OrderState.CANCELLED:
        await shop.services.orders.cancel(member, order.id, None)
    else:
        await shop.move(order, OrderState.REJECTED)
    answer = shop.services.orders.answer_substitution(member, order.id, "1", is_taken)
    assert await outcome(answer) == ["ORDER_MOVE_ILLEGAL"]
    assert (await shop.available(0), await shop.available(1), await shop.balance(member)) == (20, 20, 100)
    await require_sound(database, clock.now())


async def test_an_answer_that_comes_after_its_time_is_none(shop: Shop, clock: MovableClock) -> None:
    member = await shop.customer()
    order = await shop.move(await shop.place(member, shop.wish((0, 2))), OrderState.ACCEPTED)
    await shop.services.counter.offer_substitute(shop.clerk, order.id, "1", shop.skus[1].id, 1, None)
    clock.moment = order.collect_by
    answer = shop.services.orders.answer_substitution(member, order.id, "1", is_taken=True)
    assert await outcome(answer) == ["ORDER_MOVE_ILLEGAL"]
