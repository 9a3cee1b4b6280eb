"""How soon counters see new orders, and what it costs when many wait for nothing in particular."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect

from bench.listening import Audience, Wanted
from bench.load import ask
from bench.servers import Server, resident_kilobytes
from bench.tables import NONE, Table, figure
from graphql_schema.documents import HASHES
from graphql_schema.listeners import MAXIMUM_CONNECTIONS_OF_A_CALLER

PROTOCOL: Any = "graphql-transport-ws"
CONNECTED_AT_ONCE = 50
PATIENCE_SECONDS = 30.0
ORDERS_A_SECOND = 20
NEW_ORDERS, ONE_ORDER = "counter_order_changed", "order_changed"  # as the pages follow them


@dataclass(frozen=True, slots=True)
class Sightings:
    """How long after its request was sent each counter saw each order of its store, in milliseconds."""

    counters: int
    orders: int
    p50_milliseconds: float
    p99_milliseconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """What subscriptions that wait cost the server, in kilobytes of its memory."""

    subscriptions: int
    kilobytes_each: float


def following_table(seen: Sightings, waited: Waiting) -> Table:
    headings = ("followed", "by", "p50 ms", "p99 ms", "KB each")
    counters = (figure(seen.counters), figure(seen.p50_milliseconds), figure(seen.p99_milliseconds), NONE)
    idle = (figure(waited.subscriptions), NONE, NONE, figure(waited.kilobytes_each))
    rows = [(f"{seen.orders} new orders", *counters), ("an order that does not change", *idle)]
    return Table("New orders from request to counter, and idle subscriptions", headings, rows)


async def sightings(
    server: Server, staff_tokens: Sequence[str], counters: int, requests: Iterator[bytes]
) -> Sightings:
    """Has counters look on while orders come in, so many a second; no more than each clerk may connect."""
    counters = min(counters, MAXIMUM_CONNECTIONS_OF_A_CALLER * len(staff_tokens))
    seen: dict[str, list[float]] = defaultdict(list)
    sent: dict[str, float] = {}

    async def look_on(counter: ClientConnection) -> None:
        async for message in counter:
            moment = time.perf_counter()
            for order in orjson.loads(message)["payload"]["data"]["counterOrderChanged"]:
                seen[order["id"]].append(moment)

    async def order(request: bytes) -> None:
        moment = time.perf_counter()
        answer = orjson.loads(await ask(server.port, request, b'"pickupCode":'))
        sent[answer["data"]["placeOrder"]["order"]["id"]] = moment

    tokens = [staff_tokens[number % len(staff_tokens)] for number in range(counters)]
    async with _followers(server, [(token, NEW_ORDERS, {}) for token in tokens]) as connections:
        looking = [asyncio.create_task(look_on(each)) for each in connections]
        async with asyncio.TaskGroup() as placing:
            for request in requests:
                placing.create_task(order(request))
                await asyncio.sleep(1 / ORDERS_A_SECOND)
        lookers = counters // len(staff_tokens)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while any(len(seen[each]) < lookers for each in sent):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        for task in looking:
            task.cancel()
    waits = [(moment - sent[each]) * 1000 for each in sent for moment in seen[each]]
    percentiles = quantiles(waits, n=100)
    return Sightings(counters, len(sent), percentiles[49], percentiles[98])


async def waiting(server: Server, orders: Sequence[tuple[str, str]]) -> Waiting:
    """Has members, each by her token, follow one order each; nothing happens to any."""
    audience = Audience(server)
    before = resident_kilobytes(server)
    try:
        await audience.gather([Wanted(ONE_ORDER, token, {"orderId": order}) for token, order in orders])
        after = resident_kilobytes(server)
    finally:
        audience.hang_up()
    return Waiting(len(orders), (after - before) / len(orders))


@asynccontextmanager
async def _followers(
    server: Server, wanted: Sequence[tuple[str, str, dict[str, Any]]]
) -> AsyncIterator[list[ClientConnection]]:
    """A connection for each of these subscriptions, each with its first answer behind it."""
    turns = asyncio.Semaphore(CONNECTED_AT_ONCE)
    async with AsyncExitStack() as open_connections:

        async def follow(token: str, operation: str, variables: dict[str, Any]) -> ClientConnection:
            async with turns:
                connection = await open_connections.enter_async_context(
                    connect(
                        f"ws://127.0.0.1:{server.port}/graphql",
                        subprotocols=[PROTOCOL],
                        compression=None,
                        ping_interval=None,
                        open_timeout=PATIENCE_SECONDS,
                    )
                )
                begin = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
                await connection.send(orjson.dumps(begin).decode())
                await connection.recv()
                payload = {"documentId": HASHES[operation], "variables": variables}
                await connection.send(
                    orjson.dumps({"type": "subscribe", "id": "1", "payload": payload}).decode()
                )
                first = orjson.loads(await connection.recv())
                if first["type"] != "next" or "errors" in first["payload"]:
                    raise RuntimeError(f"cannot follow: {first}")
                return connection

        yield await asyncio.gather(*(follow(*each) for each in wanted))
