"""The pickup counter's live list of orders: whose it is, in which language, and that nothing is missed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from app.auth.roles import Role
from app.orders.states import OrderState
from app.services import Services
from graphql_schema.documents import TEXTS
from tests.api.callers import Caller
from tests.api.live import SocketClient, socket_to
from tests.api.order_calls import store_node_id
from tests.arrangements import a_shift
from tests.conftest import MovableClock
from tests.integration.shop import Shop

CHANGED = TEXTS["counter_order_changed"]


@asynccontextmanager
async def counter(
    server: uvicorn.Server, services: Services, role: Role, store_id: str | None, **variables: Any
) -> AsyncIterator[SocketClient]:
    """Somebody with this role, on a device of this store, who asks for a store's orders."""
    async with socket_to(server) as client:
        await client.begin((await a_shift(services, role, store_id)).access_token)
        await client.subscribe(CHANGED, variables)
        yield client


async def told(client: SocketClient) -> list[dict[str, Any]]:
    orders: list[dict[str, Any]] = (await client.next())["counterOrderChanged"]
    return orders


async def refusals(client: SocketClient) -> list[str]:
    """The codes of the errors with which the list ends before it begins."""
    message = await client.receive()
    return [error["extensions"]["code"] for error in message["payload"]["errors"]]


async def states(client: SocketClient) -> list[tuple[int, str]]:
    return [(order["version"], order["state"]) for order in await told(client)]


async def test_a_counter_is_told_what_is_open_and_then_each_change(
    server: uvicorn.Server, shop: Shop
) -> None:
    order = await shop.place(await shop.customer(), shop.wish((0, 1)))
    async with counter(
        server, shop.services, Role.COUNTER, shop.store.id, storeId=store_node_id(shop)
    ) as client:
        assert await states(client) == [(1, "PLACED")]
        await shop.move(order, OrderState.ACCEPTED)
        assert await states(client) == [(2, "ACCEPTED")]
        await shop.move(order, OrderState.REJECTED)
        assert await states(client) == [(3, "REJECTED")]


async def test_without_a_store_it_is_that_of_the_device(server: uvicorn.Server, shop: Shop) -> None:
    await shop.place(await shop.customer(), shop.wish((0, 1)))
    async with counter(server, shop.services, Role.FLOOR, shop.store.id) as client:
        assert await states(client) == [(1, "PLACED")]
    async with counter(server, shop.services, Role.HEADQUARTERS, None) as client:
        assert await refusals(client) == ["DEVICE_OF_NO_STORE"]


async def test_headquarters_follow_any_store_and_others_their_own_alone(
    server: uvicorn.Server, shop: Shop, clock: MovableClock
) -> None:
    await shop.place(await shop.customer(), shop.wish((0, 1)))
    other = await Shop.open(shop.services, clock)
    wanted = {"storeId": store_node_id(shop)}
    async with counter(server, shop.services, Role.HEADQUARTERS, None, **wanted) as client:
        assert await states(client) == [(1, "PLACED")]
    async with counter(server, shop.services, Role.STORE_MANAGER, other.store.id, **wanted) as client:
        assert await refusals(client) == ["FORBIDDEN"]
    async with counter(server, shop.services, Role.COUNTER, shop.store.id, storeId="none") as client:
        assert await refusals(client) == ["INVALID_ID"]


@pytest.mark.parametrize(("locale", "name"), [("ja", "和紙 ちょうちん"), ("en", "Paper Lantern")])
async def test_goods_are_named_in_the_language_that_the_page_shows(
    server: uvicorn.Server, shop: Shop, locale: str, name: str
) -> None:
    await shop.place(await shop.customer(), shop.wish((0, 1)))
    async with counter(server, shop.services, Role.COUNTER, shop.store.id, locale=locale) as client:
        (order,) = await told(client)
        assert order["lines"][0]["item"]["name"] == name


async def test_after_a_gap_what_has_ended_meanwhile_is_told_too(server: uvicorn.Server, shop: Shop) -> None:
    """A change stream that was interrupted for too long cannot say what it has missed."""
    customer = await shop.customer()
    kept = await shop.place(customer, shop.wish((0, 1)))
    ended = await shop.place(customer, shop.wish((1, 1)))
    async with counter(server, shop.services, Role.COUNTER, shop.store.id) as client:
        assert len(await told(client)) == 2
        live = shop.services.order_watch._live
        listeners = [each for group in live._listeners.values() for each in group]
        for listener in listeners:
            listener.wants = lambda document: False
        await shop.move(ended, OrderState.REJECTED)
        live._tell_of_gap()
        assert {(order["pickupNumber"], order["state"]) for order in await told(client)} == {
            (kept.pickup_number, "PLACED"),
            (ended.pickup_number, "REJECTED"),
        }


async def test_the_page_runs_nothing_but_its_own_scripts(client: httpx.AsyncClient) -> None:
    page = await client.get("/counter")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; ")
    assert "unsafe" not in policy
    manifest = await client.get("/assets/counter/manifest.webmanifest")
    assert manifest.json()["start_url"] == "/counter"
    assert manifest.headers["cache-control"] == "no-cache"


async def test_everybody_can_see_until_when_a_store_pauses(
    client: httpx.AsyncClient, anonymous: Caller, shop: Shop, clock: MovableClock
) -> None:
    wanted = {"storeId": store_node_id(shop)}
    asked = TEXTS["orders_paused_until"]
    assert await anonymous.send(asked, wanted) == {"ordersPausedUntil": None}
    policy = await shop.services.pickup_policies.pause(shop.clerk, 20)
    assert policy.paused_until is not None
    assert await anonymous.send(asked, wanted) == {"ordersPausedUntil": "2026-11-21T03:20:00.000Z"}
    clock.moment = policy.paused_until
    assert await anonymous.send(asked, wanted) == {"ordersPausedUntil": None}
