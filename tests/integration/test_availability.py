"""Where a SKU can be had, and when: now, after a transfer, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from pymongo import MongoClient

from app.inventory.model import StockKey
from app.inventory.obtaining import AvailabilityLevel, StoreAvailability
from app.services import Services
from app.shared.database import Database
from app.shared.paging import PageRequest
from app.stores.model import SpecialDay, Store, StoreServiceKind
from app.stores.rules import store_day
from tests.arrangements import add_skus, add_stores
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_store, daily, minutes, north_of
from tests.integration.stockroom import Stockroom

PICKUP, TRANSFER = StoreServiceKind.PICKUP, StoreServiceKind.TRANSFER


@pytest.fixture
async def stockroom(services: Services, database: Database, clock: MovableClock) -> Stockroom:
    await add_skus(database, "sku", *(f"other-{number}" for number in range(10)))
    return Stockroom(services, clock)


async def near(services: Services, radius_meters: int = 20_000) -> list[StoreAvailability]:
    page = await services.availability.near("sku", UMEDA, radius_meters, PageRequest(100))
    return [each for each, _ in page.items]


async def first_of(services: Services) -> StoreAvailability:
    return (await near(services))[0]


def a_shop(meters: float, **changes: object) -> Store:
    return a_store(**{"location": north_of(UMEDA, meters), "hours": daily(600, 1260), **changes})


async def test_levels_at_a_glance(
    services: Services, database: Database, stockroom: Stockroom, clock: MovableClock
) -> None:
    shops = [a_shop(meters) for meters in (0, 100, 200, 300)]
    await add_stores(database, *shops)
    for shop, pieces in zip(shops, (4, 3, 1, 0), strict=True):
        await stockroom.stock(StockKey("sku", shop.id), pieces)
    found = await near(services)
    assert [each.found.store.id for each in found] == [shop.id for shop in shops]
    assert [each.available for each in found] == [4, 3, 1, 0]
    in_stock, few_left, out = AvailabilityLevel
    assert [each.level for each in found] == [in_stock, few_left, few_left, out]
    assert all(each.as_of == clock.now() for each in found)


async def test_what_is_held_is_not_shown_and_comes_back_at_its_moment(
    services: Services, database: Database, stockroom: Stockroom, clock: MovableClock
) -> None:
    shop = a_shop(0)
    await add_stores(database, shop)
    await stockroom.stock(StockKey("sku", shop.id), 2)
    hold = await stockroom.hold((StockKey("sku", shop.id), 2))
    assert (await first_of(services)).available == 0
    clock.moment = hold.until
    assert (await first_of(services)).available == 2


async def test_pickup_is_now_or_when_the_store_opens(
    services: Services, database: Database, stockroom: Stockroom, clock: MovableClock
) -> None:
    shop = a_shop(0)
    await add_stores(database, shop)
    await stockroom.stock(StockKey("sku", shop.id), 2)
    assert (await first_of(services)).pickup_from == clock.now()
    clock.advance(timedelta(hours=10))  # it is 22:00
    assert (await first_of(services)).pickup_from == clock.now() + timedelta(hours=12)


async def test_the_nearest_store_that_has_it_sends_it(
    services: Services, database: Database, stockroom: Stockroom, clock: MovableClock
) -> None:
    here, empty, mute = a_shop(0), a_shop(100), a_shop(200, services=frozenset({PICKUP}))
    nearer, farther = a_shop(30_000), a_shop(40_000)
    await add_stores(database, here, empty, mute, nearer, farther)
    for shop in (mute, nearer, farther):
        await stockroom.stock(StockKey("sku", shop.id), 9)
    found = await first_of(services)
    assert found.transfer is not None
    assert found.transfer.source == nearer
    assert found.transfer.ready_by == found.pickup_from == clock.now() + timedelta(hours=24)


async def test_a_transfer_waits_for_doors_to_open(
    services: Services, database: Database, stockroom: Stockroom, clock: MovableClock
) -> None:
    """At 22:00 the source is closed; it sends at 10:00, and a day later the receiver keeps a holiday."""
    clock.advance(timedelta(hours=10))
    holiday = SpecialDay(store_day(a_store(), clock.now()) + timedelta(days=2))
    here, source = a_shop(0, special_days=(holiday,)), a_shop(500)
    await add_stores(database, here, source)
    await stockroom.stock(StockKey("sku", source.id), 9)
    found = await first_of(services)
    assert found.transfer is not None
    assert found.transfer.ready_by == clock.now() + timedelta(hours=12 + 48)


async def test_what_cannot_be_had(services: Services, database: Database, stockroom: Stockroom) -> None:
    here = a_shop(0)
    no_goods = a_shop(100, services=frozenset({PICKUP}))
    no_pickup = a_shop(200, services=frozenset({TRANSFER}))
    closed_for_good = a_shop(300, hours=())
    await add_stores(database, here, no_goods, no_pickup, closed_for_good)
    await stockroom.stock(StockKey("sku", closed_for_good.id), 9)
    await stockroom.stock(StockKey("sku", no_pickup.id), 9)
    found = {each.found.store.id: each for each in await near(services)}
    assert found[here.id].transfer is not None
    assert (found[no_goods.id].transfer, found[no_goods.id].pickup_from) == (None, None)
    assert (found[no_pickup.id].available, found[no_pickup.id].pickup_from) == (9, None)
    assert (found[closed_for_good.id].available, found[closed_for_good.id].pickup_from) == (9, None)


async def test_a_new_source_is_known_within_a_minute(
    services: Services, database: Database, stockroom: Stockroom, clock: MovableClock
) -> None:
    here = a_shop(0)
    await add_stores(database, here)
    assert (await first_of(services)).transfer is None
    source = a_shop(50_000)
    await add_stores(database, source)
    await stockroom.stock(StockKey("sku", source.id), 1)
    clock.advance(minutes(1))
    assert (await first_of(services)).transfer is not None


async def test_availability_reads_by_index_and_little_more_than_it_gives(
    services: Services, database: Database, stockroom: Stockroom, mongodb_uri: str, worker: str, driver: str
) -> None:
    """60 stores with 11 SKUs each: a page is read by its indexes alone, as MongoDB's own profiler tells."""
    shops = [a_shop(meters) for meters in range(0, 60_000, 1_000)]
    await add_stores(database, *shops)
    skus = ["sku", *(f"other-{number}" for number in range(10))]
    for shop in shops:
        await stockroom.stock_many([StockKey(sku, shop.id) for sku in skus], 5)
    await near(services)
    with profiled(mongodb_uri, f"test_{worker}_{driver}") as commands:
        page = await services.availability.near("sku", UMEDA, 20_000, PageRequest(20))
        await services.stock.levels_of_stores([shops[0].id], PageRequest(5))
        await services.stock.levels_of_sku("sku")
    assert len(page.items) == 20
    plans = [each["planSummary"] for each in commands]
    assert plans == [
        'GEO_NEAR_2DSPHERE { location: "2dsphere" }',
        "IXSCAN { _id: 1 }",
        "IXSCAN { store_id: 1, sku_id: 1 }",
        "IXSCAN { _id: 1 }",
    ]
    for each in commands:
        assert each["docsExamined"] <= 3 * each["nreturned"], each["command"]


@contextmanager
def profiled(uri: str, name: str) -> Iterator[list[dict[str, Any]]]:
    """What MongoDB tells of the commands that this database is sent meanwhile."""
    commands: list[dict[str, Any]] = []
    with MongoClient[dict[str, Any]](uri) as client:
        client[name].command("profile", 2)
        try:
            yield commands
        finally:
            client[name].command("profile", 0)
            commands += client[name]["system.profile"].find(
                {"planSummary": {"$exists": True}}, sort=[("ts", 1)]
            )
            client[name].drop_collection("system.profile")
