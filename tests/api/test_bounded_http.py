"""Requests too large or too slow to be requests: their connections are closed, and no others."""

import asyncio

import pytest
import uvicorn

from app.commands import bounded_http
from app.commands.bounded_http import MAXIMUM_HEAD_BYTES
from tests.api.live import socket_to
from tests.api.raw_client import ANSWER, HEAD, WHOLE, connected


@pytest.mark.parametrize("beginning", [b"POST /", HEAD + b"X-Long: "], ids=["address", "header"])
async def test_a_head_has_a_size(server: uvicorn.Server, beginning: bytes) -> None:
    async with connected(server) as client:
        await client.send(WHOLE)
        await client.until(ANSWER + b"}")
        # The last byte is one too many, so all has been read: else the connection is reset, answer and all.
        await client.send(beginning, b"a" * (MAXIMUM_HEAD_BYTES + 1 - len(beginning)))
        assert b"HTTP/1.1 431 Request Header Fields Too Large" in await client.until_closed()


async def test_many_requests_of_one_connection_have_a_head_each(server: uvicorn.Server) -> None:
    padded = WHOLE.replace(b"Host: a", b"Host: a\r\nX-Long: " + b"a" * (MAXIMUM_HEAD_BYTES // 2))
    async with connected(server) as client:
        for _ in range(4):
            half = len(padded) // 4
            await client.send(padded[:half], padded[half:])
            await client.until(ANSWER)


@pytest.mark.parametrize(
    "beginning", [b"POST", HEAD, HEAD + b"Content-Length: 5\r\n\r\n{"], ids=["method", "head", "body"]
)
async def test_a_request_has_so_long_to_come(
    server: uvicorn.Server, beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_http, "RECEIVE_SECONDS", 0.1)
    async with connected(server) as client:
        await client.send(beginning)
        assert await client.until_closed() == b""


async def test_a_request_that_comes_with_another_has_so_long_too(
    server: uvicorn.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its time runs while the other is answered, which is over in less than two seconds."""
    monkeypatch.setattr(bounded_http, "RECEIVE_SECONDS", 2)
    async with connected(server) as client:
        await client.send(WHOLE + HEAD)
        assert (await client.until_closed()).count(ANSWER) == 1


async def test_who_asks_nothing_does_not_stay(server: uvicorn.Server) -> None:
    server.config.timeout_keep_alive = 0
    async with connected(server) as client:
        assert await client.until_closed() == b""


async def test_who_has_asked_may_listen_for_longer(
    server: uvicorn.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_http, "RECEIVE_SECONDS", 0.01)
    async with connected(server) as client, socket_to(server) as listener:
        await listener.begin()
        await asyncio.sleep(0.1)
        await client.send(WHOLE)
        await client.until(ANSWER)
        await listener.subscribe("{ __typename }", {})
        assert await listener.next() == {"__typename": "Query"}
