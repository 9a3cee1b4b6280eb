"""The application without a socket, on the services of the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from app.auth.partners import Scope
from app.auth.roles import Role
from app.main import create_application
from app.services import Services
from app.shared.database import Database
from app.shared.settings import Settings
from graphql_schema.node import encode_id
from tests.api.live import serving
from tests.arrangements import a_shift, add_skus, add_stores
from tests.conftest import MovableClock
from tests.examples import DEVICE_ID, a_store
from tests.integration.stockroom import Stockroom

OPERATIONS = Path(__file__).parents[2] / "graphql_schema" / "operations"
REGISTER = """
mutation ($deviceId: String!) {
  registerGuest(input: {deviceId: $deviceId}) {
    ... on GuestRegistered { member { id number } accessToken refreshToken expiresAt }
  }
}
"""


class Caller:
    """Somebody who sends GraphQL requests. `member_id` is the id of the member, staff member or partner."""

    def __init__(self, client: httpx.AsyncClient, token: str | None = None, member_id: str = "") -> None:
        self.client = client
        self.token = token
        self.member_id = member_id

    async def post(
        self, query: str, variables: dict[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return await self.client.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    async def send(
        self, query: str, variables: dict[str, Any] | None = None, **headers: str
    ) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = (await self.post(query, variables, **headers)).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def errors(self, query: str, variables: dict[str, Any] | None = None, **headers: str) -> list[Any]:
        """The top-level errors of an answer."""
        errors: list[Any] = (await self.post(query, variables, **headers)).json()["errors"]
        return errors


async def run(caller: Caller, operation: str, given: dict[str, Any] | None = None) -> Any:
    """The answer of an official operation: what stands in its only field."""
    text = (OPERATIONS / f"{operation}.graphql").read_text(encoding="utf-8")
    (answer,) = (await caller.send(text, {"input": given} if given else None)).values()
    return answer


@asynccontextmanager
async def client_of(settings: Settings, services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application with these settings, on the services of the test."""
    application = create_application(settings)
    application.state.services = services
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://tsunagu.test") as client:
        yield client


@pytest.fixture
async def client(settings: Settings, services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(settings, services) as client:
        yield client


@pytest.fixture(autouse=True)
def indexes(commands_fit_much_data: None) -> None:
    """Whatever a test of the API does, no collection that grows is read from end to end."""


@pytest.fixture
async def server(settings: Settings, services: Services) -> AsyncIterator[uvicorn.Server]:
    """The application on a real socket."""
    async with serving(settings, services) as server:
        yield server


@pytest.fixture
async def stockroom(services: Services, database: Database, clock: MovableClock) -> Stockroom:
    """Of the store `here`, for umbrellas."""
    await add_stores(database, a_store(id="here"))
    await add_skus(database, "umbrella")
    return Stockroom(services, clock)


@pytest.fixture
def anonymous(client: httpx.AsyncClient) -> Caller:
    return Caller(client)


async def sign_in(client: httpx.AsyncClient, device_id: str) -> Caller:
    data = await Caller(client).send(REGISTER, {"deviceId": device_id})
    registered = data["registerGuest"]
    return Caller(client, registered["accessToken"], registered["member"]["id"])


@pytest.fixture
async def member(client: httpx.AsyncClient) -> Caller:
    return await sign_in(client, DEVICE_ID)


@pytest.fixture
async def other_member(client: httpx.AsyncClient) -> Caller:
    return await sign_in(client, "another-device-" + DEVICE_ID)


async def staff_of(
    client: httpx.AsyncClient, services: Services, database: Database, role: Role, store_id: str | None
) -> Caller:
    """A new staff member on shift on a new device of this store, which is made if it is not there."""
    if store_id is not None and await services.stores.get(store_id) is None:
        await add_stores(database, a_store(id=store_id))
    shift = await a_shift(services, role, store_id)
    return Caller(client, shift.access_token, encode_id("StaffMember", shift.member.id))


@pytest.fixture
async def headquarters(client: httpx.AsyncClient, services: Services, database: Database) -> Caller:
    return await staff_of(client, services, database, Role.HEADQUARTERS, None)


@pytest.fixture
async def manager(client: httpx.AsyncClient, services: Services, database: Database) -> Caller:
    """The manager of store-1."""
    return await staff_of(client, services, database, Role.STORE_MANAGER, "store-1")


@pytest.fixture
async def clerk(client: httpx.AsyncClient, services: Services, database: Database) -> Caller:
    """A counter clerk of store-1."""
    return await staff_of(client, services, database, Role.COUNTER, "store-1")


@pytest.fixture
async def listener(client: httpx.AsyncClient, services: Services) -> Caller:
    """A partner that is told of check-ins."""
    partner, _ = await services.partners.create("CRM", [Scope.EVENTS_READ, Scope.CHECK_INS_READ])
    token = services.partners.grant(partner, None).token.text
    return Caller(client, token, encode_id("Partner", partner.id))


@pytest.fixture
async def till(client: httpx.AsyncClient, services: Services) -> Caller:
    """A partner that may verify cards, and report stock and purchases."""
    scopes = [Scope.CARDS_VERIFY, Scope.STOCK_WRITE, Scope.PURCHASES_WRITE]
    partner, _ = await services.partners.create("Till", scopes)
    return Caller(client, services.partners.grant(partner, None).token.text)


@pytest.fixture
async def merchandiser(client: httpx.AsyncClient, services: Services) -> Caller:
    """A partner that looks after the catalogue."""
    partner, _ = await services.partners.create("Merchandise system", [Scope.CATALOG_WRITE])
    return Caller(client, services.partners.grant(partner, None).token.text)
