"""HTTP to the last byte: a request, in which parts it is sent, and what comes back over the connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from tests.patience import PATIENCE_SECONDS

HEAD = b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
QUERY = b'{"query": "{ __typename }"}'
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(QUERY) + QUERY
ANSWER = b'"__typename":"Query"'


class RawClient:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, *parts: bytes) -> None:
        for part in parts:
            self._writer.write(part)
            await self._writer.drain()

    async def until(self, text: bytes) -> bytes:
        """What has come when this has."""
        return await asyncio.wait_for(self._reader.readuntil(text), PATIENCE_SECONDS)

    async def until_closed(self) -> bytes:
        return await asyncio.wait_for(self._reader.read(), PATIENCE_SECONDS)


@asynccontextmanager
async def connected(server: uvicorn.Server) -> AsyncIterator[RawClient]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
    try:
        yield RawClient(reader, writer)
    finally:
        writer.close()
