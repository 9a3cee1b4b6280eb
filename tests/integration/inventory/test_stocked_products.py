"""Searching for products that a store has now, or any store around a place."""

from collections.abc import Iterable
from typing import Any

import pytest
from pymongo import MongoClient

from app.catalog.model import Product
from app.catalog.repository import ProductRepository
from app.catalog.search_pipelines import MAXIMUM_RANKED_BY_STOCK, facet_pipeline, page_pipeline
from app.catalog.search_query import (
    Leniency,
    ProductFilter,
    ProductRequest,
    ProductSort,
    SearchQuery,
    Selection,
)
from app.catalog.search_repository import PRODUCT_SEARCH, SearchRepository
from app.catalog.search_service import PRICE_BOUNDS
from app.inventory.model import StockKey
from app.inventory.stocked_products import MAXIMUM_STORES, StockedProducts
from app.services import Services
from app.shared.geo import Circle, GeoPoint
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.mongodb.snapshots import Snapshots
from app.shared.paging import PageRequest
from app.stores.errors import PlaceInvalid, RadiusInvalid, StoreNotFound
from app.stores.known_stores import KnownStores
from app.stores.model import Store
from tests.arrangements import add_catalog, add_stores
from tests.catalog_examples import a_product, a_sku
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_store, minutes, north_of
from tests.integration.catalog.test_search_plans import stages
from tests.integration.stockroom import TILL, Stockroom

AROUND = Circle(UMEDA, 20_000)


@pytest.fixture
async def catalog(database: Database) -> list[Product]:
    return await add_catalog(database)


@pytest.fixture
async def shops(database: Database) -> list[Store]:
    """Six stores, a kilometre from each other."""
    stores = [a_store(id=f"shop-{number}", location=north_of(UMEDA, number * 1_000.0)) for number in range(6)]
    await add_stores(database, *stores)
    return stores


@pytest.fixture
def stockroom(services: Services, clock: MovableClock) -> Stockroom:
    return Stockroom(services, clock)


def ids_of(products: Iterable[Product]) -> set[str]:
    return {product.id for product in products}


async def listed(services: Services, wish: ProductFilter, first: int = 100, **more: Any) -> list[str]:
    """The ids on all pages."""
    request = ProductRequest(filter=wish, **more)
    found: list[str] = []
    after = None
    while True:
        page = (await services.product_search.search(request, PageRequest(first, after))).page
        found += [product.id for product, _ in page.items]
        if not page.has_next:
            return found
        after = page.items[-1][1]


@pytest.mark.parametrize("sort", ProductSort)
async def test_a_store_shows_what_it_has_of_any_sku(
    services: Services, catalog: list[Product], shops: list[Store], stockroom: Stockroom, sort: ProductSort
) -> None:
    here, there = shops[:2]
    stocked = [product for product in catalog if len(product.skus) > 1][:9]
    await stockroom.stock_many([StockKey(product.skus[-1].id, here.id) for product in stocked], 2)
    await stockroom.stock_many([StockKey(product.skus[0].id, there.id) for product in catalog], 2)
    wish = ProductFilter(in_stock_at=here.id)
    whole = await listed(services, wish, sort=sort)
    assert set(whole) == ids_of(stocked)
    assert await listed(services, wish, first=2, sort=sort) == whole
    assert whole == [
        each for each in await listed(services, ProductFilter(), sort=sort) if each in set(whole)
    ]


async def test_only_what_can_be_had_counts(
    services: Services, catalog: list[Product], shops: list[Store], stockroom: Stockroom, clock: MovableClock
) -> None:
    """Not what is held, until the moment at which the hold ends, nor what is kept from sale."""
    held, kept, none = (StockKey(product.skus[0].id, shops[0].id) for product in catalog[:3])
    await stockroom.stock_many([held, kept], 1)
    await stockroom.stock(none, 0)
    await services.stock.set_safety(TILL, kept, 1)
    wishes = [ProductFilter(in_stock_at=shops[0].id), ProductFilter(in_stock_near=AROUND)]
    for wish in wishes:
        assert await listed(services, wish) == [catalog[0].id]
    await stockroom.hold((held, 1), until=clock.now() + minutes(15))
    for wish in wishes:
        assert await listed(services, wish) == []
    clock.advance(minutes(15))
    for wish in wishes:
        assert await listed(services, wish) == [catalog[0].id]


async def test_near_a_place(
    services: Services, catalog: list[Product], shops: list[Store], stockroom: Stockroom
) -> None:
    for number, (shop, product) in enumerate(zip(shops, catalog, strict=False)):
        await stockroom.stock(StockKey(product.skus[0].id, shop.id), number + 1)
    for meters, shops_within in ((500, 1), (2_500, 3), (20_000, 6)):
        wish = ProductFilter(in_stock_near=Circle(UMEDA, meters))
        assert set(await listed(services, wish)) == ids_of(catalog[:shops_within])
    both = ProductFilter(in_stock_at=shops[2].id, in_stock_near=Circle(UMEDA, 500))
    assert await listed(services, both) == []
    nowhere = ProductFilter(in_stock_near=Circle(GeoPoint(0, 0), 1_000))
    assert await listed(services, nowhere) == []


async def test_of_many_stores_the_nearest_are_looked_at(
    services: Services, database: Database, catalog: list[Product], stockroom: Stockroom
) -> None:
    stores = [a_store(location=north_of(UMEDA, number * 10.0)) for number in range(MAXIMUM_STORES + 1)]
    await add_stores(database, *stores)
    await stockroom.stock(StockKey(catalog[0].skus[0].id, stores[-2].id), 1)
    await stockroom.stock(StockKey(catalog[1].skus[0].id, stores[-1].id), 1)
    assert await listed(services, ProductFilter(in_stock_near=AROUND)) == [catalog[0].id]


