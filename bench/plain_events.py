"""What subscriptions are measured against: changes told by hand, each document written once for all.

It finds out who calls, sends what is there, and then each document that changes as it comes from MongoDB.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from pymongo.asynchronous.database import AsyncDatabase
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.auth.tokens import AccessTokens
from app.inbox.documents import INBOX_ENTRIES
from app.inventory.level_repository import STOCK_LEVELS
from app.orders.repository import ORDERS
from bench.plain_documents import Document, key_of
from graphql_schema.documents import HASHES

PROTOCOL = "graphql-transport-ws"
MOST_AT_FIRST = 100


@dataclass(frozen=True, slots=True)
class Source:
    """Where an official subscription finds what it tells of."""

    collection: str
    field: str
    topic: Callable[[Any, Mapping[str, Any]], str]  # by the caller and the variables


SOURCES = {
    "stock_changed": Source(STOCK_LEVELS.name, "sku_id", lambda caller, given: key_of(given["skuIds"][0])),
    "stock_near": Source(STOCK_LEVELS.name, "sku_id", lambda caller, given: key_of(given["skuId"])),
    "order_changed": Source(ORDERS.name, "_id", lambda caller, given: key_of(given["orderId"])),
    "counter_order_changed": Source(ORDERS.name, "store_id", lambda caller, given: str(caller.store_id)),
    "inbox_changed": Source(INBOX_ENTRIES.name, "member_id", lambda caller, given: str(caller.member_id)),
}
NAMES = {HASHES[name]: name for name in SOURCES}
FIELDS = {(source.collection, source.field) for source in SOURCES.values()}


class PlainEvents:
    """Tells all listeners in this process."""

    def __init__(self, database: AsyncDatabase[Document], tokens: AccessTokens) -> None:
        self._database = database
        self._tokens = tokens
        self._listeners: dict[tuple[str, str, str], set[asyncio.Queue[str]]] = defaultdict(set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follows MongoDB for the block."""
        following = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            following.cancel()

    async def talk(self, socket: WebSocket) -> None:
        """Tells one listener until she leaves."""
        await socket.accept(PROTOCOL)
        begin = await socket.receive_json()
        token = begin["payload"]["authorization"].removeprefix("Bearer ")
        caller = self._tokens.verify(token, datetime.now(UTC))
        await socket.send_text('{"type":"connection_ack"}')
        asked = (await socket.receive_json())["payload"]
        source = SOURCES[NAMES[asked["documentId"]]]
        topic = source.topic(caller, asked["variables"])
        queue: asyncio.Queue[str] = asyncio.Queue()
        listeners = self._listeners[source.collection, source.field, topic]
        listeners.add(queue)
        telling = asyncio.create_task(self._tell(socket, source, topic, queue))
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            telling.cancel()
            listeners.discard(queue)

    async def _tell(self, socket: WebSocket, source: Source, topic: str, queue: asyncio.Queue[str]) -> None:
        found = self._database[source.collection].find({source.field: topic}).limit(MOST_AT_FIRST)
        await socket.send_text(_message(await found.to_list()))
        while True:
            await socket.send_text(await queue.get())

    async def _follow(self) -> None:
        collections = sorted({collection for collection, _ in FIELDS})
        pipeline = [{"$match": {"ns.coll": {"$in": collections}, "fullDocument": {"$type": "object"}}}]
        async with await self._database.watch(pipeline, full_document="updateLookup") as changes:
            async for change in changes:
                changed, text = change["fullDocument"], ""
                for collection, field in FIELDS:
                    key = (collection, field, str(changed.get(field)))
                    if collection != change["ns"]["coll"] or key not in self._listeners:
                        continue
                    text = text or _message(changed)
                    for queue in self._listeners[key]:
                        queue.put_nowait(text)


def _message(what: object) -> str:
    payload = {"data": what}
    message = {"id": "1", "type": "next", "payload": payload}
    return orjson.dumps(message, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
