"""Integration tests run under both drivers."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from app.payments.at_store import AtStore
from app.payments.gateways import Gateways
from app.payments.service import PaymentService
from app.payments.stripe_gateway import StripeGateway
from app.services import Services
from app.shared.events import EventLog
from app.shared.logging import configure_logging
from app.shared.mongodb.database import Database
from app.stores.model import Store
from tests.arrangements import add_stores
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.integration.payment_desk import PaymentDesk
from tests.integration.shop import Shop
from tests.patience import PATIENCE_SECONDS
from tests.stripe_stub import SECRET_KEY, StripeStub, stripe_stub


@pytest.fixture(params=["pymongo", "motor"])
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def shop(services: Services, clock: MovableClock) -> Shop:
    return await Shop.open(services, clock)


@pytest.fixture
def desk(database: Database, clock: MovableClock) -> PaymentDesk:
    return PaymentDesk(database, clock)


@pytest.fixture
async def stub() -> AsyncIterator[StripeStub]:
    """Stripe, as far as we know it."""
    async with stripe_stub() as stub:
        yield stub


@pytest.fixture
async def gateway(stub: StripeStub) -> AsyncIterator[StripeGateway]:
    gateway = StripeGateway(SECRET_KEY, stub.url + "/", PATIENCE_SECONDS)
    yield gateway
    await gateway.close()


@pytest.fixture
def payments(database: Database, gateway: StripeGateway, clock: MovableClock) -> PaymentService:
    """Payments whose cards are taken by the stub of Stripe."""
    return PaymentService(database, Gateways(AtStore(), gateway), EventLog(database), clock)


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """All that we and the libraries log when they are at their most talkative."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logging("json", "DEBUG")
    structlog.reset_defaults()  # a logger that is used now would keep this test's configuration for ever
    with capture_logs() as logs:
        yield lambda: f"{logs}{capsys.readouterr().err}"
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture
async def store(database: Database) -> Store:
    """A store at Umeda that is always open."""
    store = a_store()
    await add_stores(database, store)
    return store
