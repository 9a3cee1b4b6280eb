"""Ordering ahead through GraphQL: the member's phone and the counter's tablet."""

from typing import Any

import httpx
import pytest

from app.auth.roles import Role
from app.services import Services
from app.web.qr_codes import qr_svg
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller
from tests.api.order_calls import wish_input
from tests.arrangements import a_shift
from tests.conftest import MovableClock
from tests.integration.shop import Shop


@pytest.fixture
async def counter(client: httpx.AsyncClient, shop: Shop) -> Caller:
    """A clerk of the shop, on her own tablet."""
    shift = await a_shift(shop.services, Role.COUNTER, shop.store.id)
    return Caller(client, shift.access_token)


async def run(caller: Caller, name: str, variables: dict[str, Any]) -> Any:
    """The official operation's one answer."""
    document = TEXTS[name]
    (answer,) = (await caller.send(document, variables, Accept_Language="en")).values()
    return answer


async def place(shop: Shop, member: Caller, *lines: tuple[int, int], points: int = 0) -> dict[str, Any]:
    wish = {**wish_input(shop, *lines, use_points=points), "paymentMethod": "PAY_AT_STORE"}
    answer = await run(member, "place_order", {"input": {**wish, "idempotencyKey": "order-key-0001"}})
    assert answer["__typename"] == "OrderPlaced", answer
    order: dict[str, Any] = answer["order"]
    return order


async def test_from_the_basket_to_the_counter(member: Caller, counter: Caller, shop: Shop) -> None:
    await shop.earn(key_of(member.member_id, "Member", []), 300)
    slots = await run(
        member, "pickup_slots", {"storeId": encode_id("Store", shop.store.id), "date": "2026-11-21"}
    )
    assert [slot["isOrderable"] for slot in slots[:4]] == [False, False, True, True]
    quote = await run(member, "quote_order", {"input": wish_input(shop, (0, 1), (1, 1), use_points=300)})
    assert (quote["isOrderable"], quote["problems"]) == (True, [])
    assert quote["totals"]["toPay"] == {"amount": 1_000}
    assert quote["totals"]["taxes"] == [{"percent": 10, "amount": {"amount": 1_300}, "tax": {"amount": 118}}]
    order = await place(shop, member, (0, 1), (1, 1), points=300)
    seen = (await run(counter, "counter_orders", {}))["nodes"]
    assert [(each["id"], each["state"], each["pickupNumber"]) for each in seen] == [
        (order["id"], "PLACED", order["pickupNumber"])
    ]
    for step, state in (
        ("accept_order", "ACCEPTED"),
        ("start_preparing", "PREPARING"),
        ("mark_ready", "READY"),
    ):
        changed = await run(counter, step, {"input": {"orderId": order["id"]}})
        assert changed["order"]["state"] == state
    collected = await run(counter, "collect_order", {"input": {"code": order["pickupCode"]}})
    assert collected["order"]["state"] == "COLLECTED"
    mine = await run(member, "order", {"id": order["id"]})
    assert [move["state"] for move in mine["moves"]] == [
        "PLACED",
        "ACCEPTED",
        "PREPARING",
        "READY",
        "COLLECTED",
    ]
    points = (await member.send("{ me { points { balance pending } } }"))["me"]["points"]
    assert points == {"balance": 0, "pending": 9}  # of 910 yen without tax, until it can be returned no more


async def test_all_that_is_in_the_way_is_told_with_what_works_instead(member: Caller, shop: Shop) -> None:
    wish = {**wish_input(shop, (0, 21), use_points=5), "paymentMethod": "PAY_AT_STORE"}
    answer = await run(member, "place_order", {"input": {**wish, "idempotencyKey": "order-key-0001"}})
    assert [(error["code"], error["message"]) for error in answer["errors"]] == [
        (
            "ORDER_ITEM_SHORT",
            "Of Paper Lantern, 21 are wanted and 20 are left. Change the quantity or the store.",
        ),
        ("INSUFFICIENT_POINTS", "Not enough points: 5 are needed and the balance is 0. Use fewer."),
        (
            "NO_SLOT_FITS",
            "No slot of the days to come has room for so much. Order fewer pieces, or choose another store.",
        ),
    ]


async def test_the_pickup_code_is_the_members_alone(
    member: Caller, other_member: Caller, counter: Caller, anonymous: Caller, shop: Shop
) -> None:
    order = await place(shop, member, (0, 1))
    code = "query ($id: ID!) { order(id: $id) { id pickupCode } }"
    assert (await member.send(code, {"id": order["id"]}))["order"]["pickupCode"] == order["pickupCode"]
    (error,) = await counter.errors(code, {"id": order["id"]})
    assert error["extensions"]["code"] == "FORBIDDEN"
    for stranger in (other_member, anonymous):
        assert await stranger.send(code, {"id": order["id"]}) == {"order": None}
        assert await stranger.send("query ($id: ID!) { node(id: $id) { id } }", {"id": order["id"]}) == {
            "node": None
        }


