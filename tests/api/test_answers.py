"""What leaves the house: errors without the inside, the probes, and the page."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.errors import AutoReconnect, ExecutionTimeout
from strawberry.extensions.parser_cache import _get_parse_cache

from app.auth.sessions import SessionRepository
from app.main import create_application
from app.services import Services
from app.shared.mongodb.database import ConcurrentChange
from app.shared.settings.model import Settings
from app.stores.service import StoreService
from graphql_schema import limits
from graphql_schema.bodies import MAXIMUM_BATCH_BODY_BYTES, MAXIMUM_BODY_BYTES
from graphql_schema.graphiql import FILES, graphiql_page
from tests.api.callers import Caller, client_of
from tests.conftest import MovableClock

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


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("127.0.0.1:27017: closed"),
        ExecutionTimeout("127.0.0.1:27017: too late"),
        ConcurrentChange(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_unreachable_mongodb_can_be_tried_again(
    anonymous: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def fail(*arguments: Any, **named: Any) -> None:
        raise error

    monkeypatch.setattr(StoreService, "search", fail)
    answer = await anonymous.post("{ stores { nodes { id } } }")
    (answered,) = answer.json()["errors"]
    assert answered["extensions"] == {"code": "UNAVAILABLE"}
    assert "27017" not in answer.text


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(AutoReconnect("closed"), 503, "UNAVAILABLE"), (ZeroDivisionError("secret"), 500, "INTERNAL_ERROR")],
    ids=["unavailable", "bug"],
)
async def test_what_fails_before_the_query_is_answered_too(
    member: Caller,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    code: str,
) -> None:
    async def fail(*arguments: Any) -> None:
        raise error

    monkeypatch.setattr(SessionRepository, "get", fail)
    clock.advance(timedelta(minutes=1))
    answer = await member.post("{ me { id } }")
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        f"{{ stores(first: {'9' * 5000}) {{ nodes {{ id }} }} }}",
        "{",
        "{ nothing }",
        "mutation { checkIn }",
        "query ($x: Nope) { me { id } }",
        "{ me }",
        'mutation { defineSegment(input: {code: "x", names: {ja: "x", en: "x"}, '
        "condition: {milesAtLeast: 1, seenWithinDays: 1}}) { __typename } }",
        "\x00",
    ],
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


async def test_every_failure_is_json_with_a_code(client: httpx.AsyncClient) -> None:
    too_large = await client.post("/graphql", json={"query": "{ me { id } } #" + "x" * 70_000})
    by_form = await client.post("/graphql", data={"query": "{ me { id } }"})
    by_put = await client.put("/graphql")
    for answer, status, code in (
        (too_large, 413, "BODY_TOO_LARGE"),
        (by_form, 400, "BAD_REQUEST"),
        (by_put, 405, "BAD_REQUEST"),
    ):
        assert answer.status_code == status
        assert answer.json()["errors"][0]["extensions"]["code"] == code


async def test_the_answer_comes_in_the_media_type_that_is_accepted(anonymous: Caller) -> None:
    new = "application/graphql-response+json"
    for query, status in (("{ me { id } }", 200), ("{ nothing }", 400), ("{", 400)):
        answer = await anonymous.post(query, Accept=new)
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, f"{new}; charset=utf-8")
        answer = await anonymous.post(query, Accept="application/json")
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            200,
            "application/json; charset=utf-8",
        )
        assert ("data" in answer.json()) is (status == 200)


@pytest.mark.parametrize(
    ("accept", "is_new"),
    [
        ("application/graphql-response+json; charset=utf-8, application/json;q=0.9", True),
        ("application/json, application/GraphQL-response+json;q=0.5", True),
        ("application/graphql-response+json;q=0, application/json", False),
        ("*/*", False),
    ],
)
async def test_the_accept_header_is_read_to_the_letter(anonymous: Caller, accept: str, is_new: bool) -> None:
    answer = await anonymous.post("{ me { id } }", Accept=accept)
    assert answer.headers["Content-Type"].startswith("application/graphql-response+json") is is_new
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_missing_file_of_graphiql_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/graphiql/x.js")).status_code == 404


async def test_a_mutation_by_get_is_refused(client: httpx.AsyncClient) -> None:
    query = 'mutation { registerGuest(input: {deviceId: "%s"}) { __typename } }' % ("x" * 30)
    answer = await client.get("/graphql", params={"query": query})
    assert answer.status_code == 400


async def test_graphiql_is_for_development_only(
    client: httpx.AsyncClient, settings: Settings, services: Services
) -> None:
    assert "graphiql" in (await client.get("/graphql", headers={"Accept": "text/html"})).text
    async with client_of(settings.model_copy(update={"environment": "production"}), services) as production:
        answer = await production.get("/graphql", headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert "production" in (await production.get("/")).text


def loaded_addresses(page: str) -> str:
    return " ".join(re.findall(r'(?:src|href)="([^"]+)"', page))


def test_graphiql_is_loaded_from_our_folder_once_it_is_whole(tmp_path: Path) -> None:
    assert FILES
    assert "https://" in loaded_addresses(graphiql_page(tmp_path))
    for package, path in FILES:
        (tmp_path / package / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / package / path).write_text("")
    assert "https://" not in loaded_addresses(graphiql_page(tmp_path))


async def test_a_document_is_parsed_and_validated_once(
    anonymous: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "query OnceAndNotAgain { me { id } }"
    await anonymous.send(query)

    def never(*arguments: Any, **named: Any) -> None:
        raise AssertionError("done again")

    monkeypatch.setattr(limits, "validate", never)
    parsed = _get_parse_cache(limits.CACHED_DOCUMENTS).cache_info()  # type: ignore[attr-defined]
    await anonymous.send(query)
    again = _get_parse_cache(limits.CACHED_DOCUMENTS).cache_info()  # type: ignore[attr-defined]
    assert (again.hits, again.misses) == (parsed.hits + 1, parsed.misses)


async def test_the_probes(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).text == "ok\n"
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "mongodb": "ok"})


async def test_who_is_asked_to_end_serves_on_and_sends_callers_elsewhere(
    settings: Settings, services: Services
) -> None:
    application = create_application(settings)
    application.state.services = services
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://tsunagu.test") as client:
        assert "Connection" not in (await client.get("/healthz")).headers
        application.state.draining.set()
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"ready": False, "leaving": True})
        answer = await client.post("/graphql", json={"query": "{ __typename }"})
        assert answer.json()["data"] == {"__typename": "Query"}
        assert answer.headers["Connection"] == "close"


async def test_the_public_keys_are_there(client: httpx.AsyncClient, services: Services) -> None:
    (key,) = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert key["kid"] == services.signing_keys.signing_key(services.clock.now()).id
    assert "d" not in key


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


async def test_who_sends_batches_may_send_a_larger_body(
    anonymous: Caller, member: Caller, manager: Caller, headquarters: Caller, till: Caller
) -> None:
    query = "{ stores { nodes { id } } }"
    for caller, limit in (
        (anonymous, MAXIMUM_BODY_BYTES),
        (member, MAXIMUM_BODY_BYTES),
        (manager, MAXIMUM_BATCH_BODY_BYTES),
        (headquarters, MAXIMUM_BATCH_BODY_BYTES),
        (till, MAXIMUM_BATCH_BODY_BYTES),
    ):
        empty = len(b'{"query":"","variables":{"x":""}}') + len(query) + 2
        assert (await caller.post(query, {"x": "y" * (limit - empty - 100)})).status_code == 200
        answer = await caller.post(query, {"x": "y" * limit})
        assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
            413,
            f"A body has at most {limit} bytes.",
        )


async def test_strangers_of_one_network_share_a_budget(settings: Settings, services: Services) -> None:
    application = create_application(settings)
    application.state.services = services

    async def available(address: str) -> int:
        transport = httpx.ASGITransport(application, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://tsunagu.test") as client:
            answer = (await Caller(client).post("{ __typename }")).json()
        left: int = answer["extensions"]["cost"]["available"]
        return left

    first = await available("2001:db8:1:2::1")
    assert await available("2001:db8:1:2:ffff::2") < first
    assert await available("2001:db8:1:3::1") == first
