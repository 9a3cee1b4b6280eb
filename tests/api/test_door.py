"""The door: request ids, careful headers, other origins, and a schema that strangers cannot read."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from app.auth.partners import Scope
from app.services import Services
from app.shared.logging import with_request_id
from app.shared.settings.model import Settings
from app.stores.service import StoreService
from tests.api.callers import Caller, client_of
from tests.conftest import MovableClock

INTROSPECTION = "{ __schema { types { name } } }"


async def test_every_answer_has_an_id_and_careful_headers(client: httpx.AsyncClient) -> None:
    seen = set()
    for path in ("/", "/healthz", "/readyz", "/nowhere", "/assets/welcome.css"):
        answer = await client.get(path)
        seen.add(answer.headers["X-Request-Id"])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Strict-Transport-Security" not in answer.headers
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("given", "kept"), [("a-trace-0001", True), ("short", False), ("x" * 65, False), ("a b c d e f g", False)]
)
async def test_a_callers_own_id_is_kept_if_it_is_plain(
    client: httpx.AsyncClient, given: str, kept: bool
) -> None:
    answer = await client.get("/healthz", headers={"X-Request-Id": given})
    assert (answer.headers["X-Request-Id"] == given) is kept


async def test_the_id_stands_in_the_log(anonymous: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*arguments: Any, **named: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(StoreService, "search", fail)
    with capture_logs(processors=[with_request_id]) as logs:
        await anonymous.post("{ stores { nodes { id } } }", X_Request_Id="a-trace-0001")
    (logged,) = [each for each in logs if each["event"] == "internal_error"]
    assert logged["request_id"] == "a-trace-0001"


async def test_a_bug_outside_graphql_is_answered_with_the_same_care(
    client: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(type(services.signing_keys), "to_jwks", fail)
    with capture_logs(processors=[with_request_id]) as logs:
        answer = await client.get("/.well-known/jwks.json")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error\n")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    (logged,) = [each for each in logs if each["event"] == "request_failed"]
    assert logged["request_id"] == answer.headers["X-Request-Id"]


async def test_no_redirect_leads_elsewhere(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql/", headers={"Host": "evil.example"})
    assert answer.status_code == 404


async def test_requests_are_logged_when_that_is_wanted(settings: Settings, services: Services) -> None:
    async with client_of(settings.model_copy(update={"access_log": True}), services) as client:
        with capture_logs() as logs:
            await client.get("/healthz")
            await client.get("/nowhere")
    (logged,) = [each for each in logs if each["event"] == "request"]
    assert (logged["method"], logged["path"], logged["status"]) == ("GET", "/nowhere", 404)


async def test_pages_of_other_origins_call_only_by_setting(
    client: httpx.AsyncClient, settings: Settings, services: Services
) -> None:
    preflight = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    refused = await client.options("/graphql", headers=preflight)
    assert "Access-Control-Allow-Origin" not in refused.headers
    allowing = settings.model_copy(update={"cors_origins": ("https://app.example",)})
    async with client_of(allowing, services) as allowed:
        answer = await allowed.options("/graphql", headers=preflight)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
        other = await allowed.options("/graphql", headers={**preflight, "Origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in other.headers


@pytest.fixture
async def production(settings: Settings, services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(settings.model_copy(update={"environment": "production"}), services) as client:
        yield client


async def a_partner(client: httpx.AsyncClient, services: Services, *scopes: Scope) -> Caller:
    partner, _ = await services.partners.create("Shop", scopes)
    return Caller(client, services.partners.grant(partner, None).token.text)


async def test_who_has_no_scope_for_it_does_not_read_the_schema(
    production: httpx.AsyncClient, services: Services
) -> None:
    shop = await a_partner(production, services, Scope.CARDS_VERIFY)
    hidden = 'query { ...F } fragment F on Query { __type(name: "Member") { name } }'
    for query in (INTROSPECTION, hidden):
        (error,) = await shop.errors(query)
        assert error["extensions"]["code"] == "INTROSPECTION_REFUSED"
    assert await shop.send("{ __typename }") == {"__typename": "Query"}


async def test_a_partner_with_the_scope_reads_the_schema(
    production: httpx.AsyncClient, services: Services
) -> None:
    builder = await a_partner(production, services, Scope.SCHEMA_READ)
    assert "Member" in {each["name"] for each in (await builder.send(INTROSPECTION))["__schema"]["types"]}
    (error,) = await builder.errors("{ stors { id } }")
    assert "Did you mean" in error["message"]


async def test_who_does_not_read_the_schema_is_given_no_hints_at_names(
    production: httpx.AsyncClient, services: Services
) -> None:
    shop = await a_partner(production, services)
    for query in ("{ store }", "{ stors { id } }", "{ stores(neer: 1) { nodes { id } } }"):
        errors = await shop.errors(query)
        assert all("Did you mean" not in error["message"] for error in errors)


async def test_production_asks_browsers_to_stay_on_https(settings: Settings, services: Services) -> None:
    async with client_of(settings.model_copy(update={"environment": "production"}), services) as client:
        assert (await client.get("/healthz")).headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_development_shows_its_schema(anonymous: Caller) -> None:
    assert (await anonymous.send(INTROSPECTION))["__schema"]
    (error,) = await anonymous.errors("{ stors { id } }")
    assert "Did you mean" in error["message"]


async def test_each_answer_tells_its_cost_and_who_asks_too_much_must_wait(
    member: Caller, other_member: Caller, clock: MovableClock
) -> None:
    query = "{ stores(first: 100) { nodes { hours { opens closes weekday } kana } } }"
    answers = [(await member.post(query)).json() for _ in range(20)]
    cost = answers[0]["extensions"]["cost"]
    assert cost["requested"] == 1 + 100 * (1 + 1 + 1 + 3 * 10)
    assert cost["capacity"] - cost["available"] >= cost["requested"]
    (error,) = answers[-1]["errors"]
    assert error["extensions"]["code"] == "THROTTLED"
    assert error["message"].startswith("短時間に多くのリクエスト")
    assert (await other_member.post(query)).json()["data"]
    clock.advance(timedelta(seconds=error["extensions"]["waitSeconds"]))
    assert (await member.post(query)).json()["data"]


async def test_strangers_share_the_budget_of_their_address(anonymous: Caller, member: Caller) -> None:
    query = "{ stores(first: 100) { nodes { hours { opens closes weekday } kana } } }"
    for _ in range(20):
        answer = (await anonymous.post(query)).json()
    assert answer["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert (await member.post(query)).json()["data"]
