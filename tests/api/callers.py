"""Who sends GraphQL requests to the application of a test, and how each is let in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app.auth.roles import Role
from app.main import create_application
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.arrangements import a_shift, add_stores
from tests.examples import a_store

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
    text = TEXTS[operation]
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


async def sign_in(client: httpx.AsyncClient, device_id: str) -> Caller:
    data = await Caller(client).send(REGISTER, {"deviceId": device_id})
    registered = data["registerGuest"]
    return Caller(client, registered["accessToken"], registered["member"]["id"])


async def staff_of(
    client: httpx.AsyncClient, services: Services, database: Database, role: Role, store_id: str | None
) -> Caller:
    """A new staff member on shift on a new device of this store, which is made if it is not there."""
    if store_id is not None and await services.stores.get(store_id) is None:
        await add_stores(database, a_store(id=store_id))
    shift = await a_shift(services, role, store_id)
    return Caller(client, shift.access_token, encode_id("StaffMember", shift.member.id))
