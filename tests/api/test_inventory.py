"""Stock through GraphQL: reported by partners, seen by everybody."""

from typing import Any

from app.services import Services
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller
from tests.api.stock_reports import SKU, Reports
from tests.arrangements import add_catalog
from tests.conftest import COMMANDS

SET_SAFETY, STORE_STOCK = (TEXTS[name] for name in ("set_safety_stock", "store_stock"))


async def test_a_batch_answers_row_by_row(reports: Reports) -> None:
    rows = [
        reports.row("here", "COUNT", 5),
        reports.row("here", "SELL", 0),
        reports.row("here", "SELL", 1, storeId="garbage"),
        reports.row("nowhere", "SELL", 1),
        reports.row("near-by", "SELL", 2),
    ]
    answered = (await reports.send(*rows))["rows"]
    assert [each["row"] for each in answered] == [0, 1, 2, 3, 4]
    assert [each["isNew"] for each in answered] == [True, False, False, False, True]
    assert [[error["code"] for error in each["errors"]] for each in answered] == [
        [],
        ["STOCK_QUANTITY_INVALID"],
        ["INVALID_ID"],
        ["STORE_NOT_FOUND"],
        [],
    ]
    assert answered[1]["errors"][0]["path"] == ["quantity"]
    assert answered[4]["movement"]["isBelowZero"]
    again = (await reports.send(*rows))["rows"]
    assert [each["movement"] for each in again] == [each["movement"] for each in answered]
    assert not any(each["isNew"] for each in again)


async def test_a_batch_has_bounds(reports: Reports) -> None:
    for rows in ([], [reports.row("here", "SELL", 1)] * 501):
        slim = [{**row, "reference": "r"} for row in rows]
        answer = await reports.send(*slim)
        assert [error["code"] for error in answer["errors"]] == ["BATCH_SIZE_INVALID"]


async def test_500_rows_fit_into_a_request(reports: Reports) -> None:
    rows = [reports.row("here", "RECEIVE", 1, reference=f"a-plausible-reference-{n:05}") for n in range(500)]
    answered = (await reports.send(*rows))["rows"]
    assert len(answered) == 500
    assert all(each["isNew"] for each in answered)


async def test_a_list_of_stores_reads_its_stock_in_one_go(
    reports: Reports, anonymous: Caller, database: Database
) -> None:
    await add_catalog(database)
    skus = ["FG-503-NAV", "TP-101-WHI-S", "sku-0"]
    await reports.send(
        *(
            reports.row(store_id, "COUNT", 4, skuId=encode_id("Sku", sku))
            for sku in skus
            for store_id in ("here", "far")
        )
    )
    query = """
    query ($words: String, $first: Int! = 20, $after: String) { stores { nodes {
      id stock(query: $words, first: $first, after: $after) {
        nodes { skuId } pageInfo { hasNextPage endCursor }
      }
    } } }
    """

    async def stock(number_of_commands: int, **variables: Any) -> dict[str, Any]:
        COMMANDS.clear()
        stores = (await anonymous.send(query, variables))["stores"]["nodes"]
        assert len(COMMANDS) == number_of_commands
        return {store["id"]: store["stock"] for store in stores}

    def skus_of(page: dict[str, Any]) -> list[str]:
        return [key_of(each["skuId"], "Sku", []) for each in page["nodes"]]

    here, near_by, far = (encode_id("Store", each) for each in ("here", "near-by", "far"))
    first = await stock(3, first=2)
    assert skus_of(first[here]) == skus_of(first[far]) == skus[:2]
    assert skus_of(first[near_by]) == []
    rest = await stock(3, first=2, after=first[here]["pageInfo"]["endCursor"])
    assert skus_of(rest[here]) == skus[2:]
    assert not rest[here]["pageInfo"]["hasNextPage"]
    await anonymous.send('{ suggest(prefix: "x") { text } }')
    found = await stock(3, words="傘")
    assert skus_of(found[here]) == ["FG-503-NAV"]
    assert skus_of((await stock(3, words="  "))[here]) == skus


async def test_a_bad_page_of_stock_spoils_no_other(reports: Reports, anonymous: Caller) -> None:
    await reports.send(reports.row("here", "COUNT", 4))
    store = f'store(id: "{encode_id("Store", "here")}")'
    good, bad = "{ stock { nodes { skuId } } }", '{ stock(after: "x") { nodes { skuId } } }'
    answer = await anonymous.post(f"{{ good: {store} {good} bad: {store} {bad} }}")
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "CURSOR_INVALID"
    assert answer.json()["data"]["good"]["stock"]["nodes"] == [{"skuId": SKU}]


async def test_what_a_store_has(reports: Reports, anonymous: Caller) -> None:
    others = [encode_id("Sku", f"sku-{number}") for number in range(3)]
    await reports.send(*(reports.row("here", "COUNT", 4, skuId=sku) for sku in others))
    shown = (await anonymous.send(STORE_STOCK, {"id": encode_id("Store", "here"), "first": 2}))["store"][
        "stock"
    ]
    assert [each["skuId"] for each in shown["nodes"]] == others[:2]
    assert shown["nodes"][0]["level"] == "IN_STOCK"
    assert shown["pageInfo"]["hasNextPage"]


async def test_what_lies_behind_it_is_for_partners(
    reports: Reports, anonymous: Caller, member: Caller, till: Caller
) -> None:
    await reports.send(reports.row("here", "COUNT", 4))
    safety = {"input": {"skuId": SKU, "storeId": encode_id("Store", "here"), "safety": 1}}
    level = (await till.send(SET_SAFETY, safety))["setSafetyStock"]["level"]
    assert (level["onHand"], level["held"], level["safety"], level["available"]) == (4, 0, 1, 3)
    query = f'{{ store(id: "{encode_id("Store", "here")}") {{ stock {{ nodes {{ onHand }} }} }} }}'
    for caller, code in ((anonymous, "UNAUTHENTICATED"), (member, "FORBIDDEN")):
        (error,) = await caller.errors(query)
        assert error["extensions"]["code"] == code
    assert (await till.send(query))["store"]["stock"]["nodes"] == [{"onHand": 4}]


async def test_a_safety_stock_has_bounds(reports: Reports, till: Caller, services: Services) -> None:
    wish = {"skuId": SKU, "storeId": encode_id("Store", "here"), "safety": 100_001}
    answer = (await till.send(SET_SAFETY, {"input": wish}))["setSafetyStock"]
    assert [error["code"] for error in answer["errors"]] == ["STOCK_QUANTITY_INVALID"]
    wish = {"skuId": SKU, "storeId": encode_id("Store", "nowhere"), "safety": 1}
    answer = (await till.send(SET_SAFETY, {"input": wish}))["setSafetyStock"]
    assert [(error["code"], error["path"]) for error in answer["errors"]] == [
        ("STORE_NOT_FOUND", ["input", "storeId"])
    ]
