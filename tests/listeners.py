"""Servers on the loopback address that do what a test wants of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(converse: Conversation) -> AsyncIterator[int]:
    """A server that holds this conversation with each caller; gives its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await converse(reader, writer)
        except OSError:
            pass  # the caller hung up
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Listens until the caller hangs up."""
    while await reader.read(65_536):
        pass


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up as soon as anything is said, or at once on a caller who waits for a greeting."""
    writer.transport.abort()


async def closed_port() -> int:
    """A port where nobody listens."""
    async with listening(say_nothing) as port:
        return port
