"""`scripts/bench events`: one change told to thousands who listen to the same official subscription."""

import argparse
import asyncio
import os
import struct
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import orjson
import uvloop

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.collections import COLLECTIONS
from app.composition import build_services, open_database
from app.demo.catalog import demo_products
from app.demo.loading import DemoLoader
from app.demo.plan import DemoPlan
from app.demo.retailer import demo_stores, town_count
from app.inventory.model import ReportedMovement, StockKey, StockMovementKind
from app.services import Services
from app.shared.database import Session
from app.shared.i18n import Language
from app.shared.ids import new_id
from bench.servers import (
    GRAPHQL,
    Server,
    processor_seconds,
    resident_kilobytes,
    running_mongodb,
    running_server,
    settings_for,
)
from graphql_schema.documents import HASHES
from graphql_schema.node import encode_id

SKUS = 500
SEED = 0
CONNECTED_AT_ONCE = 50
PATIENCE_SECONDS = 60.0
HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
PING = b"\x89\x04"  # and four bytes, which nothing else in a frame of JSON looks like
PONG = b"\x8a\x84\x00\x00\x00\x00"
ACCEPTED = b"HTTP/1.1 101"
EVENT = b'"type":"next"'
ACKNOWLEDGED = b"connection_ack"


def main(arguments: Sequence[str]) -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench events", description=__doc__)
    parser.add_argument("--listeners", type=int, default=2_000, help="how many members look at the same SKU")
    parser.add_argument("--changes", type=int, default=50, help="how often its stock changes")
    options = parser.parse_args(arguments)
    with ExitStack() as running, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tsunagu-events-")))
        settings = settings_for(GRAPHQL, running.enter_context(running_mongodb(folder / "mongodb")), folder)
        services = build_services(settings, open_database(settings))
        try:
            tokens = runner.run(_prepare(services, options.listeners))
            server = running.enter_context(running_server(GRAPHQL, settings))
            told = runner.run(_measure(services, server, tokens, options.changes))
        finally:
            runner.run(services.database.close())
    print(
        f"{options.listeners:,} listeners on {os.cpu_count()} cores, with a load of {os.getloadavg()[0]:.1f}"
    )
    print(
        f"{told.events:,} events: {told.events / told.seconds:,.0f} a second, and "
        f"{told.events / told.processor_seconds:,.0f} for each second of the server's processor; "
        f"{told.kilobytes_each:.0f} KB of memory for each listener"
    )
    return 0


@dataclass(frozen=True, slots=True)
class Told:
    """How many events were told in which time, in how much of it the server computed, and its memory."""

    events: int
    seconds: float
    processor_seconds: float
    kilobytes_each: float


async def _prepare(services: Services, listeners: int) -> list[str]:
    """The demo retailer in an empty database, and the tokens of so many members."""
    await services.database.prepare(COLLECTIONS)
    plan = DemoPlan(services.clock.now(), services.time_zone, 1, town_count(), SKUS, SEED)
    await DemoLoader(services.database).load(plan)
    turns = asyncio.Semaphore(CONNECTED_AT_ONCE)

    async def token() -> str:
        async def open_session(session: Session) -> str:
            signed_in = await services.sessions.open(new_id(), Language.JA, session)
            return signed_in.access_token

        async with turns:
            return await services.database.transaction(open_session)

    return await asyncio.gather(*(token() for _ in range(listeners)))


async def _measure(services: Services, server: Server, tokens: Sequence[str], changes: int) -> Told:
    """Has all look at one SKU, and pieces of it come in: the next ones when all have seen the last."""
    sku_id = next(iter(demo_products(SKUS, services.clock.now()))).skus[0].id
    key = StockKey(sku_id, demo_stores(town_count(), SEED)[0].id)
    supplier = PartnerActor("bench", frozenset({Scope.STOCK_WRITE}))
    audience = Audience()
    memory = resident_kilobytes(server)
    listeners = await _gather(audience, server, tokens, {"skuIds": [encode_id("Sku", sku_id)]})
    memory = resident_kilobytes(server) - memory
    events, seconds, computed = 0, 0.0, processor_seconds(server)
    for number in range(changes):
        movement = ReportedMovement(
            key, StockMovementKind.RECEIVE, 1, f"bench-{number}", services.clock.now()
        )
        audience.expect(len(tokens))
        started_at = time.perf_counter()
        await services.stock.record(supplier, [movement])
        await audience.all_told()
        seconds += time.perf_counter() - started_at
        events += len(tokens)
    computed = processor_seconds(server) - computed
    for listener in listeners:
        listener.hang_up()
    return Told(events, seconds, computed, memory / len(tokens))


@dataclass
class Audience:
    """All listeners together: how many events are still to come."""

    missing: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def expect(self, events: int) -> None:
        self.missing = events
        self.done.clear()

    def told(self, events: int) -> None:
        self.missing -= events
        if self.missing <= 0:
            self.done.set()

    async def all_told(self) -> None:
        await asyncio.wait_for(self.done.wait(), PATIENCE_SECONDS)


class Listener(asyncio.Protocol):
    """One of them. Events are counted as they pass and not read: how fast we read is not what is measured."""

    def __init__(self, audience: Audience, token: str, variables: dict[str, object]) -> None:
        self.has_begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._audience = audience
        self._begin = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
        payload = {"documentId": HASHES["stock_changed"], "variables": variables}
        self._subscribe = {"type": "subscribe", "id": "1", "payload": payload}
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        if PING in data:
            self._transport.write(PONG + data.partition(PING)[2][:4])
        if events := data.count(EVENT):
            if self.has_begun.done():
                self._audience.told(events)
            else:
                self.has_begun.set_result(None)
        elif ACKNOWLEDGED in data:
            self._send(self._subscribe)
        elif data.startswith(ACCEPTED):
            self._send(self._begin)

    def hang_up(self) -> None:
        self._transport.close()

    def _send(self, message: Mapping[str, object]) -> None:
        """Sends it as one frame (RFC 6455), under a mask that changes nothing."""
        text = orjson.dumps(message)
        self._transport.write(struct.pack("!BBH4x", 0x81, 0xFE, len(text)) + text)


async def _gather(
    audience: Audience, server: Server, tokens: Sequence[str], variables: dict[str, object]
) -> list[Listener]:
    """A listener for each token, each with its first event behind it."""
    loop = asyncio.get_running_loop()
    turns = asyncio.Semaphore(CONNECTED_AT_ONCE)

    async def listen(token: str) -> Listener:
        async with turns, asyncio.timeout(PATIENCE_SECONDS):
            _, listener = await loop.create_connection(
                lambda: Listener(audience, token, variables), "127.0.0.1", server.port
            )
            await listener.has_begun
            return listener

    return await asyncio.gather(*(listen(token) for token in tokens))
