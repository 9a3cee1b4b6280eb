"""Listeners by the thousand, each on a WebSocket of its own (graphql-transport-ws)."""

import asyncio
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import orjson

from bench.servers import STOCK, Server
from graphql_schema.documents import HASHES, TEXTS

CONNECTED_AT_ONCE = 50
PATIENCE_SECONDS = 60.0
PING = b"\x89\x04"  # and four bytes, which nothing else in a frame of JSON looks like
PONG = b"\x8a\x84\x00\x00\x00\x00"
ACCEPTED = b"HTTP/1.1 101"
EVENT = b'"next"'
ACKNOWLEDGED = b"connection_ack"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a listener follows: an official subscription, with whose token and with which variables."""

    operation: str
    token: str
    variables: Mapping[str, Any]


@dataclass
class Audience:
    """All listeners of one server together."""

    server: Server
    missing: int = 0
    latencies: list[float] = field(default_factory=list)
    _asked_at: float = 0.0
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    _listeners: list["Listener"] = field(default_factory=list)

    async def gather(self, wanted: Sequence[Wanted]) -> None:
        """A listener for each of these, with its first event behind it."""
        turns = asyncio.Semaphore(CONNECTED_AT_ONCE)
        loop = asyncio.get_running_loop()

        async def listen(each: Wanted) -> None:
            async with turns, asyncio.timeout(PATIENCE_SECONDS):
                _, listener = await loop.create_connection(
                    lambda: Listener(self, each), "127.0.0.1", self.server.port
                )
                self._listeners.append(listener)
                await listener.has_begun

        await asyncio.gather(*(listen(each) for each in wanted))

    def expect(self) -> None:
        """From now on, every listener is to be told something."""
        for listener in self._listeners:
            listener.is_waiting = True
        self.missing = len(self._listeners)
        self._done.clear()
        self._asked_at = time.perf_counter()

    def told(self) -> None:
        self.latencies.append(time.perf_counter() - self._asked_at)
        self.missing -= 1
        if self.missing == 0:
            self._done.set()

    async def all_told(self) -> None:
        """Waits until every listener was told. Raises TimeoutError."""
        try:
            await asyncio.wait_for(self._done.wait(), PATIENCE_SECONDS)
        except TimeoutError:
            raise TimeoutError(f"{self.missing} of {len(self._listeners)} listeners heard nothing") from None

    def hang_up(self) -> None:
        for listener in self._listeners:
            listener.hang_up()


class Listener(asyncio.Protocol):
    """One of them. Events are counted as they pass and not read: how fast we read is not what is measured."""

    def __init__(self, audience: Audience, wanted: Wanted) -> None:
        self.has_begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_waiting = False
        self._audience = audience
        self._wanted = wanted
        self._tail = b""  # what is not yet known to be no event
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(
            b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
            b"Authorization: Bearer " + self._wanted.token.encode() + b"\r\n\r\n"
        )

    def data_received(self, data: bytes) -> None:
        if PING in data:
            self._transport.write(PONG + data.partition(PING)[2][:4])
        seen = self._tail + data
        self._tail = seen[-len(EVENT) + 1 :]
        if EVENT in seen:
            self._told()
        elif ACKNOWLEDGED in data:
            self._send({"type": "subscribe", "id": "1", "payload": self._document()})
        elif data.startswith(ACCEPTED):
            authorization = {"authorization": f"Bearer {self._wanted.token}"}
            self._send({"type": "connection_init", "payload": authorization})

    def connection_lost(self, error: Exception | None) -> None:
        if not self.has_begun.done():
            self.has_begun.set_exception(ConnectionError(f"a listener was sent away: {self._tail!r}"))

    def hang_up(self) -> None:
        self._transport.close()

    def _told(self) -> None:
        if not self.has_begun.done():
            self.has_begun.set_result(None)
        elif self.is_waiting:
            self.is_waiting = False
            self._audience.told()

    def _document(self) -> Mapping[str, Any]:
        """The official subscription by its hash; Strawberry's own view has to be given its text."""
        name = self._wanted.operation
        is_stock = self._audience.server.name == STOCK
        named = {"query": TEXTS[name]} if is_stock else {"documentId": HASHES[name]}
        return {**named, "variables": self._wanted.variables}

    def _send(self, message: Mapping[str, object]) -> None:
        """Sends it as one frame (RFC 6455), under a mask that changes nothing."""
        text = orjson.dumps(message)
        self._transport.write(struct.pack("!BBH4x", 0x81, 0xFE, len(text)) + text)
