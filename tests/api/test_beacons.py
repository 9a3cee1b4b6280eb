"""Beacons through GraphQL: what a phone beside one is told, and who may place them."""

from typing import Any

import pytest

from app.consents.model import ConsentKind
from app.inventory.model import StockKey
from app.offers.model import Distribution
from app.services import Services
from app.shared.clock import rfc3339
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller
from tests.arrangements import add_catalog, allow
from tests.conftest import MovableClock
from tests.integration.stockroom import Stockroom
from tests.offer_examples import a_published_offer

PLACE, REMOVE, BEACONS, SIGHT = (
    TEXTS[name] for name in ("place_beacon", "remove_beacon", "beacons", "beacon_sighted")
)
KEY: dict[str, Any] = {"uuid": "f7826da6-4fa2-4e98-8024-bc5b71e0893e", "major": 1, "minor": 2}
STORE_ID = encode_id("Store", "store-1")
NOTHING: dict[str, Any] = {
    "__typename": "BeaconSighted",
    "moment": "NOTHING",
    "store": None,
    "coupons": [],
    "recommendations": [],
}


@pytest.fixture(autouse=True)
async def shelf(manager: Caller, services: Services, database: Database, clock: MovableClock) -> None:
    """A beacon in store-1 beside the notebooks, of which the store has three."""
    await add_catalog(database)
    await Stockroom(services, clock).stock_many([StockKey("FG-503-NAV", "store-1")], 3)
    near = {"skuIds": [encode_id("Sku", "FG-503-NAV"), encode_id("Sku", "TP-101-WHI-S")]}
    placed = (await manager.send(PLACE, {"input": {**KEY, "storeId": STORE_ID, **near}}))["placeBeacon"]
    assert placed["beacon"]["skuCodes"] == ["FG-503-NAV", "TP-101-WHI-S"]


async def sight(caller: Caller, clock: MovableClock, **changes: Any) -> dict[str, Any]:
    sighting = {**KEY, "rssi": -60, "at": rfc3339(clock.now()), **changes}
    found: dict[str, Any] = (await caller.send(SIGHT, {"input": sighting}, Accept_Language="en"))[
        "beaconSighted"
    ]
    return found


async def test_beside_a_shelf_she_is_shown_what_the_store_has_there(
    member: Caller, services: Services, clock: MovableClock
) -> None:
    await allow(services, key_of(member.member_id, "Member", []), ConsentKind.LOCATION)
    found = await sight(member, clock)
    assert (found["moment"], found["store"]["id"]) == ("ENTERED", STORE_ID)
    (shown,) = found["recommendations"]
    assert (shown["sku"]["id"], shown["available"]) == (encode_id("Sku", "FG-503-NAV"), 3)
    assert shown["reasons"][0] == {"kind": "NEARBY", "text": "Right beside you"}
    assert await sight(member, clock) == NOTHING


async def test_without_her_consent_nothing_comes_of_it(member: Caller, clock: MovableClock) -> None:
    assert await sight(member, clock) == NOTHING


async def test_a_coupon_for_coming_near_stands_in_the_answer(
    member: Caller, services: Services, clock: MovableClock
) -> None:
    await a_published_offer(services, distribution=Distribution.BEACON)
    await allow(services, key_of(member.member_id, "Member", []), ConsentKind.LOCATION)
    (coupon,) = (await sight(member, clock))["coupons"]
    assert coupon["why"] == {"text": "You are right beside it at Koharu Umeda", "moment": "BEACON"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"uuid": "x"}, "BEACON_KEY_INVALID"), ({"rssi": 21}, "BEACON_SIGNAL_INVALID")],
)
async def test_what_cannot_be_is_refused(
    member: Caller, clock: MovableClock, changes: dict[str, Any], code: str
) -> None:
    assert [each["code"] for each in (await sight(member, clock, **changes))["errors"]] == [code]


async def test_a_manager_sees_and_removes_the_beacons_of_her_store(manager: Caller, clerk: Caller) -> None:
    (beacon,) = (await manager.send(BEACONS, {"storeId": STORE_ID}))["beacons"]
    assert beacon["store"]["id"] == STORE_ID
    assert (await clerk.errors(BEACONS, {"storeId": STORE_ID}))[0]["extensions"]["code"] == "FORBIDDEN"
    removal = {"input": {**KEY, "storeId": STORE_ID}}
    assert (await manager.send(REMOVE, removal))["removeBeacon"]["removedAt"]
    (error,) = (await manager.send(REMOVE, removal))["removeBeacon"]["errors"]
    assert error["code"] == "BEACON_ELSEWHERE"
