"""Orders that many want at the same time: each thing is had once, and each step is taken once."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from app.composition import build_services
from app.orders.repository import ORDERS
from app.orders.states import OrderState
from app.shared.errors import SeveralRefusals
from app.shared.events import EVENTS
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from tests.conftest import MovableClock
from tests.examples import a_report
from tests.integration.order_audit import require_sound
from tests.integration.shop import Shop, outcome
from tests.integration.stockroom import TILL

PLACED, ACCEPTED, PREPARING, READY, COLLECTED = list(OrderState)[:5]
REJECTED, CANCELLED, NO_SHOW, EXPIRED = list(OrderState)[5:]


async def test_of_64_callers_for_the_last_piece_one_gets_it(
    shop: Shop, database: Database, clock: MovableClock
) -> None:
    shop = await Shop.open(shop.services, clock, pieces=1)
    members = [await shop.customer() for _ in range(8)]
    results = await asyncio.gather(
        *(outcome(shop.place(members[number % 8], shop.wish((0, 1), (1, 1)))) for number in range(64))
    )
    assert results.count(["done"]) == 1
    assert {code for codes in results for code in codes} == {"done", "ORDER_ITEM_SHORT"}
    assert (await shop.available(0), await shop.available(1)) == (0, 0)
    assert await database.collection(ORDERS).count({}) == 1
    await require_sound(database, clock.now())


async def test_of_64_callers_for_the_last_place_one_gets_it(
    shop: Shop, database: Database, clock: MovableClock
) -> None:
    shop = await Shop.open(shop.services, clock, pieces=100)
    await shop.change_policy(capacity=1)
    member = await shop.customer()
    results = await asyncio.gather(*(outcome(shop.place(member, shop.wish((0, 1)))) for _ in range(64)))
    assert results.count(["done"]) == 1
    assert {code for codes in results for code in codes} == {"done", "PICKUP_SLOT_FULL"}
    assert await shop.available(0) == 99
    await require_sound(database, clock.now())


async def test_what_was_sold_after_the_quote_is_told_with_what_is_left(
    shop: Shop, database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quote found 20 pieces; by the time they are held, a till has sold 15."""
    member, hold = await shop.customer(points=100), shop.services.stock_holds.hold_new

    async def sell_first(*arguments: Any) -> bool:
        monkeypatch.setattr(shop.services.stock_holds, "hold_new", hold)
        sale = a_report(shop.key(0), "SELL", 15, clock.now())
        assert (await shop.services.stock.record(TILL, [sale]))[0].is_new
        return await hold(*arguments)

    monkeypatch.setattr(shop.services.stock_holds, "hold_new", sell_first)
    with pytest.raises(SeveralRefusals) as refused:
        await shop.place(member, shop.wish((1, 2), (0, 6), use_points=100))
    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.numbers["available"]) == ("ORDER_ITEM_SHORT", 5)
    assert (await shop.available(0), await shop.available(1), await shop.balance(member)) == (5, 20, 100)
    assert await database.collection(ORDERS).count({}) == 0
    await require_sound(database, clock.now())


async def test_points_that_were_spent_after_the_quote_are_not_spent_twice(
    shop: Shop, database: Database, clock: MovableClock
) -> None:
    member = await shop.customer(points=500)
    results = await asyncio.gather(
        *(outcome(shop.place(member, shop.wish((1, 1), use_points=300))) for _ in range(16))
    )
    assert results.count(["done"]) == 1
    assert {code for codes in results for code in codes} == {"done", "INSUFFICIENT_POINTS"}
    assert await shop.balance(member) == 200
    await require_sound(database, clock.now())


async def test_one_key_places_one_order(shop: Shop, database: Database) -> None:
    member = await shop.customer()
    orders = await asyncio.gather(*(shop.place(member, shop.wish((0, 1)), "the-key-0001") for _ in range(32)))
    assert len({order.id for order in orders}) == 1
    assert await shop.available(0) == 19
    assert await database.collection(ORDERS).count({}) == 1


async def test_what_changes_while_an_order_is_handed_over_counts(
    shop: Shop, database: Database, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that bears on it was read; before it is written, a till sells 15 pieces and she earns points."""
    member, capture = await shop.customer(points=1), shop.services.stock_holds.capture
    order = await shop.move(await shop.place(member, shop.wish((0, 2))), ACCEPTED, PREPARING, READY)

    async def sell_first(*arguments: Any) -> Any:
        monkeypatch.setattr(shop.services.stock_holds, "capture", capture)
        sale = a_report(shop.key(0), "SELL", 15, clock.now())
        assert (await shop.services.stock.record(TILL, [sale]))[0].is_new
        await shop.earn(member, 40)
        return await capture(*arguments)

    monkeypatch.setattr(shop.services.stock_holds, "capture", sell_first)
    collected = (await shop.services.counter.collect(shop.clerk, order.pickup_code, None)).order
    assert (collected.state, collected.version) == (COLLECTED, 5)
    assert (await shop.stockroom.level(shop.key(0))).on_hand == 3
    assert await shop.balance(member) == 41 + collected.totals.points_to_earn
    await require_sound(database, clock.now())


async def test_two_processes_hand_over_orders_of_the_same_goods_at_once(
    shop: Shop, settings: Settings, database: Database, clock: MovableClock
) -> None:
    other = build_services(settings, database, clock)
    member = await shop.customer()
    orders = [await shop.place(member, shop.wish((0, 1), (1, 2))) for _ in range(4)]
    ready = [await shop.move(order, ACCEPTED, PREPARING, READY) for order in orders]
    scans = [
        outcome(process.counter.collect(shop.clerk, order.pickup_code, None))
        for order in ready
        for process in (shop.services, other)
    ]
    assert Counter(code for codes in await asyncio.gather(*scans) for code in codes) == {
        "done": 4,
        "PICKUP_CODE_INVALID": 4,
    }
    levels = [await shop.stockroom.level(shop.key(number)) for number in (0, 1)]
    assert [level.on_hand for level in levels] == [16, 12]
    await require_sound(database, clock.now())


async def test_64_steps_at_once_are_one(shop: Shop, database: Database, clock: MovableClock) -> None:
    """The member cancels while the store accepts: one of the two is first, and all agree on which."""
    member = await shop.customer(points=100)
    order = await shop.place(member, shop.wish((0, 1), use_points=100))
    results = await asyncio.gather(
        *(outcome(shop.services.orders.cancel(member, order.id, None)) for _ in range(16)),
        *(outcome(shop.services.counter.move(shop.clerk, order.id, ACCEPTED, None)) for _ in range(16)),
        *(outcome(shop.services.counter.move(shop.clerk, order.id, REJECTED, None)) for _ in range(16)),
    )
    assert ["done"] in results
    ended = await shop.now(order)
    assert ended.state in {CANCELLED, REJECTED}
    assert (await shop.available(0), await shop.balance(member)) == (20, 100)
    assert await database.collection(EVENTS).count({"subject": f"order:{order.id}"}) == ended.version
    await require_sound(database, clock.now())
