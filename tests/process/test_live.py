"""Live streams through accidents: elections of MongoDB, and a server that is asked to end."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient
from websockets.asyncio.client import connect

from app.shared.mongodb.collection import Collection
from app.shared.mongodb.database import Database, Driver
from app.shared.mongodb.embedded import EmbeddedMongo
from graphql_schema.node import encode_id
from tests.integration.test_live import THINGS, feed_of, put, told
from tests.patience import PATIENCE_SECONDS
from tests.process.servers import Server, processes_of, serving, wait_until

pytestmark = pytest.mark.process

WATCH = "subscription ($skuIds: [ID!]!) { stockChanged(skuIds: $skuIds) { available } }"
VARIABLES = {"skuIds": [encode_id("Sku", "anything")]}
# How a client connects whom a busy machine may keep waiting, for the beginning as for a pong.
PATIENTLY: Any = {
    "subprotocols": ["graphql-transport-ws"],
    "open_timeout": PATIENCE_SECONDS,
    "ping_timeout": PATIENCE_SECONDS,
}


async def put_in_the_end(things: Collection, id: str, number: int) -> None:
    """Writes, as often as it takes while nobody is there to write to."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                await put(things, id, number)
            except Exception:
                await asyncio.sleep(0.1)
            else:
                return


@pytest.mark.parametrize("driver", ["pymongo", "motor"])
async def test_a_stream_goes_on_after_elections(data_folder: Path, driver: Driver) -> None:
    mongodb = EmbeddedMongo(data_folder)
    await asyncio.to_thread(mongodb.start)
    database = Database.connect(mongodb.uri, "live", driver)
    try:
        await database.prepare([THINGS])
        things = database.collection(THINGS)
        feed = feed_of(database)
        async with feed.listen(["a"]) as listener:
            for number in range(3):
                await put_in_the_end(things, "x", number)
                await told(listener, "x", number)
                await asyncio.to_thread(step_down, mongodb.uri)
                await put_in_the_end(things, "y", number)
                await told(listener, "y", number)
    finally:
        await database.close()
        await asyncio.to_thread(mongodb.stop)


def step_down(uri: str) -> None:
    with MongoClient[dict[str, Any]](uri) as client:
        client.admin.command("replSetStepDown", 1, force=True)


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_server_that_is_asked_to_end_does_not_wait_for_its_listeners(
    retailer: Path, workers: str
) -> None:
    """Were it to wait, it would log that it gave up after its grace."""
    with serving(retailer, "--workers", workers) as server:
        listening = asyncio.Semaphore(0)
        clients = [
            asyncio.create_task(client(server, listening))
            for client in (socket_client, event_client)
            for _ in range(4)
        ]
        async with asyncio.timeout(PATIENCE_SECONDS):
            for _ in clients:
                await listening.acquire()
            assert await asyncio.to_thread(server.end) == 0
            ends = await asyncio.gather(*clients)
        assert ends == [1012] * 4 + [None] * 4
        assert not any("timeout graceful shutdown exceeded" in line for line in server.output)
        await asyncio.to_thread(wait_until, lambda: not processes_of(server))


async def socket_client(server: Server, listening: asyncio.Semaphore) -> int | None:
    """The code with which the server closes."""
    uri = server.address.replace("http", "ws") + "/graphql"
    async with connect(uri, **PATIENTLY) as connection:
        await connection.send('{"type": "connection_init"}')
        await connection.recv()
        payload = {"query": WATCH, "variables": VARIABLES}
        await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        assert json.loads(await connection.recv())["type"] == "next"
        listening.release()
        await connection.wait_closed()
        return connection.close_code


async def event_client(server: Server, listening: asyncio.Semaphore) -> None:
    """Reads until the stream breaks off; nothing says that it is complete."""
    body = {"query": WATCH, "variables": VARIABLES}
    headers = {"Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client,
        client.stream("POST", server.address + "/graphql", json=body, headers=headers) as response,
    ):
        events = [line async for line in told_lines(response, listening) if line.startswith("event: ")]
    assert events == ["event: next"]


async def told_lines(response: httpx.Response, listening: asyncio.Semaphore) -> AsyncIterator[str]:
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            listening.release()
        yield line
