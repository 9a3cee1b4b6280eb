"""Recommendations on MongoDB: by what she likes, in stock first, published only."""

from datetime import timedelta

import pytest

from app.catalog.category_tree import CategoryTree
from app.catalog.model import Product
from app.catalog.repository import CategoryRepository, ProductRepository
from app.catalog.search_repository import SearchRepository
from app.interests.model import InterestEvent, InterestEventKind
from app.inventory.model import StockKey
from app.recommendations.errors import RecommendationCountInvalid, RecommendationPlaceInvalid
from app.recommendations.model import ReasonKind, RecommendationPlace
from app.services import Services
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from app.stores.errors import StoreNotFound
from app.stores.model import Store
from tests.arrangements import a_guest, allow
from tests.catalog_examples import a_category, a_product, a_sku
from tests.conftest import MovableClock
from tests.integration.stockroom import Stockroom
from tests.profiler import Profiled, all_commands

HOME, STORE, PRODUCT = RecommendationPlace.HOME, RecommendationPlace.STORE, RecommendationPlace.PRODUCT


@pytest.fixture(autouse=True)
async def catalog(database: Database, clock: MovableClock) -> None:
    """Cups, pens and towels; the first of each the most popular; and one that is not published yet."""
    products: list[Product] = [
        a_product(
            id=f"{name}-{number}",
            skus=(a_sku(id=f"{name}-{number}"),),
            category_id=name,
            brand=f"{name} maker",
            popularity=100 - 10 * number - place,
        )
        for place, name in enumerate(("cup", "pen", "towel"))
        for number in range(4)
    ]
    soon = clock.now() + timedelta(days=1)
    products.append(
        a_product(id="soon", skus=(a_sku(id="soon"),), category_id="cup", popularity=500, published_from=soon)
    )
    tree = CategoryTree([a_category(name) for name in ("cup", "pen", "towel")])
    await CategoryRepository(database).replace_tree(tree, 0, session=None)
    await ProductRepository(database).add_many(products, session=None)
    await SearchRepository(database).add_many(products, session=None)


async def a_buyer(services: Services, *sku_ids: str, store_id: str | None = None) -> str:
    """A new member who bought these SKUs."""
    member_id = await a_guest(services)
    await allow(services, member_id)
    products = await services.catalog.products_of_skus(sku_ids)
    bought = [
        InterestEvent(
            new_id(),
            InterestEventKind.BOUGHT,
            services.clock.now(),
            sku_id,
            products[sku_id].category_id,
            products[sku_id].brand,
            store_id,
        )
        for sku_id in sku_ids
    ]
    await services.interests.record(member_id, bought)
    return member_id


async def shown(
    services: Services,
    member_id: str | None = None,
    place: RecommendationPlace = HOME,
    store_id: str | None = None,
    product_id: str | None = None,
    first: int = 50,
) -> list[str]:
    found = await services.recommendations.recommend(member_id, place, store_id, product_id, first)
    return [each.sku.id for each in found]


async def test_a_stranger_is_shown_what_is_popular(services: Services) -> None:
    found = await services.recommendations.recommend(None, HOME, None, None, 3)
    assert [each.sku.id for each in found] == ["cup-0", "pen-0", "towel-0"]
    assert {each.reasons[0].kind for each in found} == {ReasonKind.POPULAR}
    assert {each.available for each in found} == {None}


async def test_a_member_is_shown_what_she_likes_but_nothing_she_has_seen(services: Services) -> None:
    found = await shown(services, await a_buyer(services, "towel-2"))
    assert found[:3] == ["towel-0", "towel-1", "towel-3"]
    assert "towel-2" not in found
    assert "soon" not in found


async def test_what_she_likes_counts_only_while_she_allows_it(services: Services) -> None:
    member_id = await a_buyer(services, "towel-2")
    await allow(services, member_id, is_given=False)
    assert await shown(services, member_id) == await shown(services)


async def test_what_goes_with_what_she_likes_comes_before_what_is_popular(services: Services) -> None:
    for _ in range(3):
        await a_buyer(services, "cup-3", "pen-3")
    await services.related_skus.refresh()
    found = await services.recommendations.recommend(await a_buyer(services, "cup-3"), HOME, None, None, 50)
    pens = [each for each in found if each.product.category_id == "pen"]
    assert [each.sku.id for each in pens] == ["pen-3", "pen-0", "pen-1", "pen-2"]
    assert (pens[0].reasons[0].kind, pens[0].reasons[0].about) == (ReasonKind.RELATED_TO_LIKED, "cup-3")


async def test_beside_a_product_is_what_goes_with_it_for_strangers_too(services: Services) -> None:
    for _ in range(3):
        await a_buyer(services, "cup-3", "pen-3")
    await services.related_skus.refresh()
    found = await shown(services, place=PRODUCT, product_id="cup-3")
    assert found[:2] == ["pen-3", "cup-0"]
    assert "cup-3" not in found


async def test_a_category_that_is_gone_refuses_nothing(services: Services, database: Database) -> None:
    """Neither for a product of it, nor for who likes it; the product itself is recommended still."""
    gone = a_product(id="gone", skus=(a_sku(id="gone"),), category_id="vanished", brand="pen maker")
    await ProductRepository(database).add_many([gone], session=None)
    await SearchRepository(database).add_many([gone], session=None)
    beside = await services.recommendations.recommend(None, PRODUCT, None, "gone", 50)
    assert "cup-0" in [each.sku.id for each in beside]
    assert ReasonKind.LIKED_CATEGORY not in {reason.kind for each in beside for reason in each.reasons}
    assert "pen-0" in await shown(services, await a_buyer(services, "gone"))
    assert "gone" in await shown(services, await a_buyer(services, "pen-1"))


async def test_what_lies_in_the_store_comes_first(
    services: Services, clock: MovableClock, store: Store
) -> None:
    await Stockroom(services, clock).stock_many([StockKey("pen-3", store.id)], 2)
    found = await services.recommendations.recommend(None, STORE, store.id, None, 50)
    assert [(each.sku.id, each.available) for each in found[:2]] == [("pen-3", 2), ("cup-0", 0)]
    at_home = await services.recommendations.recommend(
        await a_buyer(services, "towel-2", store_id=store.id), HOME, None, None, 50
    )
    assert {each.sku.id: each.available for each in at_home}["pen-3"] == 2


async def test_what_cannot_be_asked_is_refused(services: Services, store: Store) -> None:
    for first in (0, 51):
        with pytest.raises(RecommendationCountInvalid):
            await shown(services, first=first)
    for place, product_id in ((STORE, None), (PRODUCT, None), (PRODUCT, "soon"), (PRODUCT, "none")):
        with pytest.raises(RecommendationPlaceInvalid):
            await shown(services, place=place, product_id=product_id)
    with pytest.raises(StoreNotFound):
        await shown(services, store_id="none")


async def test_of_what_is_not_shown_only_what_it_takes_to_choose_is_read(
    services: Services, profiled: Profiled
) -> None:
    member_id = await a_buyer(services, "cup-3")
    with all_commands(profiled) as commands:
        assert await services.recommendations.recommend(member_id, HOME, None, None, 1)
    choosing, showing = (each for each in commands if each["ns"].endswith(".products"))
    assert choosing["nreturned"] > 12
    assert choosing["responseLength"] < 260 * choosing["nreturned"]  # a whole product has 600
    assert showing["nreturned"] == 1
