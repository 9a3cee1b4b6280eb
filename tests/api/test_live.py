"""Subscriptions over WebSockets and Server-Sent Events: what is told, and what is left of those who go."""

import asyncio
from typing import Any

import pytest
import uvicorn

from app.services import Services
from app.shared.settings.model import Settings
from graphql_schema.node import encode_id
from tests.api.callers import Caller
from tests.api.live import SocketClient, events_of, serving, socket_to, until
from tests.api.live_stock import CHANGED, KEY, NEAR, SKU, WATCH, pieces
from tests.conftest import MovableClock
from tests.examples import UMEDA
from tests.integration.stockroom import Stockroom
from tests.patience import PATIENCE_SECONDS


async def test_changes_over_a_websocket(server: uvicorn.Server, stockroom: Stockroom) -> None:
    await stockroom.stock(KEY, 5)
    async with socket_to(server) as client:
        await client.begin()
        await client.subscribe(CHANGED, WATCH)
        first = await client.next()
        assert pieces(first) == [5]
        assert first["stockChanged"][0]["storeId"] == encode_id("Store", "here")
        await client.subscribe(
            NEAR, {"skuId": SKU, "near": {"latitude": UMEDA.latitude, "longitude": UMEDA.longitude}}, id="2"
        )
        assert pieces(await client.next("2")) == [5]
        await stockroom.hold((KEY, 2))
        assert sorted([pieces(data) for data in await both(client)]) == [[3], [3]]
        await client.send("complete", id="2")
        await client.send("ping")
        assert await client.receive() == {"type": "pong"}
        await stockroom.hold((KEY, 1))
        assert pieces(await client.next()) == [2]


async def both(client: SocketClient) -> list[dict[str, Any]]:
    messages = [await client.receive() for _ in range(2)]
    assert {message["id"] for message in messages} == {"1", "2"}
    return [message["payload"]["data"] for message in messages]


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_changes_as_server_sent_events(
    server: uvicorn.Server, stockroom: Stockroom, method: str
) -> None:
    await stockroom.stock(KEY, 5)
    async with events_of(server, CHANGED, WATCH, method=method) as client:
        assert client.response.headers["Content-Type"].startswith("text/event-stream")
        assert pieces(await client.next()) == [5]
        await stockroom.hold((KEY, 2))
        assert pieces(await client.next()) == [3]


async def test_each_change_is_told_as_it_happens(server: uvicorn.Server, stockroom: Stockroom) -> None:
    """None waits for the next, nor for the tick that sees holds end. How long it took is printed."""
    await stockroom.stock(KEY, 50)
    async with events_of(server, CHANGED, WATCH) as client:
        assert pieces(await client.next()) == [50]
        delays = []
        for left in range(49, 39, -1):
            started_at = asyncio.get_running_loop().time()
            await stockroom.hold((KEY, 1))
            assert pieces(await client.next()) == [left]
            delays.append(asyncio.get_running_loop().time() - started_at)
        print(f"a change is seen after {1000 * sorted(delays)[5]:.0f} ms, by the median of ten")  # noqa: T201


async def test_who_comes_back_misses_nothing(server: uvicorn.Server, stockroom: Stockroom) -> None:
    await stockroom.stock(KEY, 5)
    for left in (5, 4, 3):
        async with socket_to(server) as client:
            await client.begin()
            await client.subscribe(CHANGED, WATCH)
            assert pieces(await client.next()) == [left]
        await stockroom.hold((KEY, 1))


async def test_each_event_is_looked_at_in_its_own_moment(
    server: uvicorn.Server, stockroom: Stockroom, clock: MovableClock
) -> None:
    await stockroom.stock(KEY, 5)
    async with socket_to(server) as client:
        await client.begin()
        await client.subscribe(CHANGED, WATCH)
        before = (await client.next())["stockChanged"][0]["asOf"]
        hold = await stockroom.hold((KEY, 2))
        await client.next()
        clock.moment = hold.until
        after = (await client.next())["stockChanged"][0]
        assert (after["available"], after["asOf"] > before) == (5, True)


async def test_a_server_that_leaves_says_so(
    settings: Settings, services: Services, stockroom: Stockroom
) -> None:
    async with serving(settings, services) as server:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with socket_to(server) as client, events_of(server, CHANGED, WATCH) as events:
                await client.begin()
                await client.subscribe(CHANGED, WATCH)
                await client.next()
                await events.next()
                server.config.app.state.leaving.set()  # type: ignore[union-attr]
                server.should_exit = True
                assert (await client.closing())[0] == 1012
                assert await events.event() is None


async def test_nothing_is_left_of_those_who_went_away(
    server: uvicorn.Server, services: Services, stockroom: Stockroom
) -> None:
    live = services.stock_watch._live
    async with socket_to(server) as client, events_of(server, CHANGED, WATCH) as events:
        await client.begin()
        await client.subscribe(CHANGED, WATCH)
        await client.next()
        await events.next()
        assert live._listening == 1  # for both: they watch the same
    await until(lambda: live._listening == 0)
    assert not live._listeners
    assert not services.stock_watch._watches


async def test_who_leaves_at_once_harms_nobody(
    server: uvicorn.Server, services: Services, stockroom: Stockroom, member: Caller
) -> None:
    """200 subscriptions and queries that are given up while MongoDB is asked, by 32 connections."""
    await stockroom.stock(KEY, 5)
    for _ in range(10):
        async with socket_to(server) as client:
            await client.begin()
            for number in range(10):
                await client.subscribe(CHANGED, WATCH, id=f"s{number}")
                await client.subscribe("{ stores { nodes { id } } }", {}, id=f"q{number}")
            await asyncio.sleep(0.01)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(member.send("{ stores { nodes { id } } }") for _ in range(64)))
    async with events_of(server, CHANGED, WATCH) as events:
        assert pieces(await events.next()) == [5]
    await until(lambda: services.stock_watch._live._listening == 0)