async def test_another_stores_staff_see_and_touch_nothing(
    member: Caller, client: httpx.AsyncClient, shop: Shop, services: Services, clock: MovableClock
) -> None:
    order = await place(shop, member, (0, 1))
    other = await Shop.open(services, clock)
    stranger = Caller(client, (await a_shift(services, Role.STORE_MANAGER, other.store.id)).access_token)
    assert (await run(stranger, "counter_orders", {}))["nodes"] == []
    answer = await run(stranger, "accept_order", {"input": {"orderId": order["id"]}})
    assert answer["errors"][0]["code"] == "ORDER_NOT_FOUND"
    assert await stranger.send("query ($id: ID!) { order(id: $id) { id } }", {"id": order["id"]}) == {
        "order": None
    }


@pytest.mark.parametrize(
    "slot",
    [
        "",
        "none",
        "none/none",
        "{store}/none",
        "{store}/2026-11-21T03:00:00",
        "{store}/9999-12-31T23:59:59+00:00",
        "{store}/0001-01-01T00:00:00+09:00",
    ],
)
async def test_a_slot_that_is_none_is_refused(member: Caller, shop: Shop, slot: str) -> None:
    slot_id = encode_id("PickupSlot", slot.format(store=shop.store.id))
    wish = {**wish_input(shop, (0, 1)), "pickupSlotId": slot_id}
    answer = await run(member, "quote_order", {"input": wish})
    codes = {error["code"] for error in answer.get("errors") or answer["problems"]}
    assert codes <= {"INVALID_ID", "PICKUP_SLOT_NOT_FOUND"}


async def test_a_manager_changes_how_the_store_prepares(
    client: httpx.AsyncClient, member: Caller, counter: Caller, shop: Shop
) -> None:
    manager = Caller(client, (await a_shift(shop.services, Role.STORE_MANAGER, shop.store.id)).access_token)
    store = encode_id("Store", shop.store.id)
    closure = {"startsAt": "2026-12-31T00:00:00.000Z", "endsAt": "2027-01-03T15:00:00.000Z", "reason": "正月"}
    change = {"storeId": store, "version": 0, "noShowsUntilPaymentFirst": None, "closures": [closure]}
    changed = await run(manager, "change_pickup_policy", {"input": change})
    assert changed["policy"]["closures"] == [closure]
    assert (changed["policy"]["noShowsUntilPaymentFirst"], changed["policy"]["capacity"]) == (None, 20)
    again = await run(manager, "change_pickup_policy", {"input": {**change, "capacity": 5}})
    assert [error["code"] for error in again["errors"]] == ["PICKUP_POLICY_CHANGED"]
    changed = await run(
        manager, "change_pickup_policy", {"input": {"storeId": store, "version": 1, "capacity": 5}}
    )
    assert (changed["policy"]["version"], changed["policy"]["closures"]) == (2, [closure])
    assert await run(counter, "pickup_policy", {"storeId": store}) == changed["policy"]
    document = TEXTS["change_pickup_policy"]
    for stranger in (counter, member):
        (error,) = await stranger.errors(document, {"input": {**change, "version": 2}})
        assert error["extensions"]["code"] == "FORBIDDEN"


async def test_her_orders_by_store_state_and_time(member: Caller, shop: Shop) -> None:
    order = await place(shop, member, (0, 1))
    store = encode_id("Store", shop.store.id)
    wanted = {"storeId": store, "states": ["PLACED"], "placedFrom": "2026-11-21T00:00:00Z"}
    found = (await run(member, "my_orders", {"filter": wanted}))["orders"]["nodes"]
    assert [each["id"] for each in found] == [order["id"]]
    for other in ({"states": ["READY"]}, {"placedBefore": "2026-11-21T00:00:00Z"}):
        assert (await run(member, "my_orders", {"filter": {**wanted, **other}}))["orders"]["nodes"] == []
    (error,) = await member.errors(TEXTS["my_orders"], {"filter": {"storeId": order["id"]}})
    assert error["extensions"]["code"] == "INVALID_ID"


async def test_the_pickup_code_is_a_picture_for_the_member_alone(
    client: httpx.AsyncClient, member: Caller, other_member: Caller, counter: Caller, shop: Shop
) -> None:
    order = await place(shop, member, (0, 1))
    path = f"/orders/{order['id']}/qr.svg"

    async def get(path: str, caller: Caller | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {caller.token}"} if caller else {}
        return await client.get(path, headers=headers)

    picture = await get(path, member)
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/svg+xml")
    assert picture.headers["Cache-Control"] == "no-store"
    assert picture.content == qr_svg(order["pickupCode"])
    assert [(await get(path, caller)).status_code for caller in (other_member, counter, None)] == [
        404,
        401,
        401,
    ]
    for other in ("x", encode_id("Order", "none"), encode_id("Store", shop.store.id)):
        assert (await get(f"/orders/{other}/qr.svg", member)).status_code == 404
