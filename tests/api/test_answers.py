"""What leaves the house: errors without the inside, the probes, and the page."""

import re
from typing import Any

import httpx
import pytest
from pymongo.errors import AutoReconnect

from app.main import create_application
from app.services import Services
from app.shared.settings import Settings
from app.stores.service import StoreService
from tests.api.conftest import Caller

NUMBER = b"9" * 5000


async def test_a_bug_is_masked_and_its_id_stands_in_the_log(
    anonymous: Caller, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(*arguments: Any, **named: Any) -> None:
        raise ZeroDivisionError("secret thing")

    monkeypatch.setattr(StoreService, "search", fail)
    answer = await anonymous.post("{ stores { nodes { id } } }", Accept_Language="en")
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert error["extensions"]["errorId"] in error["message"]
    assert "secret thing" not in answer.text
    logged = capsys.readouterr()
    assert error["extensions"]["errorId"] in logged.out + logged.err


async def test_an_unreachable_mongodb_can_be_tried_again(
    anonymous: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*arguments: Any, **named: Any) -> None:
        raise AutoReconnect("127.0.0.1:27017: closed")

    monkeypatch.setattr(StoreService, "search", fail)
    answer = await anonymous.post("{ stores { nodes { id } } }")
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE"}
    assert "27017" not in answer.text


@pytest.mark.parametrize(
    "query", ["{", "{ nothing }", "mutation { checkIn }", "query ($x: Nope) { me { id } }", "{ me }", "\x00"]
)
async def test_a_malformed_query_is_the_callers_fault(anonymous: Caller, query: str) -> None:
    errors = await anonymous.errors(query)
    assert all(error["extensions"]["code"] == "BAD_REQUEST" for error in errors)


@pytest.mark.parametrize(
    "body",
    [b"1", b"null", b'"x"', b"[]", b"", b"{", b"\xff", b'{"query": ""}', b'{"query": 5}', b"[" * 100_000,
     b'{"query": "{me{id}}", "variables": 1}', b'{"query": "{me{id}}", "variables": {"x": %s}}' % NUMBER],
)  # fmt: skip
async def test_a_malformed_body_is_the_callers_fault(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500


async def test_a_mutation_by_get_is_refused(client: httpx.AsyncClient) -> None:
    query = 'mutation { registerGuest(input: {deviceId: "%s"}) { __typename } }' % ("x" * 30)
    answer = await client.get("/graphql", params={"query": query})
    assert answer.status_code == 400


async def test_graphiql_is_for_development_only(
    client: httpx.AsyncClient, settings: Settings, services: Services
) -> None:
    assert "graphiql" in (await client.get("/graphql", headers={"Accept": "text/html"})).text
    application = create_application(settings.model_copy(update={"environment": "production"}))
    application.state.services = services
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://tsunagu.test") as production:
        answer = await production.get("/graphql", headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "production" in (await production.get("/")).text


async def test_the_probes(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).text == "ok\n"
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "mongodb": "ok"})


async def test_the_page_says_what_is_here_in_both_languages(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "つなぐ" in page.text
    assert 'lang="en"' in page.text
    assert 'lang="ja"' in page.text
    assert "{{" not in page.text


async def test_the_page_loads_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', page)
    assert loaded
    for address in loaded:
        assert address.startswith(("/assets/", "data:"))
        if address.startswith("/"):
            assert (await client.get(address)).status_code == 200
