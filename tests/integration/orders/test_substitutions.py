"""Lines that a store cannot give: rejected, or with a substitute that is offered and answered in time."""

import asyncio
from collections.abc import Awaitable

import pytest

from app.orders.model import Order
from app.orders.states import OrderState
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop, outcome


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


async def test_the_same_offer_again_changes_nothing(shop: Shop, database: Database) -> None:
    """Sent twice at once: she is asked once, and both tablets are told of one order."""
    order = await shop.place(await shop.customer(), shop.wish((0, 2)))

    def offer(number: int, pieces: int) -> Awaitable[Order]:
        return shop.services.counter.offer_substitute(
            shop.clerk, order.id, "1", shop.skus[number].id, pieces, order.version
        )

    one, other = await asyncio.gather(offer(1, 1), offer(1, 1))
    assert one == other
    assert one.version == order.version + 1
    assert await database.collection(EVENTS).count({"type": "SubstituteOffered"}) == 1
    assert [await outcome(offer(1, 2)), await outcome(offer(0, 1))] == [["ORDER_CHANGED"]] * 2


async def test_a_line_that_is_rejected_returns_what_it_held(
    shop: Shop, database: Database, clock: MovableClock
) -> None:
    member = await shop.customer(points=1_200)
    order = await shop.place(member, shop.wish((0, 1), (1, 1), use_points=1_200))
    order = await shop.move(order, OrderState.ACCEPTED)
    order = await shop.services.counter.reject_line(shop.clerk, order.id, "1", order.version)
    assert (order.totals.total, order.totals.points_used) == (300, 300)
    assert (await shop.available(0), await shop.available(1), await shop.balance(member)) == (20, 19, 900)
    order = await shop.services.counter.reject_line(shop.clerk, order.id, "2", order.version)
    assert order.state is OrderState.REJECTED
    assert (await shop.available(1), await shop.balance(member)) == (20, 1_200)
    await require_sound(database, clock.now())


@pytest.mark.parametrize("is_taken", [True, False])
async def test_a_substitute_is_kept_aside_until_the_member_answers(
    shop: Shop, database: Database, clock: MovableClock, is_taken: bool
) -> None:
    member = await shop.customer()
    order = await shop.place(member, shop.wish((1, 2)))
    order = await shop.move(order, OrderState.ACCEPTED, OrderState.PREPARING)
    order = await shop.services.counter.offer_substitute(
        shop.clerk, order.id, "1", shop.skus[0].id, 1, order.version
    )
    assert (await shop.available(0), await shop.available(1)) == (19, 18)
    assert await outcome(shop.services.counter.move(shop.clerk, order.id, OrderState.READY, None)) == [
        "SUBSTITUTION_PENDING"
    ]
    order = await shop.services.orders.answer_substitution(member, order.id, "1", is_taken)
    assert await shop.available(1) == 20
    if is_taken:
        assert (order.totals.total, await shop.available(0)) == (600, 19)
        await shop.move(order, OrderState.READY, OrderState.COLLECTED)
        assert (await shop.stockroom.level(shop.key(0))).on_hand == 19
    else:
        assert (order.state, await shop.available(0)) == (OrderState.REJECTED, 20)
    await require_sound(database, clock.now())


async def test_a_substitute_that_is_not_there_is_not_offered(shop: Shop) -> None:
    order = await shop.place(await shop.customer(), shop.wish((1, 2)))
    offer = shop.services.counter.offer_substitute(shop.clerk, order.id, "1", shop.skus[0].id, 21, None)
    assert await outcome(offer) == ["OUT_OF_STOCK"]
    assert await shop.available(1) == 18


@pytest.mark.parametrize("end", [OrderState.CANCELLED, OrderState.REJECTED, OrderState.EXPIRED])
@pytest.mark.parametrize("is_taken", [True, False])
async def test_an_answer_that_comes_after_the_end_changes_nothing(
    shop: Shop, database: Database, clock: MovableClock, end: OrderState, is_taken: bool
) -> None:
    member = await shop.customer(points=600)
    order = await shop.move(await shop.place(member, shop.wish((1, 2), use_points=600)), OrderState.ACCEPTED)
    await shop.services.counter.offer_substitute(shop.clerk, order.id, "1", shop.skus[0].id, 1, None)
    if end is OrderState.CANCELLED:
        await shop.services.orders.cancel(member, order.id, None)
    elif end is OrderState.REJECTED:
        await shop.move(order, OrderState.REJECTED)
    else:
        clock.moment = order.collect_by
    answer = shop.services.orders.answer_substitution(member, order.id, "1", is_taken)
    assert await outcome(answer) == ["ORDER_MOVE_ILLEGAL"]
    await shop.services.order_timekeeping.sweep()
    assert (await shop.available(0), await shop.available(1), await shop.balance(member)) == (20, 20, 600)
    assert (await shop.now(order)).state is end
    await require_sound(database, clock.now())
