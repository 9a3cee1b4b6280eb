"""The catalogue through GraphQL: for everybody to search, for partners to bring up to date."""

from pathlib import Path
from typing import Any

import pytest

from app.shared.clock import rfc3339
from app.shared.database import Database
from graphql_schema.node import encode_id
from tests.api.conftest import Caller
from tests.arrangements import add_catalog, add_stores
from tests.catalog_examples import a_category_input, a_product_input
from tests.conftest import COMMANDS, MovableClock
from tests.examples import UMEDA, a_store

OPERATIONS = Path(__file__).parents[2] / "graphql_schema" / "operations"


def operation(name: str) -> str:
    return (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")


@pytest.fixture
async def shop(database: Database) -> None:
    await add_catalog(database)


async def upsert(merchandiser: Caller, *products: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
    wish = {"input": {"products": list(products)}}
    answer = await merchandiser.send(operation("upsert_products"), wish, **headers)
    rows: list[dict[str, Any]] = answer["upsertProducts"]["rows"]
    assert [row["row"] for row in rows] == list(range(len(products)))
    return rows


async def test_a_product_shows_all_of_itself(anonymous: Caller, merchandiser: Caller, shop: None) -> None:
    wish = a_product_input(code="LANTERN", taxRate="REDUCED", publishedFrom="2026-11-01T00:00:00.123456Z")
    (row,) = await upsert(merchandiser, wish)
    assert row["outcome"] == "CREATED"
    query = """
    query ($id: ID!) { product(id: $id) {
      id code name ja: name(locale: "ja") kana brand description tags images taxRate taxPercent publishedFrom
      publishedUntil attributes { name value } category { code name path { code } children { code } }
      price { lowest { amount currency } highest { amount } }
      skus { id code jan colour size price { amount currency } product { code } }
    } }
    """
    shown = (await anonymous.send(query, {"id": row["product"]["id"]}, Accept_Language="en"))["product"]
    assert shown == {
        "id": encode_id("Product", "LANTERN"),
        "code": "LANTERN",
        "name": "Paper Lantern",
        "ja": "和紙 ちょうちん",
        "kana": "わし ちょうちん",
        "brand": "Akari",
        "description": "A soft light.",
        "tags": ["gift"],
        "images": ["https://images.example/lantern.jpg"],
        "taxRate": "REDUCED",
        "taxPercent": 8,
        "publishedFrom": "2026-11-01T00:00:00.123Z",
        "publishedUntil": None,
        "attributes": [{"name": "材質", "value": "和紙"}],
        "category": {
            "code": "household",
            "name": "Household goods",
            "path": [{"code": "household"}],
            "children": [{"code": code} for code in ("storage", "cleaning", "bedding", "fragrance")],
        },
        "price": {"lowest": {"amount": 1200, "currency": "JPY"}, "highest": {"amount": 1200}},
        "skus": [
            {
                "id": encode_id("Sku", "LANTERN-S"),
                "code": "LANTERN-S",
                "jan": wish["skus"][0]["jan"],
                "colour": "White",
                "size": "S",
                "price": {"amount": 1200, "currency": "JPY"},
                "product": {"code": "LANTERN"},
            }
        ],
    }
    assert (await upsert(merchandiser, wish))[0]["outcome"] == "UNCHANGED"


async def test_a_product_is_named_in_exactly_one_way(anonymous: Caller, shop: None) -> None:
    query = operation("product")
    for name in (
        {"id": encode_id("Product", "TP-101")},
        {"jan": "2000000000015"},
        {"sku": "TP-101-WHI-S"},
    ):
        assert (await anonymous.send(query, name))["product"]["id"] == encode_id("Product", "TP-101")
    for name in ({"jan": "4901234567894"}, {"sku": "none"}, {"id": encode_id("Product", "none")}):
        assert await anonymous.send(query, name) == {"product": None}
    for names in ({}, {"jan": "2000000000015", "sku": "TP-101-WHI-S"}, {"jan": None}):
        (error,) = await anonymous.errors(query, names)
        assert error["extensions"]["code"] == "EXACTLY_ONE_NEEDED"
    (error,) = await anonymous.errors(query, {"id": encode_id("Store", "x")})
    assert error["extensions"]["code"] == "INVALID_ID"


async def test_products_are_searched_filtered_and_counted(anonymous: Caller, shop: None) -> None:
    towels = encode_id("Category", "towels")
    wish = {
        "query": "オーガニック",
        "filter": {"categoryId": towels, "brands": ["Tsumugi"], "tags": ["ギフト"]},
    }
    found = (await anonymous.send(operation("search_products"), wish, Accept_Language="en"))["products"]
    assert [each["name"] for each in found["nodes"]] == ["Organic Cotton Bath Towel"]
    assert (found["isCorrected"], found["alternatives"]) == (False, [])
    wish = {"filter": {"priceRange": {"minimum": 10_000}}}
    facets = (await anonymous.send(operation("product_facets"), wish, Accept_Language="en"))["products"][
        "facets"
    ]
    assert facets["count"] == 2
    assert facets["brands"] == [{"brand": "Koharu", "count": 1}, {"brand": "Tsumugi", "count": 1}]
    assert [(each["category"]["name"], each["count"]) for each in facets["categories"]] == [
        ("Clothing", 1),
        ("Tops", 1),
        ("Household goods", 1),
        ("Bedding", 1),
    ]
    assert facets["prices"] == [{"minimum": 10_000, "maximum": None, "count": 2}]
    everything = (await anonymous.send(operation("product_facets")))["products"]["facets"]
    assert everything["prices"][0] == {"minimum": 0, "maximum": 999, "count": 40}
    assert everything["count"] == 75


async def test_products_that_a_store_has(
    anonymous: Caller, till: Caller, database: Database, shop: None, clock: MovableClock
) -> None:
    store = a_store()
    await add_stores(database, store)
    store_id, sku_id = encode_id("Store", store.id), encode_id("Sku", "FG-503-NAV")
    count = {"kind": "COUNT", "quantity": 2, "reference": "r", "occurredAt": rfc3339(clock.now())}
    movements = [{**count, "skuId": sku_id, "storeId": store_id}]
    await till.send(operation("record_stock_movements"), {"input": {"movements": movements}})
    point = {"latitude": UMEDA.latitude, "longitude": UMEDA.longitude}
    await anonymous.send(operation("search_products"))
    near = {"point": point, "radiusMeters": 5_000}
    for wish in ({"inStockAt": store_id}, {"inStockNear": near}):
        COMMANDS.clear()
        found = (await anonymous.send(operation("search_products"), {"filter": wish}))["products"]
        assert [each["id"] for each in found["nodes"]] == [encode_id("Product", "FG-503")]
        assert len(COMMANDS) == 1
        counted = await anonymous.send(operation("product_facets"), {"filter": wish})
        assert counted["products"]["facets"]["count"] == 1


async def test_a_misspelt_word_is_corrected_and_nothing_is_no_dead_end(anonymous: Caller, shop: None) -> None:
    query = operation("search_products")
    near = (await anonymous.send(query, {"query": "choclate"}))["products"]
    assert near["isCorrected"]
    assert [each["id"] for each in near["nodes"]] == [encode_id("Product", "SW-202")]
    nothing = (await anonymous.send(query, {"query": "テレビゲーム"}))["products"]
    assert (nothing["nodes"], nothing["isCorrected"]) == ([], False)
    assert nothing["alternatives"]


async def test_pages(anonymous: Caller, shop: None) -> None:
    query = operation("search_products")
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
    (error,) = await anonymous.errors(operation("search_products"), variables)
    assert error["extensions"] == {"code": code, "input": field}


async def test_suggestions_say_what_they_are(anonymous: Caller, shop: None) -> None:
    found = (await anonymous.send(operation("suggest"), {"prefix": "たお"}))["suggest"]
    assert found[0] == {
        "kind": "CATEGORY",
        "text": "タオル",
        "category": {"id": encode_id("Category", "towels")},
        "product": None,
    }
    assert {each["kind"] for each in found[1:]} == {"PRODUCT"}
    found = (await anonymous.send(operation("suggest"), {"prefix": "はりね"}))["suggest"]
    assert found[0] == {"kind": "BRAND", "text": "Harinezumi", "category": None, "product": None}


async def test_the_tree_of_categories(anonymous: Caller, shop: None) -> None:
    roots = (await anonymous.send(operation("categories"), Accept_Language="en"))["categories"]
    assert [each["name"] for each in roots][:3] == ["Clothing", "Stationery", "Kitchen"]
    assert [each["name"] for each in roots[1]["children"]] == [
        "Notebooks and diaries",
        "Pens and pencils",
        "Desk goods",
    ]


async def test_what_is_published_is_a_node(anonymous: Caller, merchandiser: Caller, shop: None) -> None:
    query = """query ($id: ID!) { node(id: $id) {
      ... on Product { name } ... on Sku { jan product { code } } ... on Category { code }
    } }"""
    for type_name, key in (("Product", "TP-101"), ("Sku", "TP-101-WHI-S"), ("Category", "tops")):
        assert (await anonymous.send(query, {"id": encode_id(type_name, key)}))["node"]
        assert (await anonymous.send(query, {"id": encode_id(type_name, "none")}))["node"] is None
    hidden = a_product_input(code="HIDDEN", publishedUntil="2026-01-01T00:00:00Z")
    await upsert(merchandiser, hidden)
    for type_name, key in (("Product", "HIDDEN"), ("Sku", "HIDDEN-S")):
        for caller in (anonymous, merchandiser):
            assert (await caller.send(query, {"id": encode_id(type_name, key)}))["node"] is None


async def test_many_skus_are_read_together(anonymous: Caller, shop: None) -> None:
    keys = ["TP-101-WHI-S", "TP-101-BLA-M", "FG-503-NAV", "SW-203", "NB-101"]
    fields = " ".join(
        f'n{number}: node(id: "{encode_id("Sku", key)}") {{ ... on Sku {{ code }} }}'
        for number, key in enumerate(keys)
    )
    COMMANDS.clear()
    found = await anonymous.send(f"{{ {fields} }}")
    assert [each["code"] for each in found.values()] == keys
    assert COMMANDS == ["find"]


async def test_bad_rows_are_refused_in_the_callers_language(merchandiser: Caller, shop: None) -> None:
    good, bad = a_product_input(), a_product_input(categoryCode="nowhere", kana="漢字")
    taken = a_product_input()
    taken["skus"][0]["jan"] = good["skus"][0]["jan"]
    rows = await upsert(merchandiser, good, bad, taken, Accept_Language="en")
    assert [row["outcome"] for row in rows] == ["CREATED", "REFUSED", "REFUSED"]
    assert rows[1]["product"] is None
    assert rows[1]["errors"] == [
        {
            "code": "KANA_INVALID",
            "message": "A reading has at most 100 characters of kana, digits and Latin letters.",
            "path": ["input", "products", "1", "kana"],
        }
    ]
    assert rows[2]["errors"] == [
        {
            "code": "JAN_TAKEN",
            "message": f"The product {good['code']} has a SKU with this JAN.",
            "path": ["input", "products", "2", "skus", "0", "jan"],
        }
    ]


async def test_500_products_go_in_at_once_and_501_do_not(merchandiser: Caller, shop: None) -> None:
    long = {"ja": "灯" * 1_000, "en": "Soft light. " * 80}
    products = [a_product_input(description=long) for _ in range(500)]
    rows = await upsert(merchandiser, *products)
    assert {row["outcome"] for row in rows} == {"CREATED"}
    assert {row["outcome"] for row in await upsert(merchandiser, *products)} == {"UNCHANGED"}
    for size in (0, 501):
        wish = {"input": {"products": [a_product_input() for _ in range(size)]}}
        answer = (await merchandiser.send(operation("upsert_products"), wish))["upsertProducts"]
        assert [error["code"] for error in answer["errors"]] == ["BATCH_SIZE_INVALID"]


async def test_headquarters_look_after_the_catalogue_and_stores_do_not(
    headquarters: Caller, manager: Caller, till: Caller, shop: None
) -> None:
    (row,) = await upsert(headquarters, a_product_input())
    assert row["outcome"] == "CREATED"
    for caller in (manager, till):
        wish = {"input": {"products": [a_product_input()]}}
        (error,) = await caller.errors(operation("upsert_products"), wish)
        assert error["extensions"]["code"] == "FORBIDDEN"


async def test_categories_are_upserted_too(merchandiser: Caller, anonymous: Caller, shop: None) -> None:
    wish = {"input": {"categories": [a_category_input(), a_category_input(code="BAD"), a_category_input()]}}
    answer = await merchandiser.send(operation("upsert_categories"), wish)
    rows = answer["upsertCategories"]["rows"]
    assert [row["outcome"] for row in rows] == ["CREATED", "REFUSED", "REFUSED"]
    assert [row["errors"][0]["code"] for row in rows[1:]] == ["CATEGORY_CODE_INVALID", "ROW_REPEATED"]
    (product,) = await upsert(merchandiser, a_product_input(categoryCode="lighting"))
    found = (await anonymous.send(operation("search_products"), {"query": "しょうめい"}))["products"]["nodes"]
    assert [each["id"] for each in found] == [product["product"]["id"]]


async def test_a_facet_costs_the_same_however_large_the_page_is(anonymous: Caller, shop: None) -> None:
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
