"""Where a SKU can be had, and when: now, after a transfer, or not at all."""

from datetime import timedelta

import pytest

from app.auth.actor import ANONYMOUS, Actor, PartnerActor
from app.auth.partners import Scope
from app.auth.roles import Role
from app.catalog.repository import ProductRepository
from app.inventory.errors import SkuNotFound
from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import StockKey
from app.inventory.obtaining import AvailabilityLevel, StoreAvailability
from app.services import Services
from app.shared.geo import Circle
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.stores.model import SpecialDay, Store, StoreServiceKind
from app.stores.rules import store_day
from tests.arrangements import a_shift, add_catalog, add_skus, add_stores
from tests.catalog_examples import a_product, a_sku
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_store, daily, minutes, north_of
from tests.integration.stockroom import TILL, Stockroom
from tests.profiler import Profiled, all_commands

PICKUP, TRANSFER = StoreServiceKind.PICKUP, StoreServiceKind.TRANSFER


@pytest.fixture
async def stockroom(services: Services, database: Database, clock: MovableClock) -> Stockroom:
    await add_skus(database, "sku", *(f"other-{number}" for number in range(10)))
    return Stockroom(services, clock)


async def near(services: Services, radius_meters: int = 20_000) -> list[StoreAvailability]:
    page = await services.availability.near(ANONYMOUS, "sku", UMEDA, radius_meters, PageRequest(100))
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


async def test_a_new_source_is_known_within_ten_seconds(
    services: Services, database: Database, stockroom: Stockroom, clock: MovableClock
) -> None:
    here = a_shop(0)
    await add_stores(database, here)
    assert (await first_of(services)).transfer is None
    source = a_shop(50_000)
    await add_stores(database, source)
    await stockroom.stock(StockKey("sku", source.id), 1)
    clock.advance(timedelta(seconds=10))
    assert (await first_of(services)).transfer is not None


@pytest.mark.parametrize("radius_meters", [20_000, 100_000, 20_000_000])
async def test_availability_reads_by_index_and_little_more_than_it_gives(
    services: Services,
    database: Database,
    stockroom: Stockroom,
    profiled: Profiled,
    radius_meters: int,
) -> None:
    """60 stores with 11 SKUs each: each page is read by its indexes alone, as MongoDB's own profiler tells.

    Nothing is read of the stores, however many are in the circle; of the levels, those of the page's stores
    and of the stores that send goods to them.
    """
    shops = [a_shop(meters) for meters in range(0, 60_000, 1_000)]
    await add_stores(database, *shops)
    skus = ["sku", *(f"other-{number}" for number in range(10))]
    for shop in shops:
        await stockroom.stock_many([StockKey(sku, shop.id) for sku in skus], 5)
    await near(services)
    with all_commands(profiled) as commands:
        after = None
        for _ in range(2):
            page = await services.availability.near(
                ANONYMOUS, "sku", UMEDA, radius_meters, PageRequest(10, after)
            )
            assert len(page.items) == 10
            after = page.items[-1][1]
    assert [each["planSummary"] for each in commands] == ["IXSCAN { _id: 1 }"] * 2
    for each in commands:
        assert each["docsExamined"] == each["nreturned"] <= 3 * len(page.items), each["command"]


async def test_levels_are_read_by_index(
    services: Services, database: Database, stockroom: Stockroom, profiled: Profiled
) -> None:
    shop = a_shop(0)
    await add_stores(database, shop)
    await stockroom.stock_many([StockKey(f"other-{number}", shop.id) for number in range(10)], 5)
    with all_commands(profiled) as commands:
        await services.stock.levels_of_stores(TILL, [shop.id], PageRequest(5))
        await services.stock.levels_of_stores(ANONYMOUS, [shop.id], PageRequest(5))
        await StockLevelRepository(database).of_sku("sku")
    levels = "IXSCAN { store_id: 1, sku_id: 1 }"
    assert [each["planSummary"] for each in commands] == [
        levels,
        levels,
        "IXSCAN { skus.id: 1 }",
        "IXSCAN { _id: 1 }",
    ]
    for each in commands:
        assert each["docsExamined"] == each["nreturned"], each["command"]


