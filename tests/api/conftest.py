"""The application without a socket, on the services of the test."""

from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn

from app.auth.partners import Scope
from app.auth.roles import Role
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from graphql_schema.node import encode_id
from tests.api.callers import Caller, client_of, sign_in, staff_of
from tests.api.live import serving
from tests.api.live_stock import KEY
from tests.api.stock_reports import FAR, HERE, NEAR_BY, Reports
from tests.arrangements import add_catalog, add_skus, add_stores
from tests.conftest import MovableClock
from tests.examples import DEVICE_ID, a_store
from tests.integration.shop import Shop
from tests.integration.stockroom import Stockroom


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
async def umbrellas(stockroom: Stockroom) -> Stockroom:
    """The stockroom, with five of them."""
    await stockroom.stock(KEY, 5)
    return stockroom


@pytest.fixture
async def reports(till: Caller, clock: MovableClock, database: Database) -> Reports:
    """Of the till, about three stores, of which one is far."""
    await add_stores(database, HERE, NEAR_BY, FAR)
    await add_skus(database, "umbrella", "sku-0", "sku-1", "sku-2")
    return Reports(till, clock)


@pytest.fixture
async def catalog(database: Database) -> None:
    """The demo retailer's."""
    await add_catalog(database)


@pytest.fixture
async def shop(services: Services, clock: MovableClock) -> Shop:
    return await Shop.open(services, clock)


@pytest.fixture
def anonymous(client: httpx.AsyncClient) -> Caller:
    return Caller(client)


@pytest.fixture
async def member(client: httpx.AsyncClient) -> Caller:
    return await sign_in(client, DEVICE_ID)


@pytest.fixture
async def other_member(client: httpx.AsyncClient) -> Caller:
    return await sign_in(client, "another-device-" + DEVICE_ID)


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
