"""The limits of those who listen, and what becomes of messages that make no sense."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed

from app.services import Services
from app.shared.settings.model import Settings
from graphql_schema.listeners import MAXIMUM_CONNECTIONS_OF_A_CALLER, MAXIMUM_OF_A_CALLER
from graphql_schema.sockets import MAXIMUM_MESSAGE_BYTES, MAXIMUM_OF_A_CONNECTION
from tests.api.callers import Caller
from tests.api.live import events_of, last_words, serving, socket_to
from tests.api.live_stock import CHANGED, WATCH
from tests.integration.stockroom import Stockroom
from tests.patience import PATIENCE_SECONDS


async def test_other_operations_run_too_each_with_its_limits(
    server: uvicorn.Server, member: Caller, services: Services
) -> None:
    async with socket_to(server) as client:
        await client.begin(member.token)
        await client.subscribe("{ me { id } }", {})
        assert (await client.next())["me"]["id"] == member.member_id
        assert (await client.receive())["type"] == "complete"
        deep = "{ me " + "{ a " * 20 + "}" * 20 + " }"
        for query, code in (
            (deep, "QUERY_TOO_DEEP"),
            ("{ nonsense }", "BAD_REQUEST"),
            ("{", "BAD_REQUEST"),
            ("fragment F on Query { me { id } }", "BAD_REQUEST"),
            ("{ stores(first: 100) { nodes { stock(first: 100) { nodes { id } } } } }", "QUERY_TOO_COSTLY"),
        ):
            await client.subscribe(query, {})
            assert (await client.errors())[0] == code
        await client.subscribe(CHANGED, {"skuIds": []})
        message = await client.receive()
        (error,) = message["payload"].get("errors") if message["type"] == "next" else message["payload"]
        assert error["extensions"]["code"] == "STOCK_WATCH_INVALID"


@pytest.mark.parametrize("query", ["{", "{ nonsense }", "fragment F on Query { me { id } }"])
async def test_events_tell_what_is_wrong_with_a_document(server: uvicorn.Server, query: str) -> None:
    async with events_of(server, query, {}) as events:
        assert await last_words(events) == "BAD_REQUEST"


async def test_cost_is_charged(server: uvicorn.Server, member: Caller) -> None:
    costly = "{ stores(first: 100) { nodes { hours { opens closes weekday } kana } } }"
    async with socket_to(server) as client:
        await client.begin(member.token)
        for number in range(20):
            await client.subscribe(costly, {}, id=str(number))
            message = await client.receive()
            if message["type"] == "error":
                break
            assert (await client.receive())["type"] == "complete"
        assert message["payload"][0]["extensions"]["code"] == "THROTTLED"


async def test_a_connection_has_so_many_subscriptions(server: uvicorn.Server, stockroom: Stockroom) -> None:
    async with socket_to(server) as client:
        await client.begin()
        for number in range(MAXIMUM_OF_A_CONNECTION):
            await client.subscribe(CHANGED, WATCH, id=str(number))
            await client.next(str(number))
        await client.subscribe(CHANGED, WATCH, id="one-more")
        assert await client.errors("one-more") == ["TOO_MANY_SUBSCRIPTIONS"]


async def test_a_caller_has_so_many_subscriptions(
    settings: Settings, services: Services, stockroom: Stockroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAXIMUM_OF_A_CALLER >= MAXIMUM_OF_A_CONNECTION
    monkeypatch.setattr("graphql_schema.listeners.MAXIMUM_OF_A_CALLER", 2)
    async with serving(settings, services) as server, socket_to(server) as client:
        await client.begin()
        await client.subscribe(CHANGED, WATCH, id="1")
        await client.next("1")
        async with events_of(server, CHANGED, WATCH) as events:
            await events.next()
            await client.subscribe(CHANGED, WATCH, id="3")
            (error,) = (await client.receive())["payload"]["errors"]
            assert error["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"


async def test_a_caller_has_so_many_connections(
    server: uvicorn.Server, member: Caller, other_member: Caller
) -> None:
    """Others at the same address have theirs, and a place that was left is free again."""
    async with AsyncExitStack() as open_ones:
        for _ in range(MAXIMUM_CONNECTIONS_OF_A_CALLER):
            client = await open_ones.enter_async_context(socket_to(server))
            await client.begin(member.token)
        async with socket_to(server) as one_more:
            await one_more.send("connection_init", payload={"authorization": f"Bearer {member.token}"})
            assert await one_more.closing() == (1013, "TOO_MANY_CONNECTIONS")
        for token in (other_member.token, None):
            async with socket_to(server) as another:
                await another.begin(token)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await comes_in(server, member.token):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def comes_in(server: uvicorn.Server, token: str | None) -> bool:
    async with socket_to(server) as client:
        await client.send("connection_init", payload={"authorization": f"Bearer {token}"})
        try:
            return await client.receive() == {"type": "connection_ack"}
        except ConnectionClosed:
            return False


async def test_an_address_has_so_many_connections(settings: Settings, services: Services) -> None:
    """Whether they say who they are or not."""
    few = settings.model_copy(update={"connections_per_address": 2})
    async with serving(few, services) as server:
        async with socket_to(server), socket_to(server) as second:
            async with socket_to(server) as third:
                assert await third.closing() == (1013, "TOO_MANY_CONNECTIONS")
            await second.begin()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                async with socket_to(server) as client:
                    with suppress(ConnectionClosed):
                        await client.begin()
                        break


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "1",
        "{",
        '"x"',
        "{}",
        '{"type": 5}',
        '{"type": "unheard-of"}',
        '{"type": "subscribe", "id": 5, "payload": {"query": "{ me { id } }"}}',
        '{"type": "subscribe", "payload": {"query": "{ me { id } }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ me { id } }", "variables": []}}',
        '{"type": "complete", "id": []}',
        "[" * 50_000,
    ],
)
async def test_a_message_that_makes_no_sense_closes_the_connection(server: uvicorn.Server, text: str) -> None:
    async with socket_to(server) as client:
        await client.begin()
        await client.connection.send(text)
        assert (await client.closing())[0] == 4400


async def test_a_message_has_bounds_and_is_text(server: uvicorn.Server) -> None:
    async with socket_to(server) as client:
        await client.begin()
        await client.connection.send("x" * (MAXIMUM_MESSAGE_BYTES + 1))
        assert (await client.closing())[0] == 1009
    async with socket_to(server) as client:
        await client.connection.send(b"{}")
        assert (await client.closing())[0] == 4400


async def test_a_subscription_without_a_beginning(server: uvicorn.Server) -> None:
    async with socket_to(server) as client:
        await client.subscribe(CHANGED, WATCH)
        assert (await client.closing())[0] == 4401
    async with socket_to(server) as client:
        await client.begin()
        await client.send("connection_init")
        assert (await client.closing())[0] == 4429


async def test_who_says_nothing_is_closed(
    settings: Settings, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphql_schema.view.INITIALISATION_TIME", timedelta(seconds=0.2))
    async with serving(settings, services) as server, socket_to(server) as client:
        assert (await client.closing())[0] == 4408


async def test_another_protocol_is_not_spoken(server: uvicorn.Server) -> None:
    async with socket_to(server, subprotocols=["graphql-ws"]) as client:
        assert (await client.closing())[0] == 4406
