"""What a client sends without reading, or in pieces of nothing, piles up nowhere."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from app.commands.bounded_websocket import BoundedWebSocket
from tests.api.live import until
from tests.patience import PATIENCE_SECONDS

HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
MASK = b"\0\0\0\0"  # changes nothing


def frame(first_byte: int, text: bytes) -> bytes:
    return bytes([first_byte, 0x80 | len(text)]) + MASK + text


CONTINUED, LAST, PING = 0x00, 0x80, 0x89
BEGINNING = frame(0x81, b'{"type":"connection_init"}')
FIRST_PIECE = frame(0x01, b'{"type":')
PINGS = frame(PING, b"a" * 125) * 500
MEGABYTE = 1024 * 1024


@asynccontextmanager
async def connected(
    server: uvicorn.Server,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter, BoundedWebSocket]]:
    """A client who takes as little as can be, and the server's end of it."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", server.config.port))
    reader, writer = await asyncio.open_connection(sock=sock, limit=1024)
    try:
        writer.write(HANDSHAKE)
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
        writer.write(BEGINNING)
        await asyncio.wait_for(reader.readuntil(b'{"type":"connection_ack"}'), PATIENCE_SECONDS)
        (protocol,) = server.server_state.connections
        assert isinstance(protocol, BoundedWebSocket)
        yield reader, writer, protocol
    finally:
        writer.transport.abort()


async def test_answers_to_pings_that_nobody_reads_do_not_pile_up(server: uvicorn.Server) -> None:
    async with connected(server) as (_, writer, protocol):
        for _ in range(12 * MEGABYTE // len(PINGS)):
            writer.write(PINGS)
            await asyncio.wait_for(writer.drain(), PATIENCE_SECONDS)
        await until(lambda: not protocol.writable.is_set())
        assert protocol.transport.get_write_buffer_size() < MEGABYTE


async def test_who_reads_has_her_pings_answered(server: uvicorn.Server) -> None:
    async with connected(server) as (reader, writer, _):
        writer.write(frame(PING, b"are you there"))
        assert await asyncio.wait_for(reader.readexactly(15), PATIENCE_SECONDS) == b"\x8a\x0dare you there"


@pytest.mark.parametrize("last", [frame(LAST, b""), frame(LAST, b" ")])
async def test_empty_pieces_of_a_message_do_not_pile_up(server: uvicorn.Server, last: bytes) -> None:
    async with connected(server) as (reader, writer, protocol):
        empty = frame(CONTINUED, b"")
        writer.write(FIRST_PIECE + empty * 500 + frame(CONTINUED, b'"ping"}') + empty * 500)
        writer.write(frame(PING, b"read so far"))
        await asyncio.wait_for(reader.readuntil(b"read so far"), PATIENCE_SECONDS)
        assert protocol.frames == [b'{"type":', b'"ping"}']
        writer.write(last)
        await asyncio.wait_for(reader.readuntil(b'{"type":"pong"}'), PATIENCE_SECONDS)
