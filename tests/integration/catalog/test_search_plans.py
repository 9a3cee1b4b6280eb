"""What MongoDB reads for a search over 10,000 SKUs: the index alone, and then the products of the page."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pymongo import MongoClient

from app.catalog.category_tree import CategoryTree
from app.catalog.repository import PRODUCTS
from app.catalog.search_pipelines import facet_pipeline, page_pipeline
from app.catalog.search_query import (
    Leniency,
    ProductFilter,
    ProductRequest,
    ProductSort,
    SearchableCategories,
    Selection,
    read_query,
)
from app.catalog.search_repository import PRODUCT_SEARCH
from app.catalog.search_service import PRICE_BOUNDS
from app.collections import COLLECTIONS
from app.composition import build_services
from app.demo.catalog import demo_categories
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.shared.settings.model import Settings
from tests.arrangements import add_catalog
from tests.conftest import NOON_IN_TOKYO, MovableClock

CATEGORIES = SearchableCategories(CategoryTree(demo_categories()))
SKUS = 10_000
PAGE = 20
COMMON = (
    "タオル",
    "シャツ",
    "オーガニックコットン",
    "ノート a5",
    "ボールペン",
    "curry",
    "umbrella",
    "organic towel",
    "white mug",
)
MISSPELT = ("umbrela", "フライバン", "notbook")


@pytest.fixture
def driver() -> str:
    """The plans are MongoDB's: one driver shows them."""
    return "pymongo"


@pytest.fixture
async def big_shop(mongodb_uri: str, worker: str) -> AsyncIterator[Database]:
    """A database of its own, which is dropped as a whole."""
    name = f"test_{worker}_big_shop"
    database = Database.connect(mongodb_uri, name)
    try:
        await database.prepare(COLLECTIONS)
        products = await add_catalog(database, SKUS)
        assert sum(len(product.skus) for product in products) == SKUS
        yield database
    finally:
        await database.close()
        with MongoClient[dict[str, Any]](mongodb_uri) as client:
            client.drop_database(name)


def selection(query: str, leniency: Leniency = Leniency.STRICT, category: str | None = None) -> Selection:
    return Selection(
        read_query(query, CATEGORIES),
        ProductFilter(category_id=category),
        CATEGORIES.with_descendants([category]) if category else None,
        leniency,
        NOON_IN_TOKYO,
    )


def stages(plan: Any) -> Iterator[dict[str, Any]]:
    """Every part of an explanation that is a stage or tells what was examined."""
    if isinstance(plan, dict):
        yield plan
    for each in plan.values() if isinstance(plan, dict) else plan if isinstance(plan, list) else ():
        yield from stages(each)


async def test_a_search_reads_the_index_and_the_page(
    settings: Settings, clock: MovableClock, mongodb_uri: str, worker: str, big_shop: Database
) -> None:
    services = build_services(settings, big_shop, clock)
    selections = [
        *(selection(query) for query in COMMON),
        *(selection(query, Leniency.FORGIVING) for query in MISSPELT),
        *(selection(query, Leniency.ANY) for query in MISSPELT),
        selection(""),
        selection("", category="clothing"),
        selection("タオル", category="bath"),
    ]
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        raw = client[f"test_{worker}_big_shop"]
        for each in selections:
            for pipeline in (
                page_pipeline(each, ProductSort.RELEVANCE, None, PAGE + 1),
                facet_pipeline(each, PRICE_BOUNDS),
            ):
                command = {"aggregate": PRODUCT_SEARCH.name, "pipeline": pipeline, "cursor": {}}
                returned = len(list(raw[PRODUCT_SEARCH.name].aggregate(pipeline)))
                explained = raw.command("explain", command, verbosity="executionStats")
                parts = list(stages(explained))
                names = {part["stage"] for part in parts if "stage" in part}
                assert "IXSCAN" in names
                assert not names & {"COLLSCAN", "FETCH", "SORT"}, each.query
                examined = sum(part["totalDocsExamined"] for part in parts if "totalDocsExamined" in part)
                lookups = [part for part in parts if "indexesUsed" in part]
                assert all(int(part["collectionScans"]) == 0 for part in lookups)
                assert {index for part in lookups for index in part["indexesUsed"]} <= {"_id_"}
                # A page reads its own products; what is counted, and how products are ordered, reads none.
                assert examined <= (returned if pipeline[-1].get("$lookup") else 0)
        for query in COMMON:
            found = await services.product_search.search(ProductRequest(query), PageRequest(PAGE))
            assert len(found.page.items) == PAGE


@pytest.mark.parametrize(
    "query",
    [
        {"skus.id": {"$in": ["FG-503-NAV", "TP-101-WHI-S"]}},
        {"skus.jan": "2000000000015"},
        {"$or": [{"_id": {"$in": ["FG-503"]}}, {"skus.id": {"$in": ["x"]}}, {"skus.jan": {"$in": ["y"]}}]},
    ],
)
async def test_products_are_read_by_an_index(
    database: Database, mongodb_uri: str, worker: str, query: dict[str, Any]
) -> None:
    await add_catalog(database)
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        explained = client[f"test_{worker}_pymongo"].command(
            "explain", {"find": PRODUCTS.name, "filter": query}, verbosity="executionStats"
        )
    assert not any(part.get("stage") == "COLLSCAN" for part in stages(explained))
    assert explained["executionStats"]["totalDocsExamined"] <= 3 * explained["executionStats"]["nReturned"]
