"""The same HTTP requests, good and malformed, with plans and without: the same status, headers and bytes."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest

from app.services import Services
from app.shared.settings.model import Settings
from graphql_schema.bodies import MAXIMUM_BATCH_BODY_BYTES, MAXIMUM_BODY_BYTES
from graphql_schema.compiled.plans import Plan
from graphql_schema.documents import HASHES, TEXTS
from tests.api.callers import Caller, client_of, run, sign_in
from tests.conftest import MovableClock

MY_CARD = TEXTS["my_card"]
NEARBY = TEXTS["nearby_stores"]
CHECK_IN = TEXTS["check_in"]
EVENTS = TEXTS["events"]
ORDER_CHANGED = TEXTS["order_changed"]
FAR_AWAY = {"latitude": 0.0, "longitude": 0.0, "accuracyMeters": 5, "measuredAt": "2026-11-21T03:00:00Z"}
WISH = {"storeId": "U3RvcmU6c3RvcmUtMQ", "location": FAR_AWAY, "idempotencyKey": "the-same-wish"}
ERROR_ID = re.compile(rb"[0-9a-f]{32}")

Headers = Mapping[str, str]
JSON = {"Content-Type": "application/json"}
NEW = {"Accept": "application/graphql-response+json"}


@dataclass(frozen=True)
class Sent:
    """One request to `/graphql`."""

    content: bytes = b""
    headers: Headers = field(default_factory=dict)
    method: str = "POST"
    query: str = ""


def posted(body: object, headers: Headers | None = None) -> Sent:
    return Sent(orjson.dumps(body), {**JSON, **(headers or {})})


CARD = {"query": MY_CARD}
OF_A_SIZE = b'{"documentId": "%s", "variables": {"x": "%%s"}}' % HASHES["my_card"].encode()


def of_size(size: int) -> Sent:
    """A request for the card with a body of so many bytes."""
    return Sent(OF_A_SIZE % (b"x" * (size - len(OF_A_SIZE % b""))), JSON)


FORM = (
    b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query": "{ me { id } }"}\r\n--x--\r\n'
)
REQUESTS: dict[str, Sent] = {
    "a text": posted(CARD),
    "a hash": posted({"documentId": HASHES["my_card"]}),
    "a persisted query": posted({"extensions": {"persistedQuery": {"sha256Hash": HASHES["my_card"]}}}),
    "an unknown hash": posted({"documentId": "sha256:0"}),
    "a hash that is a number": posted({"documentId": 5}),
    "variables": posted({"query": NEARBY, "variables": {"near": {"latitude": 34.7, "longitude": 135.5}}}),
    "variables of another type": posted({"query": NEARBY, "variables": {"first": "three"}}),
    "variables that are no object": posted({"query": NEARBY, "variables": [1]}),
    "a page that is too large": posted({"query": NEARBY, "variables": {"first": 1000}}),
    "a refused mutation": posted({"query": CHECK_IN, "variables": {"input": WISH}}),
    "a mutation without its input": posted({"query": CHECK_IN}),
    "what others may read": posted({"query": EVENTS}),
    "a subscription": posted({"query": ORDER_CHANGED, "variables": {"id": "T3JkZXI6MQ"}}),
    "the operation's name": posted({**CARD, "operationName": "MyCard"}),
    "another name": posted({**CARD, "operationName": "Other"}),
    "another document": posted({"query": "{ me { id nickname } }"}),
    "no such field": posted({"query": "{ nothing }"}),
    "a batch": posted([CARD, CARD]),
    "nothing": posted({}),
    "null": posted(None),
    "a number": posted(1),
    "no body": Sent(b"", JSON),
    "half a body": Sent(b'{"query": ', JSON),
    "no UTF-8": Sent(b'{"query": "\xff"}', JSON),
    "nested deeply": Sent(b"[" * 10_000, JSON),
    "the largest body": of_size(MAXIMUM_BODY_BYTES),
    "too large a body": of_size(MAXIMUM_BODY_BYTES + 1),
    "too large a batch": of_size(MAXIMUM_BATCH_BODY_BYTES + 1),
    "another content type": Sent(orjson.dumps(CARD), {"Content-Type": "text/plain"}),
    "no content type": Sent(orjson.dumps(CARD)),
    "a content type with its charset": posted(CARD, {"Content-Type": "application/json; charset=utf-8"}),
    "a content type in capitals": posted(CARD, {"Content-Type": "Application/JSON"}),
    "a form": Sent(b"query=%7Bme%7Bid%7D%7D", {"Content-Type": "application/x-www-form-urlencoded"}),
    "several parts": Sent(FORM, {"Content-Type": "multipart/form-data; boundary=x"}),
    "the new media type": posted(CARD, NEW),
    "the new media type for a bad request": posted({"query": "{ nothing }"}, NEW),
    "the new media type in capitals": posted(CARD, {"Accept": "Application/GraphQL-Response+JSON;q=0.1"}),
    "the new media type unwanted": posted(CARD, {"Accept": "application/graphql-response+json;q=0, */*"}),
    "any media type": posted(CARD, {"Accept": "*/*"}),
    "a page of HTML": posted(CARD, {"Accept": "text/html"}),
    "a stream": posted(CARD, {"Accept": "text/event-stream"}),
    "Japanese": posted(CARD, {"Accept-Language": "ja"}),
    "English before Japanese": posted(CARD, {"Accept-Language": "fr, ja;q=0.5, en;q=0.8"}),
    "no language that we speak": posted(CARD, {"Accept-Language": "fr"}),
    "GET": Sent(method="GET", query="?query=%7Bme%7Bid%7D%7D"),
    "GET of a hash": Sent(method="GET", query=f"?documentId={HASHES['my_card']}"),
    "GET of a page": Sent(method="GET", headers={"Accept": "text/html"}),
    "PUT": Sent(orjson.dumps(CARD), JSON, "PUT"),
    "HEAD": Sent(method="HEAD"),
    "a path of its own": Sent(orjson.dumps(CARD), JSON, query="/"),
}
CALLERS = (
    *("member", "stranger", "clerk", "partner", "whose token ended", "whose session ended"),
    *("with a forged token", "with another scheme", "without a scheme", "with an empty header"),
)
SOME = {
    *("a text", "another document", "too large a body", "too large a batch", "the new media type"),
    *("half a body", "English before Japanese", "a batch", "GET", "a refused mutation"),
    *("what others may read",),
}
CASES = [
    (caller, name)
    for caller in CALLERS
    for name in REQUESTS
    if caller in {"member", "stranger"} or name in SOME
]


class Engines:
    """Two applications with the same services, the first with plans; and how each caller shows who it is."""

    def __init__(self, clients: list[httpx.AsyncClient], authorizations: Mapping[str, str | None]) -> None:
        self._clients = clients
        self._authorizations = authorizations

    async def answers(self, caller: str, sent: Sent) -> list[httpx.Response]:
        headers = {"X-Request-Id": "the-same-for-both", **sent.headers}
        authorization = self._authorizations[caller]
        if authorization is not None:
            headers["Authorization"] = authorization
        return [
            await client.request(sent.method, f"/graphql{sent.query}", content=sent.content, headers=headers)
            for client in self._clients
        ]


@pytest.fixture
async def ended(client: httpx.AsyncClient, clock: MovableClock) -> Caller:
    """A member whose token has ended."""
    caller = await sign_in(client, "a-device-whose-token-has-ended")
    clock.advance(timedelta(days=1))
    return caller


@pytest.fixture
async def signed_out(ended: Caller, client: httpx.AsyncClient) -> Caller:
    """A member who has signed out."""
    caller = await sign_in(client, "a-device-whose-session-has-ended")
    await run(caller, "sign_out")
    return caller


@pytest.fixture
def authorizations(
    ended: Caller, signed_out: Caller, member: Caller, clerk: Caller, listener: Caller
) -> dict[str, str | None]:
    return {
        "member": f"Bearer {member.token}",
        "stranger": None,
        "clerk": f"Bearer {clerk.token}",
        "partner": f"bearer {listener.token}",
        "whose token ended": f"Bearer {ended.token}",
        "whose session ended": f"Bearer {signed_out.token}",
        "with a forged token": f"Bearer {member.token}x",
        "with another scheme": f"Basic {member.token}",
        "without a scheme": f"{member.token}",
        "with an empty header": "",
    }


@pytest.fixture(params=["development", "production"])
async def engines(
    request: pytest.FixtureRequest,
    settings: Settings,
    services: Services,
    authorizations: dict[str, str | None],
) -> AsyncIterator[Engines]:
    async with AsyncExitStack() as stack:
        clients = []
        for plans in ("on", "off"):
            given = {"environment": request.param, "compiled_operations": plans}
            of_one = client_of(settings.model_copy(update=given), services)
            clients.append(await stack.enter_async_context(of_one))
        yield Engines(clients, authorizations)


async def test_nobody_can_tell_which_engine_answers(
    engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str | None] = []
    execute = Plan.execute

    async def watched(plan: Plan, *arguments: Any) -> Any:
        ran.append(plan.name)
        return await execute(plan, *arguments)

    monkeypatch.setattr(Plan, "execute", watched)
    statuses = {}
    for caller, name in CASES:
        by_plan, by_graphql_core = await engines.answers(caller, REQUESTS[name])
        assert told(by_plan) == told(by_graphql_core), (caller, name)
        statuses[caller, name] = by_plan.status_code
    assert {"MyCard", "KnownStores", "CheckIn", "Events"} <= set(ran)
    assert set(statuses.values()) >= {200, 400, 401, 404, 405, 413}
    assert {caller for caller in CALLERS if statuses[caller, "a text"] == 401} == set(CALLERS[4:])


def told(answer: httpx.Response) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers in their order, and the body; the id of an error is its own."""
    return answer.status_code, answer.headers.raw, ERROR_ID.sub(b"an id", answer.content)
