"""Stock movements on a real MongoDB: recorded once, in any order, by however many at once."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from app.auth.actor import ANONYMOUS, PartnerActor, StaffActor
from app.auth.errors import StoreNotAllowed
from app.auth.roles import Role
from app.inventory.audit import audit
from app.inventory.errors import StockQuantityInvalid
from app.inventory.level_repository import STOCK_LEVELS
from app.inventory.model import ReportedMovement, StockKey
from app.inventory.movement_repository import STOCK_MOVEMENTS
from app.inventory.recording import RecordedRow
from app.services import Services
from app.shared.batches import BatchSizeInvalid
from app.shared.channels import Channel
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.stores.errors import StoreNotFound
from app.stores.model import Store
from tests.arrangements import add_skus, add_stores
from tests.conftest import MovableClock
from tests.examples import a_report, a_store, minutes
from tests.integration.stockroom import TILL, Stockroom


@pytest.fixture
async def store(database: Database) -> Store:
    store = a_store()
    await add_stores(database, store)
    await add_skus(database, "sku", "other", *(f"sku-{number}" for number in range(500)))
    return store


@pytest.fixture
def key(store: Store) -> StockKey:
    return StockKey("sku", store.id)


@pytest.fixture
def stockroom(services: Services, clock: MovableClock) -> Stockroom:
    return Stockroom(services, clock)


async def record(services: Services, *rows: ReportedMovement) -> list[RecordedRow]:
    return await services.stock.record(TILL, rows)


async def faults(database: Database, clock: MovableClock) -> list[str]:
    return [fault async for level in audit(database, clock.now()) for fault in level.faults]


async def test_movements_add_up_to_the_level(
    services: Services, database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    rows = await record(
        services,
        a_report(key, "RECEIVE", 10, clock.now() - minutes(10)),
        a_report(key, "SELL", 3, clock.now() - minutes(5)),
        a_report(StockKey("other", key.store_id), "RECEIVE", 4, clock.now()),
    )
    assert [row.is_new for row in rows] == [True, True, True]
    assert [row.movement.on_hand_after for row in rows if row.movement] == [10, 7, 4]
    level = await stockroom.level(key)
    assert (level.on_hand, level.seq, level.revision) == (7, 2, 2)
    assert await faults(database, clock) == []


async def test_a_replay_changes_nothing(
    services: Services, database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    batch = [a_report(key, "RECEIVE", number, clock.now(), reference=f"r-{number}") for number in range(1, 6)]
    first = await record(services, *batch)
    clock.advance(timedelta(days=1))
    again = await record(services, *batch, *batch)
    assert [row.movement for row in again] == [row.movement for row in first] * 2
    assert not any(row.is_new for row in again)
    assert (await stockroom.level(key)).on_hand == 15
    (other,) = await record(services, a_report(key, "RECEIVE", 9, clock.now(), reference="r-1"))
    assert other.refusal is not None
    assert other.refusal.code == "STOCK_REFERENCE_USED"
    (by_another,) = await services.stock.record(PartnerActor("other", frozenset()), [batch[0]])
    assert by_another.is_new


async def test_a_row_that_stands_twice_in_a_batch_is_recorded_once(
    services: Services, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    row = a_report(key, "RECEIVE", 5, clock.now())
    differing = a_report(key, "RECEIVE", 6, clock.now(), reference=row.reference)
    first, second, third = await record(services, row, row, differing)
    assert (first.is_new, second.is_new, second.movement) == (True, False, first.movement)
    assert third.refusal is not None
    assert (await stockroom.level(key)).on_hand == 5


async def test_a_bad_row_is_refused_and_the_rest_go_in(
    services: Services, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    rows = await record(
        services,
        a_report(key, "RECEIVE", 0, clock.now()),
        a_report(key, "RECEIVE", 5, clock.now()),
        a_report(StockKey("sku", "nowhere"), "RECEIVE", 5, clock.now()),
        a_report(StockKey("nothing", key.store_id), "RECEIVE", 5, clock.now()),
        a_report(key, "RECEIVE", 5, clock.now() + minutes(10)),
        a_report(key, "RECEIVE", 100_001, clock.now()),
    )
    codes = [row.refusal.code if row.refusal else None for row in rows]
    assert codes == [
        "STOCK_QUANTITY_INVALID",
        None,
        "STORE_NOT_FOUND",
        "SKU_NOT_FOUND",
        "STOCK_TIME_INVALID",
        "STOCK_QUANTITY_INVALID",
    ]
    assert (await stockroom.level(key)).on_hand == 5


@pytest.mark.parametrize("size", [0, 501])
async def test_a_batch_has_bounds(services: Services, key: StockKey, clock: MovableClock, size: int) -> None:
    with pytest.raises(BatchSizeInvalid):
        await record(services, *[a_report(key, "RECEIVE", 1, clock.now())] * size)


async def test_a_till_may_sell_what_nobody_had_recorded(
    services: Services, database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await record(services, a_report(key, "RECEIVE", 1, clock.now()))
    (row,) = await record(services, a_report(key, "SELL", 3, clock.now()))
    assert row.movement is not None
    assert (row.movement.on_hand_after, row.movement.is_below_zero) == (-2, True)
    await record(services, a_report(key, "SELL", 1, clock.now()))
    assert await stockroom.available(key) == 0
    (event,) = await database.collection(EVENTS).find({"type": "StockBelowZero"})
    assert event["data"] == {"sku_id": "sku", "store_id": key.store_id, "on_hand": -2}


async def test_a_count_that_comes_late_leaves_what_happened_after_it(
    services: Services, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await record(services, a_report(key, "RECEIVE", 10, clock.now() - minutes(60)))
    await record(services, a_report(key, "SELL", 2, clock.now() - minutes(10)))
    await record(services, a_report(key, "SELL", 1, clock.now() - minutes(50)))
    await record(services, a_report(key, "COUNT", 8, clock.now() - minutes(30)))
    assert (await stockroom.level(key)).on_hand == 6
    (late,) = await record(services, a_report(key, "SELL", 1, clock.now() - minutes(31)))
    assert late.movement is not None
    assert late.movement.change == 0
    assert (await stockroom.level(key)).on_hand == 6


async def test_a_count_from_a_clock_that_is_ahead_does_not_swallow_what_follows(
    services: Services, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    await record(services, a_report(key, "COUNT", 8, clock.now() + minutes(4)))
    clock.advance(minutes(1))
    await record(services, a_report(key, "SELL", 1, clock.now()))
    assert (await stockroom.level(key)).on_hand == 7


async def test_the_order_of_recording_makes_no_difference(
    services: Services, database: Database, store: Store, stockroom: Stockroom, clock: MovableClock
) -> None:
    """The same history of three SKUs, told six times in another order, by several tills at once."""
    chance = random.Random(5)
    kinds = ["RECEIVE", "SELL", "COUNT", "RETURN"]
    levels: list[list[int]] = []
    keys = [[StockKey(f"sku-{3 * told + sku}", store.id) for sku in range(3)] for told in range(6)]
    history = [(number % 3, chance.choice(kinds), chance.randint(1, 30), number * 7) for number in range(48)]
    for told in range(6):
        rows = [
            a_report(keys[told][sku], kind, quantity, clock.now() - minutes(ago))
            for sku, kind, quantity, ago in history
        ]
        chance.shuffle(rows)
        batches: Sequence[Sequence[ReportedMovement]] = [rows[start : start + 6] for start in range(0, 48, 6)]
        await asyncio.gather(*(record(services, *batch) for batch in batches))
        levels.append([(await stockroom.level(key)).on_hand for key in keys[told]])
    assert levels[1:] == levels[:1] * 5
    assert await faults(database, clock) == []


async def test_tills_that_report_at_once_lose_nothing(
    services: Services, database: Database, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    """32 tills, each of whose batches comes twice."""
    batches = [
        [a_report(key, "RECEIVE", 2, clock.now()), a_report(key, "SELL", 1, clock.now())] for _ in range(32)
    ]
    results = await asyncio.gather(*(record(services, *batch) for batch in batches + batches))
    assert sum(row.is_new for rows in results for row in rows) == 64
    assert (await stockroom.level(key)).on_hand == 32
    assert await database.collection(STOCK_MOVEMENTS).count({}) == 64
    assert await faults(database, clock) == []


async def test_a_batch_of_500_rows_goes_in_whole(
    services: Services, database: Database, store: Store, clock: MovableClock
) -> None:
    rows = [a_report(StockKey(f"sku-{number}", store.id), "COUNT", 5, clock.now()) for number in range(500)]
    assert all(row.is_new for row in await record(services, *rows))
    assert await database.collection(STOCK_LEVELS).count({"on_hand": 5}) == 500


def a_staff_member(role: Role, store_id: str | None) -> StaffActor:
    return StaffActor("mori", role, store_id, "device", "session", Language.JA)


async def test_nobody_reports_for_another_store(
    services: Services, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    here, elsewhere = key.store_id, "another-store"
    for actor, may in [
        (a_staff_member(Role.COUNTER, here), True),
        (a_staff_member(Role.COUNTER, elsewhere), False),
        (a_staff_member(Role.STORE_MANAGER, elsewhere), False),
        (a_staff_member(Role.HEADQUARTERS, None), True),
        (PartnerActor("a", frozenset(), store_ids=frozenset({here})), True),
        (PartnerActor("b", frozenset(), store_ids=frozenset({elsewhere})), False),
        (PartnerActor("c", frozenset(), channels=frozenset({Channel.STORE})), True),
        (PartnerActor("d", frozenset(), channels=frozenset({Channel.ONLINE})), False),
    ]:
        (row,) = await services.stock.record(actor, [a_report(key, "RECEIVE", 1, clock.now())])
        assert (row.is_new, row.refusal and row.refusal.code) == (may, None if may else "STORE_NOT_ALLOWED")
        if not may:
            with pytest.raises(StoreNotAllowed):
                await services.stock.set_safety(actor, key, 1)
    assert (await stockroom.level(key)).on_hand == 4


async def test_a_safety_stock_is_kept_from_sale(
    services: Services, key: StockKey, stockroom: Stockroom, clock: MovableClock
) -> None:
    assert (await services.stock.set_safety(TILL, key, 3)).on_hand == 0
    await record(services, a_report(key, "RECEIVE", 10, clock.now()))
    assert await stockroom.available(key) == 7
    await services.stock.set_safety(TILL, key, 1)
    assert await stockroom.available(key) == 9
    with pytest.raises(StockQuantityInvalid):
        await services.stock.set_safety(TILL, key, -1)
    with pytest.raises(StoreNotFound):
        await services.stock.set_safety(TILL, StockKey("sku", "nowhere"), 1)


async def test_the_levels_of_a_store(
    services: Services, database: Database, store: Store, clock: MovableClock
) -> None:
    other = a_store()
    await add_stores(database, other)
    skus = [f"sku-{number}" for number in range(5)]
    keys = [StockKey(sku, place.id) for sku in skus for place in (store, other)]
    await record(services, *(a_report(key, "COUNT", 1, clock.now()) for key in keys))
    first = (await services.stock.levels_of_stores(ANONYMOUS, [store.id], PageRequest(3)))[store.id]
    rest = PageRequest(3, first.items[-1][1])
    second = (await services.stock.levels_of_stores(ANONYMOUS, [store.id], rest))[store.id]
    assert [level.key.sku_id for level, _ in first.items + second.items] == skus
    assert (first.has_next, second.has_next) == (True, False)
