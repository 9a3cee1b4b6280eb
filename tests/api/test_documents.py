"""Trusted documents: sent by hash, and in production nothing else."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.auth.roles import Role
from app.services import Services
from app.shared.settings.model import Settings
from graphql_schema.documents import TEXTS, TRUSTED, document_hash
from tests.api.callers import Caller, client_of, sign_in
from tests.arrangements import a_shift
from tests.examples import DEVICE_ID

MY_CARD = TEXTS["my_card"]
REGISTER = TEXTS["register_guest"]


@pytest.fixture
async def production(settings: Settings, services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(settings.model_copy(update={"environment": "production"}), services) as client:
        yield client


def ways_to_name(text: str) -> list[dict[str, Any]]:
    digest = document_hash(text)
    return [
        {"documentId": digest},
        {"documentId": f"sha256:{digest}"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}},
    ]


def code(answer: httpx.Response) -> str:
    found: str = answer.json()["errors"][0]["extensions"]["code"]
    return found


@pytest.mark.parametrize("body", ways_to_name(REGISTER), ids=["id", "prefixed", "extension"])
async def test_an_official_operation_is_sent_by_its_hash(
    production: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    variables = {"input": {"deviceId": DEVICE_ID}}
    answer = await production.post("/graphql", json={**body, "variables": variables})
    assert answer.json()["data"]["registerGuest"]["__typename"] == "GuestRegistered"


async def test_an_official_operation_is_sent_by_its_text(production: httpx.AsyncClient) -> None:
    assert await Caller(production).send(MY_CARD) == {"me": None}


async def test_a_query_by_get_names_its_document(client: httpx.AsyncClient) -> None:
    answer = await client.get(
        "/graphql", params={"documentId": document_hash(MY_CARD)}, headers={"Accept": "*/json"}
    )
    assert answer.json()["data"] == {"me": None}


async def test_production_runs_nothing_else(production: httpx.AsyncClient) -> None:
    for query in ("{ me { id } }", MY_CARD + " ", "{ __typename }"):
        answer = await production.post("/graphql", json={"query": query})
        assert (answer.status_code, code(answer)) == (400, "DOCUMENT_NOT_TRUSTED")


async def test_a_partner_sends_any_query_within_its_cost(
    production: httpx.AsyncClient, services: Services
) -> None:
    partner, _ = await services.partners.create("Shop", [])
    shop = Caller(production, services.partners.grant(partner, None).token.text)
    assert await shop.send("{ stores { nodes { code } } }") == {"stores": {"nodes": []}}


async def test_staff_send_official_operations_only(production: httpx.AsyncClient, services: Services) -> None:
    clerk = Caller(production, (await a_shift(services, Role.HEADQUARTERS)).access_token)
    viewer = (await clerk.send(TEXTS["viewer"]))["viewer"]
    assert (viewer["__typename"], viewer["role"]) == ("StaffMember", "HEADQUARTERS")
    answer = await clerk.post("{ viewer { __typename } }")
    assert (answer.status_code, code(answer)) == (400, "DOCUMENT_NOT_TRUSTED")


@pytest.mark.parametrize("document_id", ["0" * 64, "", 5, ["x"], {"$ne": 1}, True])
async def test_an_unknown_hash_is_refused_and_never_learned(
    client: httpx.AsyncClient, document_id: object
) -> None:
    before = dict(TRUSTED)
    answer = await client.post("/graphql", json={"documentId": document_id})
    assert (answer.status_code, code(answer)) == (400, "PERSISTED_QUERY_NOT_FOUND")
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": document_hash("{ me { id } }")}}
    learning = await client.post("/graphql", json={"query": "{ me { id } }", "extensions": persisted})
    assert learning.status_code == 200
    answer = await client.post("/graphql", json={"extensions": persisted})
    assert code(answer) == "PERSISTED_QUERY_NOT_FOUND"
    assert dict(TRUSTED) == before


async def test_development_runs_any_query(client: httpx.AsyncClient) -> None:
    member = await sign_in(client, DEVICE_ID)
    assert (await member.send("{ me { number } }"))["me"]


async def test_a_request_without_any_document_is_malformed(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"variables": {}})
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


async def test_pages_are_told_the_hash_of_each_official_operation(production: httpx.AsyncClient) -> None:
    hashes = (await production.get("/operations.json")).json()
    assert hashes["my_card"] == document_hash(MY_CARD)
    assert set(hashes.values()) == set(TRUSTED)
