"""Holds on a real MongoDB: nothing is promised twice, nothing outlasts its moment, under races."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from app.inventory.audit import audit
from app.inventory.errors import StockHoldDiffers, StockHoldExpired, StockHoldNotFound, StockHoldSettled
from app.inventory.model import StockHold, StockHoldStatus, StockKey
from app.inventory.movement_repository import STOCK_MOVEMENTS
from app.services import Services
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.mongodb.database import Database
from tests.arrangements import add_skus, add_stores
from tests.conftest import MovableClock
from tests.examples import a_report, a_store, minutes
from tests.integration.stockroom import TILL, Stockroom, codes_of

ACTIVE, CAPTURED, RELEASED, EXPIRED = StockHoldStatus


@pytest.fixture
async def key(database: Database) -> StockKey:
    store = a_store()
    await add_stores(database, store)
    await add_skus(database, "sku", "other")
    return StockKey("sku", store.id)


@pytest.fixture
def other(key: StockKey) -> StockKey:
    return StockKey("other", key.store_id)


@pytest.fixture
def stockroom(services: Services, clock: MovableClock) -> Stockroom:
    return Stockroom(services, clock)


async def outcome(act: Awaitable[StockHold]) -> str:
    """`done`, or the code of the first refusal."""
    try:
        await act
    except (Refusal, SeveralRefusals) as error:
        return codes_of(error)[0]
    return "done"


async def is_sound(database: Database, clock: MovableClock) -> bool:
    return all([level.faults == () async for level in audit(database, clock.now())])


async def test_what_is_held_is_not_available(
    services: Services, database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(key, 10)
    hold = await stockroom.hold((key, 4))
    assert (await stockroom.available(key), hold.status(clock.now())) == (6, ACTIVE)
    assert await services.stock_holds.get(hold.id) == hold
    assert await is_sound(database, clock)


async def test_64_callers_for_20_pieces(
    database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(key, 20)
    outcomes = await asyncio.gather(*(outcome(stockroom.hold((key, 1))) for _ in range(64)))
    assert Counter(outcomes) == {"done": 20, "OUT_OF_STOCK": 44}
    assert await stockroom.available(key) == 0
    assert await is_sound(database, clock)


async def test_callers_who_want_the_same_two_things_in_either_order_never_wait_in_a_circle(
    database: Database, key: StockKey, other: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(key, 20)
    await stockroom.stock(other, 16)
    lines = [(key, 1), (other, 1)]
    wishes = [stockroom.hold(*(lines if number % 2 else lines[::-1])) for number in range(40)]
    outcomes = await asyncio.gather(*map(outcome, wishes))
    assert Counter(outcomes) == {"done": 16, "OUT_OF_STOCK": 24}
    assert (await stockroom.available(key), await stockroom.available(other)) == (4, 0)
    assert await is_sound(database, clock)


async def test_all_lines_or_none(
    key: StockKey, other: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(key, 5)
    await stockroom.stock(other, 1)
    nowhere = StockKey("no-sku", key.store_id)
    with pytest.raises(SeveralRefusals) as refused:
        await stockroom.hold((key, 1), (other, 2), (nowhere, 1))
    assert [each.numbers for each in refused.value.refusals] == [
        {"requested": 1, "available": 0, "sku_id": "no-sku", "store_id": key.store_id},
        {"requested": 2, "available": 1, "sku_id": "other", "store_id": key.store_id},
    ]
    assert await stockroom.available(key) == 5


async def test_two_lines_of_one_sku_do_not_pass_separately(key: StockKey, stockroom: Stockroom) -> None:
    await stockroom.stock(key, 5)
    assert await outcome(stockroom.hold((key, 3), (key, 3))) == "OUT_OF_STOCK"
    hold = await stockroom.hold((key, 3), (key, 2))
    assert [line.quantity for line in hold.lines] == [5]


async def test_the_safety_stock_is_not_held(services: Services, key: StockKey, stockroom: Stockroom) -> None:
    await stockroom.stock(key, 5)
    await services.stock.set_safety(TILL, key, 2)
    assert await outcome(stockroom.hold((key, 4))) == "OUT_OF_STOCK"
    await stockroom.hold((key, 3))
    assert await stockroom.available(key) == 0


async def test_the_same_owner_gets_the_same_hold(key: StockKey, stockroom: Stockroom) -> None:
    await stockroom.stock(key, 5)
    holds = await asyncio.gather(*(stockroom.hold((key, 2), owner="order") for _ in range(16)))
    assert len({hold.id for hold in holds}) == 1
    assert await stockroom.available(key) == 3
    with pytest.raises(StockHoldDiffers):
        await stockroom.hold((key, 3), owner="order")


async def test_an_expired_hold_counts_for_nothing_from_its_moment_on(
    database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(key, 5)
    hold = await stockroom.hold((key, 5), until=clock.now() + minutes(1))
    clock.moment = hold.until - timedelta(milliseconds=1)
    assert await outcome(stockroom.hold((key, 1))) == "OUT_OF_STOCK"
    clock.moment = hold.until
    assert (hold.status(clock.now()), await stockroom.available(key)) == (EXPIRED, 5)
    await stockroom.hold((key, 5))
    assert await stockroom.available(key) == 0
    assert await is_sound(database, clock)
    assert len((await stockroom.level(key)).held) == 1


async def test_a_capture_sells(
    database: Database, key: StockKey, other: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(key, 10)
    await stockroom.stock(other, 1)
    hold = await stockroom.hold((key, 4), (other, 1))
    captured = await stockroom.capture(hold)
    assert captured.status(clock.now() + minutes(60)) is CAPTURED
    assert await stockroom.capture(hold) == captured
    level = await stockroom.level(key)
    assert (level.on_hand, level.held, await stockroom.available(key)) == (6, (), 6)
    sold = await database.collection(STOCK_MOVEMENTS).find({"kind": "SELL"}, sort=[("quantity", 1)])
    assert [(each["change"], each["on_hand_after"], each["reference"]) for each in sold] == [
        (-1, 0, hold.id),
        (-4, 6, hold.id),
    ]
    with pytest.raises(StockHoldSettled):
        await stockroom.release(hold)
    assert await is_sound(database, clock)


async def test_a_release_gives_back(
    database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(key, 10)
    hold, kept = await stockroom.hold((key, 4)), await stockroom.hold((key, 1))
    released = await stockroom.release(hold)
    assert (await stockroom.release(hold), released.settled) == (released, RELEASED)
    assert await stockroom.available(key) == 9
    with pytest.raises(StockHoldSettled):
        await stockroom.capture(hold)
    clock.moment = kept.until
    await stockroom.release(kept)
    assert await stockroom.available(key) == 10
    assert await is_sound(database, clock)


async def test_a_hold_that_is_none(key: StockKey, stockroom: Stockroom, clock: MovableClock) -> None:
    nothing = StockHold("none", "nobody", (), clock.now(), clock.now())
    with pytest.raises(StockHoldNotFound):
        await stockroom.capture(nothing)
    with pytest.raises(StockHoldNotFound):
        await stockroom.release(nothing)


async def test_an_expired_hold_is_captured_only_while_its_pieces_can_still_be_had(
    database: Database, key: StockKey, other: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(key, 5)
    await stockroom.stock(other, 5)
    lucky = await stockroom.hold((key, 2))
    late = await stockroom.hold((key, 2), (other, 2))
    clock.moment = late.until
    taken = await stockroom.hold((other, 4))
    with pytest.raises(StockHoldExpired):
        await stockroom.capture(late)
    assert (await stockroom.level(key)).on_hand == 5
    await stockroom.capture(lucky)
    assert (await stockroom.level(key)).on_hand == 3
    await stockroom.release(taken)
    await stockroom.capture(late)
    assert ((await stockroom.level(key)).on_hand, (await stockroom.level(other)).on_hand) == (1, 3)
    assert await is_sound(database, clock)


async def test_what_a_till_sold_under_a_hold_is_not_sold_again(
    services: Services, database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(key, 2)
    hold = await stockroom.hold((key, 2))
    await services.stock.record(TILL, [a_report(key, "SELL", 1, clock.now())])
    assert await outcome(stockroom.capture(hold)) == "OUT_OF_STOCK"
    assert (await stockroom.level(key)).on_hand == 1
    await stockroom.release(hold)
    assert await stockroom.available(key) == 1
    assert await is_sound(database, clock)


async def test_capture_release_and_expiry_at_once_settle_each_hold_once(
    services: Services, database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    """Eight holds of one piece each, all that there is; everybody pulls at them as they expire."""
    await stockroom.stock(key, 8)
    holds = [await stockroom.hold((key, 1)) for _ in range(8)]
    acts = [act(hold) for hold in holds for act in (stockroom.capture, stockroom.release, stockroom.capture)]

    async def expire() -> None:
        await asyncio.sleep(0.02)
        clock.moment = holds[0].until

    wishes = [stockroom.hold((key, 1), until=clock.now() + minutes(60)) for _ in range(16)]
    outcomes, _ = await asyncio.gather(asyncio.gather(*map(outcome, [*acts, *wishes])), expire())
    settled = [await services.stock_holds.get(hold.id) for hold in holds]
    captured = sum(hold is not None and hold.settled is CAPTURED for hold in settled)
    held_anew = outcomes[len(acts) :].count("done")
    level = await stockroom.level(key)
    assert level.on_hand == 8 - captured >= held_anew
    assert await database.collection(STOCK_MOVEMENTS).count({"kind": "SELL"}) == captured
    assert await is_sound(database, clock)


async def test_sales_at_the_till_and_holds_at_once(
    services: Services, database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(key, 40)

    async def sell() -> str:
        await services.stock.record(TILL, [a_report(key, "SELL", 1, clock.now())])
        return "sold"

    async def buy() -> str:
        return await outcome(stockroom.capture(await stockroom.hold((key, 1))))

    outcomes = Counter(await asyncio.gather(*(act() for _ in range(16) for act in (sell, buy))))
    assert outcomes == {"sold": 16, "done": 16}
    assert (await stockroom.level(key)).on_hand == 8
    assert await is_sound(database, clock)
