"""Stock through GraphQL: reported by partners, seen by everybody."""

from pathlib import Path
from typing import Any

import pytest

from app.services import Services
from app.shared.clock import rfc3339
from app.shared.database import Database
from app.shared.geo import GeoPoint
from graphql_schema.node import encode_id, key_of
from tests.api.conftest import Caller
from tests.arrangements import add_catalog, add_skus, add_stores
from tests.conftest import COMMANDS, MovableClock
from tests.examples import UMEDA, a_store, daily, minutes, north_of

OPERATIONS = Path(__file__).parents[2] / "graphql_schema" / "operations"
AVAILABILITY, RECORD, SET_SAFETY, STORE_STOCK = (
    (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")
    for name in ("availability", "record_stock_movements", "set_safety_stock", "store_stock")
)
SKU = encode_id("Sku", "umbrella")
HERE = a_store(id="here", hours=daily(600, 1260))
NEAR_BY = a_store(id="near-by", location=north_of(UMEDA, 900), hours=daily(600, 1260))
FAR = a_store(id="far", location=GeoPoint(43.06, 141.35))


class Reports:
    """What a till reports."""

    def __init__(self, till: Caller, clock: MovableClock) -> None:
        self._till = till
        self._clock = clock

    def row(self, store_id: str, kind: str, quantity: int, **changes: Any) -> dict[str, Any]:
        return {
            "skuId": SKU,
            "storeId": encode_id("Store", store_id),
            "kind": kind,
            "quantity": quantity,
            "reference": f"{store_id}-{kind}-{quantity}",
            "occurredAt": rfc3339(self._clock.now()),
            **changes,
        }

    async def send(self, *rows: dict[str, Any]) -> Any:
        answer = await self._till.send(RECORD, {"input": {"movements": list(rows)}}, Accept_Language="en")
        return answer["recordStockMovements"]


@pytest.fixture
async def reports(till: Caller, clock: MovableClock, database: Database) -> Reports:
    await add_stores(database, HERE, NEAR_BY, FAR)
    await add_skus(database, "umbrella", "sku-0", "sku-1", "sku-2")
    return Reports(till, clock)


def around(place: GeoPoint = UMEDA, **more: Any) -> dict[str, Any]:
    return {"skuId": SKU, "near": {"latitude": place.latitude, "longitude": place.longitude}, **more}


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


async def test_where_it_can_be_had(reports: Reports, anonymous: Caller, clock: MovableClock) -> None:
    await reports.send(reports.row("near-by", "COUNT", 2), reports.row("far", "COUNT", 50))
    nodes = (await anonymous.send(AVAILABILITY, around(), Accept_Language="en"))["availability"]["nodes"]
    now = rfc3339(clock.now())
    assert [each["store"]["name"] for each in nodes] == ["Koharu Umeda"] * 2
    assert [each["distanceMeters"] for each in nodes] == [0, 900]
    here, near_by = nodes
    assert (here["available"], here["level"]) == (0, "OUT")
    assert (near_by["available"], near_by["level"]) == (2, "FEW_LEFT")
    assert here["obtainable"]["byTransferFrom"]["id"] == encode_id("Store", "near-by")
    # It leaves now, at noon, and is there after 24 hours, at noon.
    assert here["obtainable"]["readyBy"] == here["pickupFrom"] == rfc3339(clock.now() + minutes(1440))
    assert (near_by["obtainable"], near_by["pickupFrom"], near_by["asOf"]) == (None, now, now)


async def test_what_cannot_be_had_near_by_is_no_dead_end(
    reports: Reports, anonymous: Caller, database: Database
) -> None:
    """The other stores that have it, the product's other SKUs that the stores around have, other products."""
    await reports.send(
        reports.row("far", "COUNT", 5),
        reports.row("near-by", "COUNT", 5, skuId=encode_id("Sku", "sku-1")),
        reports.row("here", "COUNT", 2, skuId=encode_id("Sku", "sku-2")),
        reports.row("near-by", "COUNT", 5, skuId=encode_id("Sku", "sku-2")),
        reports.row("far", "COUNT", 5, skuId=encode_id("Sku", "sku-0")),
    )
    COMMANDS.clear()
    shown = (await anonymous.send(AVAILABILITY, around()))["availability"]
    assert len(COMMANDS) == 6  # the categories among them
    assert [each["available"] for each in shown["nodes"]] == [0, 0]
    assert [each["store"]["id"] for each in shown["elsewhere"]] == [encode_id("Store", "far")]
    assert shown["elsewhere"][0]["distanceMeters"] > 900_000
    others = [
        (each["sku"]["id"], each["atStore"]["store"]["id"], each["atStore"]["available"])
        for each in shown["otherSkus"]
    ]
    assert others == [
        (encode_id("Sku", "sku-1"), encode_id("Store", "near-by"), 5),
        (encode_id("Sku", "sku-2"), encode_id("Store", "here"), 2),
    ]
    await reports.send(reports.row("here", "COUNT", 1))
    found = (await anonymous.send(AVAILABILITY, around()))["availability"]
    assert (found["elsewhere"], found["otherSkus"], found["alternatives"]) == ([], [], [])


async def test_what_nobody_has_is_no_dead_end(
    reports: Reports, anonymous: Caller, database: Database
) -> None:
    await add_catalog(database)
    wish = around(skuId=encode_id("Sku", "FG-501-NAV"))
    shown = (await anonymous.send(AVAILABILITY, wish))["availability"]
    assert (shown["elsewhere"], shown["otherSkus"]) == ([], [])
    assert encode_id("Product", "FG-502") in {each["id"] for each in shown["alternatives"]}


async def test_a_sku_that_is_none(reports: Reports, anonymous: Caller) -> None:
    for place in (UMEDA, GeoPoint(0, 0)):
        (error,) = await anonymous.errors(AVAILABILITY, around(place, skuId=encode_id("Sku", "no-such-sku")))
        assert error["extensions"] == {"code": "SKU_NOT_FOUND", "input": ["skuId"]}
    assert (await anonymous.send(AVAILABILITY, around(GeoPoint(0, 0))))["availability"]["nodes"] == []


async def test_what_a_product_is_at_a_store(reports: Reports, anonymous: Caller, database: Database) -> None:
    """All SKUs of a whole list are read together."""
    await add_catalog(database)
    await reports.send(
        reports.row("here", "COUNT", 2, skuId=encode_id("Sku", "FG-503-NAV")),
        reports.row("near-by", "COUNT", 9, skuId=encode_id("Sku", "umbrella")),
    )
    fields = "{ skuId available level distanceMeters obtainable { readyBy } }"
    at = f'availabilityAt(storeId: "{encode_id("Store", "here")}") {fields}'
    query = f"{{ products(first: 20) {{ nodes {{ id {at} skus {{ id {at} }} }} }} }}"
    await anonymous.send(query)
    COMMANDS.clear()
    products = (await anonymous.send(query))["products"]["nodes"]
    assert len(products) == 20
    assert len(COMMANDS) == 2
    for product in products:
        assert [each["availabilityAt"] for each in product["skus"]] == product["availabilityAt"]
        assert [each["id"] for each in product["skus"]] == [
            each["skuId"] for each in product["availabilityAt"]
        ]
    named = f'{{ product(sku: "FG-503-NAV") {{ {at} }} }}'
    shown = (await anonymous.send(named))["product"]["availabilityAt"]
    pieces = {each["skuId"]: (each["available"], each["level"]) for each in shown}
    assert pieces.pop(encode_id("Sku", "FG-503-NAV")) == (2, "FEW_LEFT")
    assert set(pieces.values()) == {(0, "OUT")}
    assert {each["distanceMeters"] for each in shown} == {None}
    by_transfer = (await anonymous.send(f'{{ product(sku: "umbrella") {{ skus {{ {at} }} }} }}'))["product"][
        "skus"
    ]
    assert by_transfer[0]["availabilityAt"]["obtainable"] is not None


@pytest.mark.parametrize(
    ("store_id", "code"), [("garbage", "INVALID_ID"), (encode_id("Store", "nowhere"), "STORE_NOT_FOUND")]
)
async def test_availability_at_a_store_that_is_none(
    reports: Reports, anonymous: Caller, store_id: str, code: str
) -> None:
    query = f'{{ product(sku: "umbrella") {{ availabilityAt(storeId: "{store_id}") {{ available }} }} }}'
    (error,) = await anonymous.errors(query)
    assert error["extensions"] == {"code": code, "input": ["storeId"]}


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


async def test_pages_of_availability(reports: Reports, anonymous: Caller) -> None:
    await reports.send(reports.row("near-by", "COUNT", 9))
    first = (await anonymous.send(AVAILABILITY, around(first=1)))["availability"]
    assert first["pageInfo"]["hasNextPage"]
    second = (await anonymous.send(AVAILABILITY, around(first=1, after=first["pageInfo"]["endCursor"])))[
        "availability"
    ]
    assert not second["pageInfo"]["hasNextPage"]
    assert [each["available"] for each in first["nodes"] + second["nodes"]] == [0, 9]


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        (around(skuId="garbage"), "INVALID_ID"),
        (around(skuId=encode_id("Store", "here")), "INVALID_ID"),
        (around(GeoPoint(91, 0)), "PLACE_INVALID"),
        (around(radiusMeters=0), "RADIUS_INVALID"),
        (around(first=101), "PAGE_SIZE_INVALID"),
        (around(after="x"), "CURSOR_INVALID"),
    ],
)
async def test_bad_questions_have_a_code(anonymous: Caller, variables: dict[str, Any], code: str) -> None:
    (error,) = await anonymous.errors(AVAILABILITY, variables)
    assert error["extensions"]["code"] == code


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
