"""Subscriptions over WebSockets and Server-Sent Events: the same door and limits, an end for each token."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.auth.partners import PartnerUpdate, Scope
from app.inventory.model import StockKey
from app.services import Services
from app.shared.database import Database
from app.shared.settings import Settings
from graphql_schema.documents import document_hash
from graphql_schema.listeners import MAXIMUM_CONNECTIONS_OF_A_CALLER, MAXIMUM_OF_A_CALLER
from graphql_schema.node import encode_id
from graphql_schema.sockets import MAXIMUM_MESSAGE_BYTES, MAXIMUM_OF_A_CONNECTION
from tests.api.conftest import Caller
from tests.api.live import PATIENCE_SECONDS, EventClient, SocketClient, events_of, serving, socket_to, until
from tests.arrangements import add_skus, add_stores
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_store
from tests.integration.stockroom import Stockroom

OPERATIONS = Path(__file__).parents[2] / "graphql_schema" / "operations"
CHANGED, NEAR = (
    (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8") for name in ("stock_changed", "stock_near")
)
SKU = encode_id("Sku", "umbrella")
WATCH = {"skuIds": [SKU]}
KEY = StockKey("umbrella", "here")


@pytest.fixture
async def stockroom(services: Services, database: Database, clock: MovableClock) -> Stockroom:
    await add_stores(database, a_store(id="here"))
    await add_skus(database, "umbrella")
    return Stockroom(services, clock)


@pytest.fixture
async def server(settings: Settings, services: Services) -> AsyncIterator[uvicorn.Server]:
    async with serving(settings, services) as server:
        yield server


def pieces(data: dict[str, Any]) -> list[int]:
    (levels,) = data.values()
    return [level["available"] for level in levels]


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


@pytest.mark.parametrize("token", ["x", "a.b.c"])
async def test_a_bad_token_does_not_come_in(server: uvicorn.Server, token: str) -> None:
    async with socket_to(server) as client:
        await client.send("connection_init", payload={"authorization": f"Bearer {token}"})
        assert await client.closing() == (4403, "TOKEN_INVALID")


async def test_the_tokens_end_ends_the_connection(
    server: uvicorn.Server, member: Caller, stockroom: Stockroom, clock: MovableClock
) -> None:
    async with socket_to(server) as client, events_of(server, CHANGED, WATCH, member.token) as events:
        await client.begin(member.token)
        await client.subscribe(CHANGED, WATCH)
        assert pieces(await client.next()) == pieces(await events.next()) == []
        clock.advance(timedelta(minutes=15))
        assert await client.closing() == (4403, "TOKEN_EXPIRED")
        assert await last_words(events) == "TOKEN_EXPIRED"


async def last_words(events: EventClient) -> str:
    """The code of the error with which the stream ends."""
    told = await events.event()
    assert told is not None
    assert await events.event() == ("complete", None)
    assert await events.event() is None
    code: str = told[1]["errors"][0]["extensions"]["code"]
    return code


async def test_the_sessions_end_ends_the_connection(
    server: uvicorn.Server, member: Caller, stockroom: Stockroom
) -> None:
    async with socket_to(server) as client, events_of(server, CHANGED, WATCH, member.token) as events:
        await client.begin(member.token)
        await client.subscribe(CHANGED, WATCH)
        assert pieces(await client.next()) == pieces(await events.next()) == []
        await member.send("mutation { signOut { __typename } }")
        assert await client.closing() == (4403, "TOKEN_INVALID")
        assert await last_words(events) == "TOKEN_INVALID"


async def test_a_partner_that_is_removed_is_out(
    server: uvicorn.Server, services: Services, stockroom: Stockroom
) -> None:
    partner, _ = await services.partners.create("Till", [Scope.STOCK_WRITE])
    async with socket_to(server) as client:
        await client.begin(services.partners.grant(partner, None).token.text)
        query = "subscription ($skuIds: [ID!]!) { stockChanged(skuIds: $skuIds) { onHand } }"
        await client.subscribe(query, WATCH)
        assert await client.next() == {"stockChanged": []}
        await services.partners.remove(partner.id)
        assert await client.closing() == (4403, "TOKEN_INVALID")


async def test_a_partner_that_may_do_other_things_by_now_comes_in_anew(
    server: uvicorn.Server, services: Services, stockroom: Stockroom
) -> None:
    partner, _ = await services.partners.create("Till", [Scope.STOCK_WRITE])
    async with socket_to(server) as client:
        await client.begin(services.partners.grant(partner, None).token.text)
        await services.partners.update(partner.id, PartnerUpdate(scopes={Scope.CARDS_VERIFY}))
        assert await client.closing() == (4403, "TOKEN_INVALID")


async def test_what_is_for_partners_is_not_told_to_others(
    server: uvicorn.Server, stockroom: Stockroom
) -> None:
    await stockroom.stock(KEY, 5)
    async with socket_to(server) as client:
        await client.begin()
        await client.subscribe(
            "subscription ($skuIds: [ID!]!) { stockChanged(skuIds: $skuIds) { onHand } }", WATCH
        )
        message = await client.receive()
        assert message["payload"]["data"] is None
        assert message["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


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


async def test_pages_of_other_origins_come_in_by_setting_only(
    server: uvicorn.Server, settings: Settings, services: Services
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket_to(server, origin="https://evil.example"):
            raise AssertionError("it came in")
    assert refused.value.response.status_code == 403
    allowing = settings.model_copy(update={"cors_origins": ("https://app.example",)})
    async with serving(allowing, services) as other, socket_to(other, origin="https://app.example") as client:
        await client.begin()


async def test_production_runs_trusted_documents_alone(
    settings: Settings, services: Services, stockroom: Stockroom
) -> None:
    production = settings.model_copy(update={"environment": "production"})
    async with serving(production, services) as server, socket_to(server) as client:
        await client.begin()
        await client.subscribe("subscription { stockChanged(skuIds: []) { id } }", {})
        assert await client.errors() == ["DOCUMENT_NOT_TRUSTED"]
        by_id = {"documentId": document_hash(CHANGED), "variables": WATCH}
        await client.send("subscribe", id="1", payload=by_id)
        assert pieces(await client.next()) == []
        by_extension = {"extensions": {"persistedQuery": {"sha256Hash": document_hash(CHANGED)}}}
        await client.send("subscribe", id="2", payload={**by_extension, "variables": WATCH})
        assert pieces(await client.next("2")) == []
        await client.send("subscribe", id="3", payload={"documentId": "0" * 64})
        assert await client.errors("3") == ["PERSISTED_QUERY_NOT_FOUND"]


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
        assert live._listening == 2
    await until(lambda: live._listening == 0)
    assert not live._listeners


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
