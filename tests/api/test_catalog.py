"""The catalogue through GraphQL: for everybody to search, for partners to bring up to date."""

from typing import Any

from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.api.callers import Caller
from tests.catalog_examples import a_category_input, a_product_input
from tests.conftest import COMMANDS


async def upsert(merchandiser: Caller, *products: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
    wish = {"input": {"products": list(products)}}
    answer = await merchandiser.send(TEXTS["upsert_products"], wish, **headers)
    rows: list[dict[str, Any]] = answer["upsertProducts"]["rows"]
    assert [row["row"] for row in rows] == list(range(len(products)))
    return rows


async def test_lists_read_what_is_said_of_products_where_it_is_wanted_alone(
    anonymous: Caller, merchandiser: Caller, catalog: None
) -> None:
    attributes = [{"name": "素材", "value": "和紙"}]
    wishes = [a_product_input(code=f"LANTERN-{number}", attributes=attributes) for number in range(3)]
    await upsert(merchandiser, *wishes)
    listed = '{ products(query: "ちょうちん", first: 10) { nodes { code name } } }'
    described = """{ products(query: "ちょうちん", first: 10) {
        nodes { code name description(locale: "en") attributes { value } }
    } }"""
    names = (await anonymous.send(listed))["products"]["nodes"]
    COMMANDS.clear()
    told = (await anonymous.send(described))["products"]["nodes"]
    assert COMMANDS == ["aggregate", "find"], "once for all of them, and for both fields"
    assert [each["code"] for each in told] == [each["code"] for each in names]
    lanterns = [each for each in told if each["code"].startswith("LANTERN-")]
    assert len(lanterns) == 3
    assert {each["description"] for each in lanterns} == {"A soft light."}
    assert all(each["attributes"] == [{"value": "和紙"}] for each in lanterns)


async def test_a_product_shows_all_of_itself(anonymous: Caller, merchandiser: Caller, catalog: None) -> None:
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


async def test_a_product_is_named_in_exactly_one_way(anonymous: Caller, catalog: None) -> None:
    query = TEXTS["product"]
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


async def test_the_tree_of_categories(anonymous: Caller, catalog: None) -> None:
    roots = (await anonymous.send(TEXTS["categories"], Accept_Language="en"))["categories"]
    assert [each["name"] for each in roots][:3] == ["Clothing", "Stationery", "Kitchen"]
    assert [each["name"] for each in roots[1]["children"]] == [
        "Notebooks and diaries",
        "Pens and pencils",
        "Desk goods",
    ]


async def test_what_is_published_is_a_node(anonymous: Caller, merchandiser: Caller, catalog: None) -> None:
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


async def test_many_skus_are_read_together(anonymous: Caller, catalog: None) -> None:
    keys = ["TP-101-WHI-S", "TP-101-BLA-M", "FG-503-NAV", "SW-203", "NB-101"]
    fields = " ".join(
        f'n{number}: node(id: "{encode_id("Sku", key)}") {{ ... on Sku {{ code }} }}'
        for number, key in enumerate(keys)
    )
    COMMANDS.clear()
    found = await anonymous.send(f"{{ {fields} }}")
    assert [each["code"] for each in found.values()] == keys
    assert COMMANDS == ["find"]


async def test_bad_rows_are_refused_in_the_callers_language(merchandiser: Caller, catalog: None) -> None:
    good, bad = a_product_input(), a_product_input(categoryCode="nowhere", kana="漢字")
    taken = a_product_input()
    taken["skus"][0]["jan"] = good["skus"][0]["jan"]
    rows = await upsert(merchandiser, good, bad, taken, Accept_Language="en")
    assert [row["outcome"] for row in rows] == ["CREATED", "REFUSED", "REFUSED"]
    assert rows[1]["product"] is None
    assert rows[1]["errors"] == [
        {
            "code": "KANA_INVALID",
            "message": "Write a reading of at most 100 characters of kana, digits and Latin letters.",
            "path": ["input", "products", "1", "kana"],
        }
    ]
    assert rows[2]["errors"] == [
        {
            "code": "JAN_TAKEN",
            "message": (
                f"The product {good['code']} has a SKU with this JAN. "
                "Take it out there first, or check the JAN."
            ),
            "path": ["input", "products", "2", "skus", "0", "jan"],
        }
    ]


async def test_500_products_go_in_at_once_and_501_do_not(merchandiser: Caller, catalog: None) -> None:
    long = {"ja": "灯" * 1_000, "en": "Soft light. " * 80}
    products = [a_product_input(description=long) for _ in range(500)]
    rows = await upsert(merchandiser, *products)
    assert {row["outcome"] for row in rows} == {"CREATED"}
    assert {row["outcome"] for row in await upsert(merchandiser, *products)} == {"UNCHANGED"}
    for size in (0, 501):
        wish = {"input": {"products": [a_product_input() for _ in range(size)]}}
        answer = (await merchandiser.send(TEXTS["upsert_products"], wish))["upsertProducts"]
        assert [error["code"] for error in answer["errors"]] == ["BATCH_SIZE_INVALID"]


async def test_headquarters_look_after_the_catalogue_and_stores_do_not(
    headquarters: Caller, manager: Caller, till: Caller, catalog: None
) -> None:
    (row,) = await upsert(headquarters, a_product_input())
    assert row["outcome"] == "CREATED"
    for caller in (manager, till):
        wish = {"input": {"products": [a_product_input()]}}
        (error,) = await caller.errors(TEXTS["upsert_products"], wish)
        assert error["extensions"]["code"] == "FORBIDDEN"


async def test_categories_are_upserted_too(merchandiser: Caller, anonymous: Caller, catalog: None) -> None:
    wish = {"input": {"categories": [a_category_input(), a_category_input(code="BAD"), a_category_input()]}}
    answer = await merchandiser.send(TEXTS["upsert_categories"], wish)
    rows = answer["upsertCategories"]["rows"]
    assert [row["outcome"] for row in rows] == ["CREATED", "REFUSED", "REFUSED"]
    assert [row["errors"][0]["code"] for row in rows[1:]] == ["CATEGORY_CODE_INVALID", "ROW_REPEATED"]
    (product,) = await upsert(merchandiser, a_product_input(categoryCode="lighting"))
    found = (await anonymous.send(TEXTS["search_products"], {"query": "しょうめい"}))["products"]["nodes"]
    assert [each["id"] for each in found] == [product["product"]["id"]]
