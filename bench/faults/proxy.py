"""A TCP proxy that loses answers: what was asked for is done, and nobody is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from random import Random

CHUNK_BYTES = 65_536
LATE_SECONDS = 0.03  # the most


class Proxy:
    """Passes everything on between whoever connects and a port of the loopback address.

    While `losing` is above 0, that share of answers is lost: the connection ends in its place. `delaying` is
    the share that comes late. `mark` is what the first bytes of those connections contain whose answers may
    be lost or late; without it, all may.
    """

    def __init__(self, target_port: int, chance: Random, mark: bytes = b"") -> None:
        self.target_port = target_port
        self.losing = 0.0
        self.delaying = 0.0
        self.lost = 0
        self.port = 0
        self._chance = chance
        self._mark = mark
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for each in self._connections:
            each.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._connect(reader, writer)
        finally:
            self._connections.discard(task)
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target_port)
        try:
            first = await reader.read(CHUNK_BYTES)
            there_writer.write(first)
            ways = {
                asyncio.create_task(_pass_on(reader, there_writer)),
                asyncio.create_task(self._answer(there_reader, writer, self._mark in first)),
            }
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in ways:
                    each.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        finally:
            there_writer.transport.abort()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, may_fail: bool
    ) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            if may_fail and self._chance.random() < self.losing:
                self.lost += 1
                writer.transport.abort()
                return
            if may_fail and self._chance.random() < self.delaying:
                await asyncio.sleep(LATE_SECONDS * self._chance.random())
            writer.write(chunk)
            await writer.drain()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()


@asynccontextmanager
async def running_proxies(
    target_ports: list[int], chance: Random, mark: bytes = b""
) -> AsyncIterator[list[Proxy]]:
    """A proxy in front of each port, until the end of the block."""
    async with AsyncExitStack() as running:
        proxies = [Proxy(port, chance, mark) for port in target_ports]
        for each in proxies:
            await each.start()
            running.push_async_callback(each.stop)
        yield proxies
