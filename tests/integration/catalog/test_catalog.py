"""Bringing the catalogue up to date: row by row, again and again, and by many at once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from app.catalog.model import DescribedProduct, ProductRow
from app.catalog.reindexing import reindex
from app.catalog.repository import CATEGORY_TREES, PRODUCTS, CategoryRepository
from app.catalog.search_query import ProductRequest
from app.catalog.search_repository import PRODUCT_SEARCH, SearchRepository
from app.composition import build_services
from app.services import Services
from app.shared.batches import BatchSizeInvalid
from app.shared.events import EVENTS
from app.shared.i18n import Language
from app.shared.money import Currency, Money
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from tests.catalog_examples import a_category, a_jan, a_product, a_sku
from tests.conftest import COMMANDS, NOON_IN_TOKYO, MovableClock


@pytest.fixture(autouse=True)
async def household(services: Services) -> None:
    await services.catalog.upsert_categories([a_category("household"), a_category("kitchen")])


async def upsert(services: Services, *products: DescribedProduct) -> list[ProductRow]:
    return await services.catalog.upsert_products(products)


def told(rows: list[ProductRow]) -> list[str]:
    """The outcome of each row, or the code of its first refusal."""
    return [row.refusals[0].code if row.refusals else row.outcome.value for row in rows]


async def searched(services: Services, query: str) -> list[str]:
    found = await services.product_search.search(ProductRequest(query), PageRequest())
    return [product.id for product, _ in found.page.items]


async def contents(database: Database) -> list[Any]:
    return [
        await database.collection(each).find({}, sort=[("_id", 1)])
        for each in (PRODUCTS, PRODUCT_SEARCH, CATEGORY_TREES, EVENTS)
    ]


async def test_a_product_is_read_back_as_it_was_written(services: Services) -> None:
    product = a_product(
        skus=(a_sku(colour={Language.JA: "白", Language.EN: "White"}, size="M"), a_sku()),
        published_until=NOON_IN_TOKYO + timedelta(days=1),
        tags=("gift",),
    )
    (row,) = await upsert(services, product)
    assert (row.outcome.value, row.product) == ("CREATED", product)
    assert await services.catalog.product(product.id) == product
    assert await services.catalog.product_by_jan(product.skus[1].jan) == product
    assert await services.catalog.product_by_sku(product.skus[1].id) == product
    assert await services.catalog.product("nothing") is None


async def test_the_same_again_changes_nothing(services: Services, database: Database) -> None:
    products = [a_product() for _ in range(5)]
    await upsert(services, *products)
    before = await contents(database)
    assert told(await upsert(services, *products)) == ["UNCHANGED"] * 5
    assert await contents(database) == before


async def test_a_change_is_found_at_once_and_keeps_when_it_was_made(
    services: Services, clock: MovableClock
) -> None:
    product = a_product()
    await upsert(services, product)
    clock.advance(timedelta(days=3))
    changed = replace(product, names={Language.JA: "行灯", Language.EN: "Andon"}, kana="あんどん")
    (row,) = await upsert(services, changed)
    assert row.outcome.value == "UPDATED"
    assert row.product is not None
    assert row.product.created_at == NOON_IN_TOKYO
    assert await searched(services, "行灯") == [product.id]
    assert await searched(services, "ちょうちん") == []


async def test_a_bad_row_is_refused_and_the_rest_goes_in(services: Services) -> None:
    first, second = a_product(), a_product()
    shared_sku, shared_jan = first.skus[0].id, first.skus[0].jan
    twice = a_sku()
    rows = await upsert(
        services,
        first,
        a_product(category_id="nowhere"),
        a_product(skus=(a_sku(id=shared_sku),)),
        a_product(skus=(a_sku(jan=shared_jan),)),
        a_product(skus=(twice, replace(twice, id="other"))),
        a_product(id=first.id),
        a_product(kana="漢字"),
        second,
    )
    assert told(rows) == [
        "CREATED",
        "CATEGORY_NOT_FOUND",
        "SKU_TAKEN",
        "JAN_TAKEN",
        "JAN_TAKEN",
        "ROW_REPEATED",
        "KANA_INVALID",
        "CREATED",
    ]
    assert rows[2].refusals[0].path == ("input", "products", "2", "skus", "0", "code")
    assert await services.catalog.product(second.id) == second


async def test_a_sku_stays_with_its_product_until_that_drops_it(services: Services) -> None:
    kept, moving = a_sku(), a_sku()
    owner = a_product(skus=(kept, moving))
    heir = a_product(skus=(moving,))
    await upsert(services, owner)
    assert told(await upsert(services, heir)) == ["SKU_TAKEN"]
    assert told(await upsert(services, replace(owner, skus=(kept,)))) == ["UPDATED"]
    assert told(await upsert(services, heir)) == ["CREATED"]
    found = (await services.catalog.products_of_skus([moving.id]))[moving.id]
    assert (found.id, found.skus) == (heir.id, heir.skus)
    assert not isinstance(found, DescribedProduct), "lists leave out what is said on its own page"


async def test_a_batch_has_1_to_500_rows(services: Services) -> None:
    for size in (0, 501):
        with pytest.raises(BatchSizeInvalid):
            await upsert(services, *[a_product()] * size)
    rows = await upsert(services, *(a_product() for _ in range(500)))
    assert set(told(rows)) == {"CREATED"}


async def test_missing_skus(services: Services) -> None:
    product = a_product(skus=(a_sku(), a_sku()))
    await upsert(services, product)
    ids = [sku.id for sku in product.skus]
    assert await services.catalog.missing_skus([*ids, "no-such"]) == {"no-such"}
    assert await services.catalog.missing_skus([]) == set()
    assert set(await services.catalog.products_of_skus(ids[:1])) == {ids[0]}


async def test_what_is_not_published_is_shown_to_nobody(services: Services, clock: MovableClock) -> None:
    product = a_product(
        published_from=NOON_IN_TOKYO + timedelta(hours=1), published_until=NOON_IN_TOKYO + timedelta(hours=2)
    )
    await upsert(services, product)
    for wait, shown in ((0, False), (60, True), (59, True), (1, False)):
        clock.advance(timedelta(minutes=wait))
        assert (await services.catalog.product(product.id) is not None) is shown
        assert (await services.catalog.product_by_jan(product.skus[0].jan) is not None) is shown
        assert (await searched(services, "ちょうちん") != []) is shown
        assert (await searched(services, product.skus[0].jan) != []) is shown
    assert product.skus[0].id in await services.catalog.products_of_skus([product.skus[0].id])


async def test_a_change_and_its_event_go_together(services: Services, database: Database) -> None:
    one, other = a_product(), a_product()
    await upsert(services, one, a_product(kana="漢字"), other)
    events = await database.collection(EVENTS).find({"subject": "catalog"}, sort=[("written_at", 1)])
    assert [each["type"] for each in events] == ["CategoriesChanged", "ProductsChanged"]
    assert events[1]["data"] == {"product_ids": sorted([one.id, other.id])}


async def test_a_failure_half_way_leaves_nothing(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await contents(database)

    async def fail(*arguments: Any) -> None:
        raise PyMongoError("the disk is full")

    monkeypatch.setattr(SearchRepository, "replace_many", fail)
    with pytest.raises(PyMongoError, match="disk is full"):
        await upsert(services, a_product())
    assert await contents(database) == before


async def test_32_callers_with_the_same_batch_make_it_once(services: Services, database: Database) -> None:
    products = [a_product() for _ in range(8)]
    batches = await asyncio.gather(*(upsert(services, *products) for _ in range(32)))
    told_all = [code for rows in batches for code in told(rows)]
    assert told_all.count("CREATED") == 8
    assert told_all.count("UNCHANGED") == 31 * 8
    assert await database.collection(PRODUCTS).count({}) == 8
    assert await database.collection(PRODUCT_SEARCH).count({}) == 8


@pytest.mark.parametrize("what", ["id", "jan"])
async def test_of_32_products_that_want_one_code_one_gets_it(
    services: Services, database: Database, what: str
) -> None:
    wanted = {"id": "SKU-WANTED"} if what == "id" else {"jan": a_jan()}
    batches = await asyncio.gather(
        *(upsert(services, a_product(), a_product(skus=(a_sku(**wanted),))) for _ in range(32))
    )
    codes = [told(rows)[1] for rows in batches]
    assert codes.count("CREATED") == 1
    assert codes.count("SKU_TAKEN" if what == "id" else "JAN_TAKEN") == 31
    assert [told(rows)[0] for rows in batches] == ["CREATED"] * 32
    assert await database.collection(PRODUCTS).count({}) == 33


async def test_32_changes_of_one_product_leave_product_and_index_in_step(
    services: Services, database: Database
) -> None:
    product = a_product()
    await upsert(services, product)
    prices = range(1_000, 1_032)
    changes = [
        replace(product, skus=(replace(product.skus[0], price=Money(price, Currency.JPY)),))
        for price in prices
    ]
    await asyncio.gather(*(upsert(services, change) for change in changes))
    (kept,) = await database.collection(PRODUCTS).find({})
    (indexed,) = await database.collection(PRODUCT_SEARCH).find({})
    assert kept["skus"][0]["price"]["amount"] == indexed["price_low"] in prices


async def test_two_callers_cannot_put_two_categories_below_each_other(services: Services) -> None:
    for _ in range(10):
        await services.catalog.upsert_categories([a_category("a"), a_category("b")])
        rows = await asyncio.gather(
            *(
                services.catalog.upsert_categories([a_category(*pair)])
                for pair in [("a", "b"), ("b", "a")] * 16
            )
        )
        assert any(row.refusals for each in rows for row in each)
        tree = await services.catalog.categories()
        assert len(list(tree.in_order())) == len(tree) == 4


async def test_32_callers_lose_no_category(services: Services) -> None:
    names = [f"shelf-{number}" for number in range(32)]
    await asyncio.gather(*(services.catalog.upsert_categories([a_category(name)]) for name in names))
    tree = await services.catalog.categories()
    assert {each.id for each in tree} == {"household", "kitchen", *names}


async def test_another_process_sees_new_categories_within_10_seconds(
    services: Services, settings: Any, database: Database, clock: MovableClock
) -> None:
    other = build_services(settings, database, clock)
    assert len(await other.catalog.categories()) == 2
    await services.catalog.upsert_categories([a_category("lighting")])
    assert len(await services.catalog.categories()) == 3
    assert len(await other.catalog.categories()) == 2
    assert told(await upsert(other, a_product(category_id="lighting"))) == ["CREATED"]
    clock.advance(timedelta(seconds=10))
    assert len(await other.catalog.categories()) == 3


async def test_of_32_who_want_the_categories_at_once_one_asks(services: Services) -> None:
    COMMANDS.clear()
    trees = await asyncio.gather(*(services.catalog.categories() for _ in range(32)))
    assert COMMANDS == ["find"]
    assert {len(tree) for tree in trees} == {2}


async def test_an_error_is_shared_and_not_remembered(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*arguments: Any) -> None:
        raise PyMongoError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(CategoryRepository, "newer_tree", fail)
        answers = await asyncio.gather(
            *(services.catalog.categories() for _ in range(8)), return_exceptions=True
        )
        assert all(isinstance(answer, PyMongoError) for answer in answers)
    assert len(await services.catalog.categories()) == 2


async def test_the_search_index_can_be_written_anew_while_products_change(
    services: Services, database: Database
) -> None:
    products = [a_product() for _ in range(60)]
    await upsert(services, *products)
    index = database.collection(PRODUCT_SEARCH)
    before = await index.find({}, sort=[("_id", 1)])
    await index.delete_many({})
    assert await searched(services, "ちょうちん") == []
    assert await reindex(database) == 60
    assert await index.find({}, sort=[("_id", 1)]) == before
    changed = [replace(product, brand="Hikari") for product in products]
    await asyncio.gather(reindex(database), *(upsert(services, product) for product in changed))
    assert {each["brand"] for each in await index.find({})} == {"Hikari"}
