"""HTTP as others write it: media types in any case, and other protocols that are asked for in passing."""

import httpx
import orjson
import pytest
import uvicorn

from graphql_schema.documents import TEXTS
from tests.api.live import socket_to
from tests.api.raw_client import ANSWER, QUERY, WHOLE, connected

ASKING = b"Connection: keep-alive, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
UPGRADING = WHOLE.replace(b"Host: a\r\n", b"Host: a\r\n" + ASKING)
CHUNKS = b"5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (QUERY[:5], len(QUERY) - 5, QUERY[5:])
IN_CHUNKS = UPGRADING.split(b"Content-Length")[0] + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS
CONNECT = b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n" + ASKING + b"\r\n"


@pytest.mark.parametrize("content_type", ["application/JSON", "APPLICATION/JSON; charset=UTF-8"])
@pytest.mark.parametrize("query", [TEXTS["categories"], "{ __typename }"], ids=["a plan", "the view"])
async def test_a_content_type_has_no_case(client: httpx.AsyncClient, content_type: str, query: str) -> None:
    body = orjson.dumps({"query": query})
    answer = await client.post("/graphql", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == 200
    assert "errors" not in answer.json()


@pytest.mark.parametrize("request_", [UPGRADING, IN_CHUNKS], ids=["length", "chunks"])
async def test_another_protocol_that_is_asked_for_is_none(server: uvicorn.Server, request_: bytes) -> None:
    """However the request comes in parts; and the connection goes on."""
    async with connected(server) as client:
        for cut in (
            len(request_),
            request_.index(b"h2c"),
            request_.index(b"\r\n\r\n") + 4,
            len(request_) - 3,
        ):
            await client.send(request_[:cut], request_[cut:])
            assert (await client.until(b"\r\n")).startswith(b"HTTP/1.1 200")
            await client.until(ANSWER)
            await client.until(b"}}}")


async def test_requests_behind_it_are_answered_too(server: uvicorn.Server) -> None:
    async with connected(server) as client:
        await client.send(UPGRADING + WHOLE + UPGRADING * 2 + WHOLE)
        for _ in range(5):
            await client.until(ANSWER)


async def test_the_wish_for_a_tunnel_is_not_read_again_and_again(server: uvicorn.Server) -> None:
    async with connected(server) as client, connected(server) as other:
        await client.send(CONNECT)
        await other.send(WHOLE)
        await other.until(ANSWER)


async def test_websockets_are_still_opened(server: uvicorn.Server) -> None:
    async with socket_to(server) as listener:
        await listener.begin()
