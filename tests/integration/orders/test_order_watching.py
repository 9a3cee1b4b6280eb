"""However many follow orders, a server listens to MongoDB once."""

import asyncio
from contextlib import AsyncExitStack, aclosing

from app.orders.model import Order
from app.orders.states import OrderState
from app.services import Services
from tests.conftest import COMMANDS, MovableClock
from tests.integration.shop import Shop
from tests.patience import PATIENCE_SECONDS

COUNTERS, MEMBERS = 12, 4


async def test_one_change_stream_tells_all_counters_and_members(
    services: Services, clock: MovableClock
) -> None:
    shops = [await Shop.open(services, clock) for _ in range(2)]
    shop = shops[0]
    order = await shop.place(await shop.customer(), shop.wish((0, 1)))
    watch = services.order_watch
    COMMANDS.clear()
    async with AsyncExitStack() as following:
        counters = [
            await following.enter_async_context(aclosing(watch.watch_store(each.clerk, None)))
            for each in shops
            for _ in range(COUNTERS)
        ]
        members = [
            await following.enter_async_context(aclosing(watch.watch_order(order))) for _ in range(MEMBERS)
        ]
        await asyncio.gather(*(anext(each) for each in [*counters, *members]))
        assert COMMANDS.count("aggregate") == 1
        told = [asyncio.create_task(anext(each)) for each in counters]
        new = await shop.place(await shop.customer(), shop.wish((1, 1)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            here = await asyncio.gather(*told[:COUNTERS])
        assert [[each.id for each in told.what] for told in here] == [[new.id]] * COUNTERS
        elsewhere = told[COUNTERS:]
        assert not any(task.done() for task in elsewhere)
        for task in elsewhere:
            task.cancel()
        await asyncio.gather(*elsewhere, return_exceptions=True)


async def test_whoever_watches_sees_each_step(shop: Shop) -> None:
    order = await shop.place(await shop.customer(), shop.wish((0, 1)))
    seen: list[Order] = []
    is_watching = asyncio.Event()

    async def watch() -> None:
        async for each in shop.services.order_watch.watch_order(order):
            seen.append(each.what)
            is_watching.set()
            if each.what.state is OrderState.REJECTED:
                return

    task = asyncio.create_task(watch())
    await asyncio.wait_for(is_watching.wait(), PATIENCE_SECONDS)
    await shop.move(order, OrderState.REJECTED)
    await asyncio.wait_for(task, PATIENCE_SECONDS)
    assert [each.state for each in seen] == [OrderState.PLACED, OrderState.REJECTED]
    assert seen[-1] == await shop.now(order)
