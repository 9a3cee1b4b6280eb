"""Two server processes that share nothing but MongoDB: what is raced for at both is had once."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pymongo import MongoClient

from app.shared.clock import rfc3339
from app.shared.ids import new_id
from graphql_schema.documents import TEXTS
from tests.process.servers import BALANCE, CHECK_IN, Server, a_wish, in_the_end, serving

pytestmark = pytest.mark.process

CALLERS = 32
STORE = '{ stores(query: "umeda", first: 1) { nodes { id } } }'
GOODS = '{ products(query: "notebook", first: 1) { nodes { skus { id } } } }'
SLOTS = "query ($store: ID!, $day: Date!) { pickupSlots(storeId: $store, date: $day) { id isOrderable } }"
EVERYBODYS = {
    "names": {"ja": "みなさまへ", "en": "For everybody"},
    "descriptions": {"ja": "", "en": ""},
    "benefit": {"amount": 100},
    "distribution": "CLAIM",
}


@pytest.fixture(scope="module")
def servers(mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    """Two of them, with the same keys, on a database with the demo retailer."""
    name = f"two_servers_{new_id()}"
    place = {"MONGODB_URI": mongodb_uri, "TSUNAGU_MONGODB_DATABASE": name}
    folders = [tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")]
    (folders[1] / "keys").symlink_to(folders[0] / "keys")
    try:
        with serving(folders[0], **place) as one, serving(folders[1], **place) as other:
            yield [one, other]
    finally:
        with MongoClient[dict[str, Any]](mongodb_uri) as client:
            client.drop_database(name)


def race(servers: list[Server], act: Callable[[Server, int], dict[str, Any]]) -> Counter[str]:
    """What became of 32 who do this at the same time, every other one at the other server."""
    with ThreadPoolExecutor(CALLERS) as pool:
        results = pool.map(lambda number: act(servers[number % 2], number), range(CALLERS))
        return Counter(
            result["__typename"] if "errors" not in result else result["errors"][0]["code"]
            for result in results
        )


def test_one_visit_is_one_check_in(servers: list[Server]) -> None:
    _, token = servers[0].register(f"phone-{new_id()}")

    def check_in(server: Server, _: int) -> dict[str, Any]:
        wish = a_wish(server)
        checked_in: dict[str, Any] = in_the_end(lambda: server.send(CHECK_IN, {"input": wish}, token))
        return checked_in["checkIn"]  # type: ignore[no-any-return]

    outcomes = race(servers, check_in)
    assert outcomes == {"CheckedIn": 1, "ALREADY_CHECKED_IN": CALLERS - 1}
    assert [each.send(BALANCE, token=token)["me"]["points"]["balance"] for each in servers] == [10, 10]


def test_the_last_piece_is_sold_once(servers: list[Server]) -> None:
    manager = servers[0].sign_in_staff("UMEDA9", "918273", "umeda")
    store = servers[0].send(STORE)["stores"]["nodes"][0]["id"]
    sku = servers[0].send(GOODS)["products"]["nodes"][0]["skus"][0]["id"]
    leave_one_piece(servers[0], store, sku, manager)
    slot = a_slot_of_tomorrow(servers[0], store)
    tokens = [servers[0].register(f"phone-{new_id()}")[1] for _ in range(CALLERS)]

    def order(server: Server, number: int) -> dict[str, Any]:
        wish = {
            "storeId": store,
            "lines": [{"skuId": sku, "quantity": 1}],
            "pickupSlotId": slot,
            "paymentMethod": "PAY_AT_STORE",
            "idempotencyKey": f"order-{new_id()}",
        }
        placed: dict[str, Any] = in_the_end(
            lambda: server.send(TEXTS["place_order"], {"input": wish}, tokens[number])
        )
        return placed["placeOrder"]  # type: ignore[no-any-return]

    assert race(servers, order) == {"OrderPlaced": 1, "ORDER_ITEM_SHORT": CALLERS - 1}


def test_a_coupon_is_used_once(servers: list[Server]) -> None:
    headquarters = servers[0].sign_in_staff("HONBU1", "305918", "umeda")
    clerk = servers[0].sign_in_staff("UMEDA1", "620471", "umeda")
    store = servers[0].send(STORE)["stores"]["nodes"][0]["id"]
    sku = servers[0].send(GOODS)["products"]["nodes"][0]["skus"][0]["id"]
    code = claimed_code(servers[1], headquarters)

    def redeem(server: Server, number: int) -> dict[str, Any]:
        receipt = {"terminal": "T1", "number": f"R-{number}", "lines": [{"skuId": sku, "quantity": 1}]}
        wish = {"code": code, "storeId": store, "receipt": receipt, "idempotencyKey": f"use-{new_id()}"}
        used: dict[str, Any] = in_the_end(lambda: server.send(TEXTS["redeem_coupon"], {"input": wish}, clerk))
        return used["redeemCoupon"]  # type: ignore[no-any-return]

    assert race(servers, redeem) == {"CouponRedeemed": 1, "COUPON_USED": CALLERS - 1}


def leave_one_piece(server: Server, store: str, sku: str, manager: str) -> None:
    safety = {"skuId": sku, "storeId": store, "safety": 0}
    server.send(TEXTS["set_safety_stock"], {"input": safety}, manager)
    movement = {
        "skuId": sku,
        "storeId": store,
        "kind": "COUNT",
        "quantity": 1,
        "reference": new_id(),
        "occurredAt": rfc3339(datetime.now(UTC)),
    }
    server.send(TEXTS["record_stock_movements"], {"input": {"movements": [movement]}}, manager)


def a_slot_of_tomorrow(server: Server, store: str) -> str:
    """The last one: its orders end in many hours, so not while the test is at work."""
    tomorrow = datetime.now(ZoneInfo("Asia/Tokyo")).date() + timedelta(days=1)
    slots = server.send(SLOTS, {"store": store, "day": str(tomorrow)})["pickupSlots"]
    return str([slot["id"] for slot in slots if slot["isOrderable"]][-1])


def claimed_code(server: Server, headquarters: str) -> str:
    """The code of a coupon that a new member has claimed."""
    now = datetime.now(UTC)
    span = {"startsAt": rfc3339(now - timedelta(days=1)), "endsAt": rfc3339(now + timedelta(days=1))}
    made = server.send(TEXTS["create_offer"], {"input": {"terms": {**EVERYBODYS, **span}}}, headquarters)
    offer_id = made["createOffer"]["offer"]["id"]
    server.send(TEXTS["publish_offer"], {"input": {"offerId": offer_id}}, headquarters)
    _, token = server.register(f"phone-{new_id()}")
    wish = {"offerId": offer_id, "idempotencyKey": f"claim-{new_id()}"}
    claimed = server.send(TEXTS["claim_offer"], {"input": wish}, token)["claimOffer"]
    return str(claimed["coupon"]["code"])