async def test_pages_of_stock_lead_past_what_is_not_published(
    services: Services, database: Database, clock: MovableClock
) -> None:
    """Of eight levels the third to sixth are hidden: two of four pages are empty, and lead on."""
    shop = a_shop(0)
    await add_stores(database, shop)
    hidden = tuple(a_sku(id=f"sku-{number}") for number in range(2, 6))
    await add_skus(database, *(f"sku-{number}" for number in (0, 1, 6, 7)))
    await ProductRepository(database).add_many(
        [a_product(skus=hidden, published_until=clock.now())], session=None
    )
    await Stockroom(services, clock).stock_many([StockKey(f"sku-{n}", shop.id) for n in range(8)], 5)

    async def shown(actor: Actor) -> list[list[str]]:
        pages: list[list[str]] = []
        after = None
        while True:
            request = PageRequest(2, after)
            page = (await services.stock.levels_of_stores(actor, [shop.id], request))[shop.id]
            pages.append([level.key.sku_id for level, _ in page.items])
            if not page.has_next:
                return pages
            after = page.end

    assert await shown(ANONYMOUS) == [["sku-0", "sku-1"], [], [], ["sku-6", "sku-7"]]
    assert [id for page in await shown(TILL) for id in page] == [f"sku-{number}" for number in range(8)]


async def test_what_is_not_published_is_for_who_keeps_stock(
    services: Services, database: Database, clock: MovableClock
) -> None:
    """To others it does not exist, not even its stock; at its moment, it does."""
    shop, until = a_shop(0), clock.now() + minutes(5)
    await add_stores(database, shop)
    hidden = a_product(skus=(a_sku(id="hidden"),), published_from=until)
    await ProductRepository(database).add_many([hidden], session=None)
    stockroom = Stockroom(services, clock)
    await stockroom.stock(StockKey("hidden", shop.id), 5)

    async def shown(actor: Actor) -> tuple[list[int], int]:
        page = await services.availability.near(actor, "hidden", UMEDA, 1_000, PageRequest())
        levels = await services.stock.levels_of_stores(actor, [shop.id], PageRequest())
        return [each.available for each, _ in page.items], len(levels[shop.id].items)

    clerk = (await a_shift(services, Role.COUNTER, shop.id)).actor
    for keeper in (clerk, TILL):
        assert await shown(keeper) == ([5], 1)
    for actor in (ANONYMOUS, PartnerActor("scanner", frozenset({Scope.CARDS_VERIFY}))):
        with pytest.raises(SkuNotFound):
            await shown(actor)
        assert not (await services.stock.levels_of_stores(actor, [shop.id], PageRequest()))[shop.id].items
    clock.moment = until
    assert await shown(ANONYMOUS) == ([5], 1)


async def test_where_there_are_no_stores_other_skus_are_named_too(
    services: Services, database: Database, clock: MovableClock
) -> None:
    far = a_shop(90_000)
    await add_stores(database, far)
    await add_skus(database, "sku", "another")
    await Stockroom(services, clock).stock(StockKey("another", far.id), 2)
    assert await near(services) == []
    (other,) = await services.availability.other_skus("sku", UMEDA, [])
    assert (other.sku.id, other.at_store.available, other.at_store.found.store) == ("another", 2, far)


async def test_alternatives_are_of_the_category_and_in_stock_around(
    services: Services, database: Database, clock: MovableClock
) -> None:
    """FG-501 is an umbrella: among hats, bags and umbrellas the stores around have one, and not itself."""
    await add_catalog(database)
    here, far = a_shop(0), a_shop(90_000)
    await add_stores(database, here, far)
    stockroom = Stockroom(services, clock)
    around = Circle(UMEDA, 20_000)
    popular = await services.availability.alternatives("FG-501-NAV", around)
    assert [each.id for each in popular] == ["FG-504", "FG-503", "FG-502", "FG-506", "FG-505"]
    for sku, shop in (("FG-501-BEI", here), ("FG-505-NAT", here), ("FG-503-NAV", far), ("NB-101", here)):
        await stockroom.stock(StockKey(sku, shop.id), 2)
    assert [each.id for each in await services.availability.alternatives("FG-501-NAV", around)] == ["FG-505"]
    assert await services.availability.alternatives("no-such-sku", around) == []
