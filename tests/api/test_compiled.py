"""Official operations over HTTP, with plans and without: nobody can tell."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.main import create_application
from app.services import Services
from app.shared.settings.model import Settings
from graphql_schema.compiled.plans import Plan
from graphql_schema.documents import HASHES, TEXTS
from tests.api.callers import Caller

MY_CARD = TEXTS["my_card"]
NEARBY = TEXTS["nearby_stores"]
STORE = TEXTS["store"]
PLACE = {"latitude": 34.7025, "longitude": 135.4959}


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The names of the operations that plans have run."""
    names: list[str | None] = []
    execute = Plan.execute

    async def watched(plan: Plan, *arguments: Any) -> Any:
        names.append(plan.name)
        return await execute(plan, *arguments)

    monkeypatch.setattr(Plan, "execute", watched)
    return names


@pytest.fixture
async def without_plans(settings: Settings, services: Services) -> AsyncIterator[httpx.AsyncClient]:
    application = create_application(settings.model_copy(update={"compiled_operations": "off"}))
    application.state.services = services
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


REQUESTS: dict[str, dict[str, Any]] = {
    "a text": {"query": MY_CARD},
    "a hash": {"documentId": f"sha256:{HASHES['my_card']}"},
    "a persisted query": {"extensions": {"persistedQuery": {"sha256Hash": HASHES["my_card"], "version": 1}}},
    "the operation's name": {"query": MY_CARD, "operationName": "MyCard"},
    "variables": {"query": NEARBY, "variables": {"near": PLACE, "first": 3}},
    "variables that nobody asked for": {"query": MY_CARD, "variables": {"first": "many"}},
    "another name": {"query": MY_CARD, "operationName": "Other"},
    "no variables": {"query": STORE},
    "variables of another type": {"query": NEARBY, "variables": {"near": PLACE, "first": "three"}},
    "variables that are no object": {"query": NEARBY, "variables": [1]},
    "an unknown hash": {"documentId": "sha256:0"},
    "a page that is too large": {"query": NEARBY, "variables": {"near": PLACE, "first": 1_000}},
    "another document": {"query": "{ me { id } }"},
    "nothing": {},
}
LEFT_TO_GRAPHQL_CORE = {
    *("another name", "no variables", "variables of another type", "variables that are no object"),
    *("an unknown hash", "another document", "nothing"),
}


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
@pytest.mark.parametrize("caller", ["member", "stranger"])
@pytest.mark.parametrize("name", REQUESTS)
async def test_the_answer_is_the_same_without_plans(
    name: str, caller: str, accept: str, member: Caller, without_plans: httpx.AsyncClient, runs: list[str]
) -> None:
    headers = {"Accept": accept, "X-Request-Id": "the-same-for-both"}
    if caller == "member":
        headers["Authorization"] = f"Bearer {member.token}"
    runs.clear()
    by_plan = await member.client.post("/graphql", json=REQUESTS[name], headers=headers)
    assert bool(runs) == (name not in LEFT_TO_GRAPHQL_CORE)
    runs.clear()
    by_graphql_core = await without_plans.post("/graphql", json=REQUESTS[name], headers=headers)
    assert not runs
    assert by_plan.status_code == by_graphql_core.status_code
    assert dict(by_plan.headers) == dict(by_graphql_core.headers) | _length_of(by_plan)
    assert _without_balance(by_plan.json()) == _without_balance(by_graphql_core.json())


def _length_of(answer: httpx.Response) -> dict[str, str]:
    return {"content-length": answer.headers["content-length"]}


def _without_balance(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer but for what is left of the budget: the two applications have one each."""
    answer.get("extensions", {}).get("cost", {}).pop("available", None)
    return answer


async def test_who_has_used_up_her_budget_is_told_so_by_graphql_core(
    member: Caller, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphql_schema.budget.CAPACITY", 1)
    (error,) = await member.errors(MY_CARD)
    assert error["extensions"]["code"] == "THROTTLED"
    assert not runs
