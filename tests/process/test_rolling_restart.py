"""Servers are restarted in turn behind a balancer, under load: no request is lost, listeners come back."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from pymongo import MongoClient
from websockets.asyncio.client import connect

from app.shared.ids import new_id
from app.shared.mongodb.embedded import free_port
from bench.faults.proxy import Proxy
from graphql_schema.documents import TEXTS
from tests.patience import PATIENCE_SECONDS
from tests.process.servers import Server, serving, wait_until
from tests.process.test_live import PATIENTLY, VARIABLES, WATCH

pytestmark = pytest.mark.process

CALLERS = 8
ROUNDS = 2
KNOWN_AGAIN = 30
DRAIN_SECONDS = 5  # many times what this balancer takes to notice
LOOK_SECONDS = 0.1
PAUSE_SECONDS = 0.5  # after each request of a caller: strangers at one address may not ask for more
REGISTER = TEXTS["register_guest"]


class Balancer:
    """Sends each new connection to one of the servers that say that they are ready, in turn."""

    def __init__(self, ports: list[int]) -> None:
        self._ready = dict.fromkeys(ports, False)
        self._proxy = Proxy(ports[0], Random(0))

    @property
    def port(self) -> int:
        return self._proxy.port

    @asynccontextmanager
    async def balancing(self) -> AsyncIterator["Balancer"]:
        await self._proxy.start()
        looking = [asyncio.create_task(self._look(port)) for port in self._ready]
        try:
            yield self
        finally:
            for each in looking:
                each.cancel()
            await self._proxy.stop()

    async def _look(self, port: int) -> None:
        """Asks one server again and again, whatever the other one does."""
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            while True:
                self._ready[port] = await is_ready(client, port)
                others = [each for each, ready in self._ready.items() if ready and each != port]
                if not self._ready[port] and others:
                    self._proxy.target_port = others[0]
                elif self._ready[port]:
                    self._proxy.target_port = port
                await asyncio.sleep(LOOK_SECONDS)


async def is_ready(client: httpx.AsyncClient, port: int) -> bool:
    try:
        answer = await client.get(f"http://127.0.0.1:{port}/readyz")
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK


class Load:
    """Phones that get cards, each over a connection that it keeps; none asks a second time."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/graphql"
        self.cards: dict[str, str] = {}  # the number that each device was told
        self.is_over = False

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(CALLERS):
                group.create_task(self._call())

    async def _call(self) -> None:
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            while not self.is_over:
                device_id = f"phone-{new_id()}"
                self.cards[device_id] = await register(client, self._url, device_id)
                await asyncio.sleep(PAUSE_SECONDS)


async def register(client: httpx.AsyncClient, url: str, device_id: str) -> str:
    variables = {"input": {"deviceId": device_id}}
    answer = await client.post(url, json={"query": REGISTER, "variables": variables})
    assert answer.status_code == httpx.codes.OK, answer.text
    number: str = answer.json()["data"]["registerGuest"]["member"]["number"]
    return number


class Listener:
    """Follows stock, and comes back whenever the server says that it leaves."""

    def __init__(self, port: int) -> None:
        self._uri = f"ws://127.0.0.1:{port}/graphql"
        self.times = 0  # that it was told something, each over another connection
        self.codes: list[int | None] = []

    async def run(self) -> None:
        while True:
            async with connect(self._uri, **PATIENTLY) as connection:
                await connection.send('{"type": "connection_init"}')
                await connection.recv()
                payload = {"query": WATCH, "variables": VARIABLES}
                await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
                assert json.loads(await connection.recv())["type"] == "next"
                self.times += 1
                await connection.wait_closed()
                self.codes.append(connection.close_code)


@pytest.fixture
def place(mongodb_uri: str) -> Iterator[dict[str, str]]:
    name = f"rolling_{new_id()}"
    yield {
        "MONGODB_URI": mongodb_uri,
        "TSUNAGU_MONGODB_DATABASE": name,
        "TSUNAGU_DRAIN_SECONDS": str(DRAIN_SECONDS),
        "TSUNAGU_NEW_GUESTS_PER_NETWORK": "1000000",
    }
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        client.drop_database(name)


async def started(running: AsyncExitStack, folder: Path, port: int, place: dict[str, str]) -> Server:
    """A server that is ready. It is waited for beside our loop, which passes connections on meanwhile."""
    context = serving(folder, "--port", str(port), **place)
    server = await asyncio.to_thread(context.__enter__)
    running.push(context)
    return server


async def until(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(wait_until, condition)


async def test_a_rolling_restart_loses_no_request(data_folder: Path, place: dict[str, str]) -> None:
    other_folder = data_folder.parent / "other"
    other_folder.symlink_to(data_folder)  # the same keys
    async with AsyncExitStack() as running:
        ports = [free_port(), free_port()]
        folders = [data_folder, other_folder]
        servers = [
            await started(running, folder, port, place) for folder, port in zip(folders, ports, strict=True)
        ]
        balancer = await running.enter_async_context(Balancer(ports).balancing())
        load, listener = Load(balancer.port), Listener(balancer.port)
        loading, following = asyncio.create_task(load.run()), asyncio.create_task(listener.run())
        async with asyncio.timeout(PATIENCE_SECONDS * 4):
            for number in range(ROUNDS * len(servers)):
                one = number % len(servers)
                before = len(load.cards)
                await until(lambda before=before: len(load.cards) >= before + CALLERS or loading.done())
                assert await asyncio.to_thread(servers[one].end) == 0
                servers[one] = await started(running, servers[one].folder, ports[one], place)
            # Each server has left, and so the listener was sent away at least once. Now it is back.
            await until(lambda: listener.times > len(listener.codes) or following.done())
            load.is_over = True
            await loading
        assert not following.done(), following.exception()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        assert listener.codes
        assert set(listener.codes) == {1012}
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            for device_id, card in list(load.cards.items())[:KNOWN_AGAIN]:
                assert await register(client, servers[1].address + "/graphql", device_id) == card
