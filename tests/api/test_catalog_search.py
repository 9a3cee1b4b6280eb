"""Looking for products through GraphQL: by words, filters and stores; counted, corrected and suggested."""

from typing import Any

import pytest

from app.shared.clock import rfc3339
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.api.callers import Caller
from tests.arrangements import add_stores
from tests.conftest import COMMANDS, MovableClock
from tests.examples import UMEDA, a_store


async def test_products_are_searched_filtered_and_counted(anonymous: Caller, catalog: None) -> None:
    towels = encode_id("Category", "towels")
    wish = {
        "query": "オーガニック",
        "filter": {"categoryId": towels, "brands": ["Tsumugi"], "tags": ["ギフト"]},
    }
    found = (await anonymous.send(TEXTS["search_products"], wish, Accept_Language="en"))["products"]
    assert [each["name"] for each in found["nodes"]] == ["Organic Cotton Bath Towel"]
    assert (found["isCorrected"], found["alternatives"]) == (False, [])
    wish = {"filter": {"priceRange": {"minimum": 10_000}}}
    facets = (await anonymous.send(TEXTS["product_facets"], wish, Accept_Language="en"))["products"]["facets"]
    assert facets["count"] == 2
    assert facets["brands"] == [{"brand": "Koharu", "count": 1}, {"brand": "Tsumugi", "count": 1}]
    assert [(each["category"]["name"], each["count"]) for each in facets["categories"]] == [
        ("Clothing", 1),
        ("Tops", 1),
        ("Household goods", 1),
        ("Bedding", 1),
    ]
    assert facets["prices"] == [{"minimum": 10_000, "maximum": None, "count": 2}]
    everything = (await anonymous.send(TEXTS["product_facets"]))["products"]["facets"]
    assert everything["prices"][0] == {"minimum": 0, "maximum": 999, "count": 40}
    assert everything["count"] == 75


async def test_products_that_a_store_has(
    anonymous: Caller, till: Caller, database: Database, catalog: None, clock: MovableClock
) -> None:
    store = a_store()
    await add_stores(database, store)
    store_id, sku_id = encode_id("Store", store.id), encode_id("Sku", "FG-503-NAV")
    count = {"kind": "COUNT", "quantity": 2, "reference": "r", "occurredAt": rfc3339(clock.now())}
    movements = [{**count, "skuId": sku_id, "storeId": store_id}]
    await till.send(TEXTS["record_stock_movements"], {"input": {"movements": movements}})
    point = {"latitude": UMEDA.latitude, "longitude": UMEDA.longitude}
    await anonymous.send(TEXTS["search_products"])
    near = {"point": point, "radiusMeters": 5_000}
    for wish in ({"inStockAt": store_id}, {"inStockNear": near}):
        COMMANDS.clear()
        found = (await anonymous.send(TEXTS["search_products"], {"filter": wish}))["products"]
        assert [each["id"] for each in found["nodes"]] == [encode_id("Product", "FG-503")]
        assert len(COMMANDS) == 1
        counted = await anonymous.send(TEXTS["product_facets"], {"filter": wish})
        assert counted["products"]["facets"]["count"] == 1


async def test_a_misspelt_word_is_corrected_and_nothing_is_no_dead_end(
    anonymous: Caller, catalog: None
) -> None:
    query = TEXTS["search_products"]
    near = (await anonymous.send(query, {"query": "choclate"}))["products"]
    assert near["isCorrected"]
    assert [each["id"] for each in near["nodes"]] == [encode_id("Product", "SW-202")]
    nothing = (await anonymous.send(query, {"query": "テレビゲーム"}))["products"]
    assert (nothing["nodes"], nothing["isCorrected"]) == ([], False)
    assert nothing["alternatives"]


async def test_pages(anonymous: Caller, catalog: None) -> None:
    query = TEXTS["search_products"]
    after, ids = None, []
    while True:
        page = (await anonymous.send(query, {"first": 30, "after": after, "sort": "NEWEST"}))["products"]
        ids += [each["id"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(ids) == len(set(ids)) == 75


@pytest.mark.parametrize(
    ("variables", "code", "field"),
    [
        ({"query": "x" * 101}, "SEARCH_TOO_LONG", ["query"]),
        ({"first": 0}, "PAGE_SIZE_INVALID", ["first"]),
        ({"after": "garbage"}, "CURSOR_INVALID", ["after"]),
        ({"filter": {"categoryId": "garbage"}}, "INVALID_ID", ["filter", "categoryId"]),
        (
            {"filter": {"categoryId": encode_id("Category", "none")}},
            "CATEGORY_NOT_FOUND",
            ["filter", "categoryId"],
        ),
        (
            {"filter": {"inStockAt": encode_id("Store", "none")}},
            "STORE_NOT_FOUND",
            ["filter", "inStockAt"],
        ),
        (
            {"filter": {"inStockNear": {"point": {"latitude": 91, "longitude": 0}}}},
            "PLACE_INVALID",
            ["filter", "inStockNear", "point"],
        ),
        ({"filter": {"brands": ["x"] * 21}}, "TOO_MANY_ITEMS", ["filter", "brands"]),
        ({"filter": {"priceRange": {"minimum": -1}}}, "PRICE_RANGE_INVALID", ["filter", "priceRange"]),
    ],
)
async def test_bad_questions_have_a_code(
    anonymous: Caller, variables: dict[str, Any], code: str, field: list[str]
) -> None:
    (error,) = await anonymous.errors(TEXTS["search_products"], variables)
    assert error["extensions"] == {"code": code, "input": field}


async def test_suggestions_say_what_they_are(anonymous: Caller, catalog: None) -> None:
    found = (await anonymous.send(TEXTS["suggest"], {"prefix": "たお"}))["suggest"]
    assert found[0] == {
        "kind": "CATEGORY",
        "text": "タオル",
        "category": {"id": encode_id("Category", "towels")},
        "product": None,
    }
    assert {each["kind"] for each in found[1:]} == {"PRODUCT"}
    found = (await anonymous.send(TEXTS["suggest"], {"prefix": "はりね"}))["suggest"]
    assert found[0] == {"kind": "BRAND", "text": "Harinezumi", "category": None, "product": None}


async def test_a_facet_costs_the_same_however_large_the_page_is(anonymous: Caller, catalog: None) -> None:
    async def cost(first: int, inside: str) -> int:
        answer = (await anonymous.post(f"{{ products(first: {first}) {{ {inside} }} }}")).json()
        requested: int = answer["extensions"]["cost"]["requested"]
        return requested

    facets = "facets { tags { tag count } }"
    assert await cost(1, facets) == await cost(100, facets)
    assert await cost(100, "nodes { id }") == 100 + 100 * 2
    assert (
        await cost(100, f"nodes {{ id }} {facets}")
        == await cost(100, "nodes { id }") + await cost(1, facets) - 100
    )
