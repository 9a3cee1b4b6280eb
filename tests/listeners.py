"""Servers on the loopback address that do what a test wants of them."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from app.shared.mongodb.embedded import free_port

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(converse: Conversation, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that holds this conversation with each caller; gives its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await converse(reader, writer)
        except OSError:
            pass  # the caller hung up
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    async with server:
        (socket,) = server.sockets
        try:
            yield socket.getsockname()[1]
        finally:
            await take_no_more(socket.fileno())


async def take_no_more(descriptor: int) -> None:
    """Has the socket that listens there take no connection any more: to be done before its server is closed.

    asyncio loses a connection that it has taken but not yet begun to serve. Nobody closes that one,
    and the garbage collector complains of it in another test.
    """
    asyncio.get_running_loop().remove_reader(descriptor)
    await asyncio.sleep(0)  # what was taken is served from here on


OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Receiver:
    """An HTTP server that gives one answer to everybody, and remembers what it was asked."""

    answer: bytes = OK
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((first, headers, body))
        writer.write(self.answer)
        await say_nothing(reader, writer)


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says a little every now and then, and never comes to the point."""
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def speak_no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mail.example ESMTP\r\n\r\n")
    await say_nothing(reader, writer)


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Listens until the caller hangs up."""
    while await reader.read(65_536):
        pass


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up as soon as anything is said, or at once on a caller who waits for a greeting."""
    writer.transport.abort()


def closed_port() -> int:
    """A port where nobody listens, nor anybody comes to by chance."""
    return free_port()
