"""Takes webhooks, and keeps which events they told of."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import orjson

LENGTH = b"content-length:"


class Receiver:
    """An HTTP server that answers every request with 204."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()  # how often each check-in was told of
        self.url = ""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, OSError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    event = orjson.loads(await reader.readexactly(_length(head)))
                    self._keep(event)
                    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
                    await writer.drain()
        finally:
            writer.close()

    def _keep(self, event: dict[str, Any]) -> None:
        if event["type"] == "CheckedIn":
            self.taken[event["data"]["checkInId"]] += 1


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next(int(line.removeprefix(LENGTH)) for line in lines if line.startswith(LENGTH))


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that listens until the end of the block."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.take, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
    try:
        yield receiver
    finally:
        server.close()