async def test_what_more_stores_around_have_comes_earlier(
    services: Services, database: Database, shops: list[Store], stockroom: Stockroom
) -> None:
    """Among products that are equally relevant and popular; being named so still counts for more."""
    lanterns = [a_product(id=f"lantern-{number}") for number in range(4)]
    other_name, mention = dict.fromkeys(Language, "Matches"), dict.fromkeys(Language, "For a lantern.")
    matches = a_product(id="matches", names=other_name, descriptions=mention)
    await add_products(database, [*lanterns, matches])
    for number, product in enumerate(lanterns):
        keys = [StockKey(product.skus[0].id, shop.id) for shop in shops[: number + 1]]
        await stockroom.stock_many(keys, 1)
    await stockroom.stock_many([StockKey(matches.skus[0].id, shop.id) for shop in shops], 1)
    wish = ProductFilter(in_stock_near=AROUND)
    ranked = ["lantern-3", "lantern-2", "lantern-1", "lantern-0", "matches"]
    assert await listed(services, wish, query="lantern") == ranked
    assert await listed(services, wish, query="lantern", first=2) == ranked
    assert await listed(services, wish, query="lantern", sort=ProductSort.POPULARITY) == sorted(ranked)


async def test_a_ranked_list_ends(
    services: Services, database: Database, shops: list[Store], stockroom: Stockroom
) -> None:
    number = MAXIMUM_RANKED_BY_STOCK + 5
    products = [a_product(skus=(a_sku(id=f"sku-{each:03}"),)) for each in range(number)]
    await add_products(database, products)
    await stockroom.stock_many([StockKey(each.skus[0].id, shops[0].id) for each in products], 1)
    wish = ProductFilter(in_stock_near=AROUND)
    assert len(await listed(services, wish)) == MAXIMUM_RANKED_BY_STOCK
    assert len(await listed(services, wish, sort=ProductSort.NEWEST)) == number


async def test_facets_count_what_is_in_stock(
    services: Services, catalog: list[Product], shops: list[Store], stockroom: Stockroom
) -> None:
    await stockroom.stock_many([StockKey(each.skus[0].id, shops[0].id) for each in catalog[:7]], 1)
    for wish in (ProductFilter(in_stock_at=shops[0].id), ProductFilter(in_stock_near=AROUND)):
        facets = await services.product_search.facets(ProductRequest(filter=wish), Leniency.STRICT)
        assert facets.counts.total == 7
        assert sum(count for _, count in facets.counts.brands) == 7


async def test_what_no_store_has_is_still_shown_as_an_alternative(
    services: Services, catalog: list[Product], shops: list[Store]
) -> None:
    request = ProductRequest("umbrella", ProductFilter(in_stock_at=shops[0].id))
    result = await services.product_search.search(request, PageRequest())
    assert result.page.items == ()
    nearest = await services.product_search.alternatives(request)
    found = await services.product_search.search(ProductRequest("umbrella"), PageRequest(1))
    assert nearest[0] == found.page.items[0][0]


@pytest.mark.parametrize(
    ("wish", "refusal", "path"),
    [
        (ProductFilter(in_stock_at="nowhere"), StoreNotFound, ["inStockAt"]),
        (ProductFilter(in_stock_near=Circle(GeoPoint(91, 0), 1)), PlaceInvalid, ["inStockNear", "point"]),
        (ProductFilter(in_stock_near=Circle(UMEDA, 0)), RadiusInvalid, ["inStockNear", "radiusMeters"]),
    ],
)
async def test_a_wish_that_cannot_be(
    services: Services, wish: ProductFilter, refusal: type[Exception], path: list[str]
) -> None:
    with pytest.raises(refusal) as raised:
        await listed(services, wish)
    assert list(raised.value.path) == ["filter", *path]  # type: ignore[attr-defined]


async def test_stock_is_looked_up_by_indexes(
    database: Database,
    catalog: list[Product],
    shops: list[Store],
    stockroom: Stockroom,
    clock: MovableClock,
    mongodb_uri: str,
    worker: str,
    driver: str,
) -> None:
    """Whether products are in stock, and then the products of the page."""
    for shop in shops:
        await stockroom.stock_many([StockKey(each.skus[0].id, shop.id) for each in catalog], 1)
    for wish in (ProductFilter(in_stock_at=shops[0].id), ProductFilter(in_stock_near=AROUND)):
        stock = await StockedProducts(KnownStores(database, Snapshots(database, clock))).condition(
            wish, clock.now()
        )
        selection = Selection(SearchQuery(), wish, None, Leniency.STRICT, clock.now(), stock)
        for pipeline in (
            page_pipeline(selection, ProductSort.NEWEST, None, 21),
            page_pipeline(selection, ProductSort.RELEVANCE, None, 21),
            facet_pipeline(selection, PRICE_BOUNDS),
        ):
            command = {"aggregate": PRODUCT_SEARCH.name, "pipeline": pipeline, "cursor": {}}
            with MongoClient[dict[str, Any]](mongodb_uri) as client:
                raw = client[f"test_{worker}_{driver}"]
                parts = list(stages(raw.command("explain", command, verbosity="executionStats")))
            assert not any(part.get("stage") == "COLLSCAN" for part in parts)
            lookups = [part for part in parts if "indexesUsed" in part]
            assert all(int(part["collectionScans"]) == 0 for part in lookups)
            used = [part["indexesUsed"] for part in lookups]
            page = [["_id_"]] if "$lookup" in pipeline[-1] else []
            assert used == [["_id_"], ["store_id_1_sku_id_1"], *page]


async def add_products(database: Database, products: list[Product]) -> None:
    await SearchRepository(database).add_many(products, session=None)
    await ProductRepository(database).add_many(products, session=None)
