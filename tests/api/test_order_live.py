"""Following orders by WebSocket and as events: for whom they concern, and for as long as they may."""

from datetime import timedelta
from typing import Any

import pytest
import uvicorn

from app.auth.actor import OPERATOR
from app.auth.roles import Role
from app.orders.model import Order
from app.orders.states import OrderState
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller
from tests.api.live import EventClient, SocketClient, events_of, socket_to, until
from tests.arrangements import OnShift, a_shift
from tests.conftest import MovableClock
from tests.integration.shop import Shop

ONE, COUNTER = (TEXTS[name] for name in ("order_changed", "counter_order_changed"))
ACCEPTED, PREPARING, READY = OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY


@pytest.fixture
async def order(shop: Shop, member: Caller) -> Order:
    """The member's order."""
    return await shop.place(key_of(member.member_id, "Member", []), shop.wish((0, 1)))


@pytest.fixture
async def clerk(shop: Shop) -> OnShift:
    return await a_shift(shop.services, Role.COUNTER, shop.store.id)


def about(order: Order) -> dict[str, Any]:
    return {"orderId": encode_id("Order", order.id)}


async def state(client: SocketClient | EventClient) -> str:
    """The state of the order that the next event tells of."""
    (told,) = (await client.next()).values()
    (order,) = told if isinstance(told, list) else [told]
    text: str = order["state"]
    return text


async def refusals(server: uvicorn.Server, token: str | None, query: str, variables: Any) -> set[str]:
    """The codes with which a subscription is refused by WebSocket and as events."""
    async with socket_to(server) as client, events_of(server, query, variables, token) as events:
        await client.begin(token)
        await client.subscribe(query, variables)
        message = await client.receive()
        told = await events.event()
        assert told is not None
        payload = message["payload"]  # before it begins, the errors alone
        errors = payload if message["type"] == "error" else payload["errors"]
        errors = [*errors, *told[1]["errors"]]
        return {error["extensions"]["code"] for error in errors}


async def test_member_and_counter_see_each_step(
    server: uvicorn.Server, shop: Shop, member: Caller, clerk: OnShift, order: Order
) -> None:
    async with (
        socket_to(server) as phone,
        socket_to(server) as tablet,
        events_of(server, ONE, about(order), member.token) as page,
        events_of(server, COUNTER, {}, clerk.access_token) as screen,
    ):
        await phone.begin(member.token)
        await phone.subscribe(ONE, about(order))
        await tablet.begin(clerk.access_token)
        await tablet.subscribe(ONE, about(order))
        for client in (phone, tablet, page, screen):
            assert await state(client) == "PLACED"
        for step in (ACCEPTED, PREPARING, READY, OrderState.COLLECTED):
            await shop.move(order, step)
            for client in (phone, tablet, page, screen):
                assert await state(client) == step.value


async def test_who_comes_back_sees_it_as_it_is_and_misses_nothing_after(
    server: uvicorn.Server, shop: Shop, member: Caller, order: Order
) -> None:
    for before, step in (("PLACED", ACCEPTED), ("ACCEPTED", PREPARING), ("PREPARING", READY)):
        async with socket_to(server) as phone:
            await phone.begin(member.token)
            await phone.subscribe(ONE, about(order))
            assert await state(phone) == before
        await shop.move(order, step)
    async with events_of(server, ONE, about(order), member.token) as page:
        assert await state(page) == "READY"
        await shop.move(order, OrderState.COLLECTED)
        assert await state(page) == "COLLECTED"


async def test_nobody_follows_the_order_of_others(
    server: uvicorn.Server, shop: Shop, other_member: Caller, order: Order, clock: MovableClock
) -> None:
    other = await Shop.open(shop.services, clock)
    stranger = await a_shift(shop.services, Role.STORE_MANAGER, other.store.id)
    for token in (other_member.token, stranger.access_token):
        assert await refusals(server, token, ONE, about(order)) == {"ORDER_NOT_FOUND"}
    assert await refusals(server, other_member.token, ONE, {"orderId": encode_id("Order", "none")}) == {
        "ORDER_NOT_FOUND"
    }
    assert await refusals(server, None, ONE, about(order)) == {"UNAUTHENTICATED"}


async def test_a_stores_orders_are_for_its_staff(
    server: uvicorn.Server, member: Caller, till: Caller, order: Order
) -> None:
    assert await refusals(server, None, COUNTER, {}) == {"UNAUTHENTICATED"}
    for caller in (member, till):
        assert await refusals(server, caller.token, COUNTER, {}) == {"FORBIDDEN"}


async def test_the_counter_is_not_told_the_pickup_code(
    server: uvicorn.Server, clerk: OnShift, order: Order
) -> None:
    query = "subscription ($orderId: ID!) { orderChanged(orderId: $orderId) { pickupCode } }"
    assert await refusals(server, clerk.access_token, query, about(order)) == {"FORBIDDEN"}


async def test_it_ends_with_the_members_token(
    server: uvicorn.Server, member: Caller, order: Order, clock: MovableClock
) -> None:
    async with socket_to(server) as phone, events_of(server, ONE, about(order), member.token) as page:
        await phone.begin(member.token)
        await phone.subscribe(ONE, about(order))
        assert await state(phone) == await state(page) == "PLACED"
        clock.advance(timedelta(minutes=15))
        assert await phone.closing() == (4403, "TOKEN_EXPIRED")
        assert await last_words(page) == "TOKEN_EXPIRED"


async def test_it_ends_when_she_signs_out(server: uvicorn.Server, member: Caller, order: Order) -> None:
    async with socket_to(server) as phone, events_of(server, ONE, about(order), member.token) as page:
        await phone.begin(member.token)
        await phone.subscribe(ONE, about(order))
        assert await state(phone) == await state(page) == "PLACED"
        await member.send("mutation { signOut { __typename } }")
        assert await phone.closing() == (4403, "TOKEN_INVALID")
        assert await last_words(page) == "TOKEN_INVALID"


async def test_it_ends_when_the_clerk_or_her_device_is_put_out(
    server: uvicorn.Server, shop: Shop, order: Order
) -> None:
    leaver, borrower = [await a_shift(shop.services, Role.COUNTER, shop.store.id) for _ in range(2)]
    async with socket_to(server) as first, events_of(server, COUNTER, {}, borrower.access_token) as second:
        await first.begin(leaver.access_token)
        await first.subscribe(COUNTER, {})
        assert await state(first) == await state(second) == "PLACED"
        await shop.services.staff.remove(OPERATOR, leaver.member.id)
        assert await first.closing() == (4403, "TOKEN_INVALID")
        await shop.services.store_devices.revoke(OPERATOR, borrower.actor.device_id)
        assert await last_words(second) == "TOKEN_INVALID"
    live = shop.services.order_watch._live
    await until(lambda: live._listening == 0)


async def last_words(events: EventClient) -> str:
    """The code of the error with which the stream ends."""
    told = await events.event()
    assert told is not None
    assert await events.event() == ("complete", None)
    code: str = told[1]["errors"][0]["extensions"]["code"]
    return code
