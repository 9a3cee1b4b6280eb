"""Where a SKU is to be had, through GraphQL: in the stores around, by transfer, elsewhere, or one like it."""

from typing import Any

import pytest

from app.shared.clock import rfc3339
from app.shared.geo import GeoPoint
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.api.callers import Caller
from tests.api.stock_reports import SKU, Reports
from tests.arrangements import add_catalog
from tests.conftest import COMMANDS, MovableClock
from tests.examples import UMEDA, minutes

AVAILABILITY = TEXTS["availability"]


def around(place: GeoPoint = UMEDA, **more: Any) -> dict[str, Any]:
    return {"skuId": SKU, "near": {"latitude": place.latitude, "longitude": place.longitude}, **more}


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
