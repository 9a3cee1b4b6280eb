"""Integration tests run under both drivers."""

import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from app.shared.database import Database
from app.shared.logging import configure_logging
from app.stores.model import Store
from tests.arrangements import add_stores
from tests.examples import a_store


@pytest.fixture(params=["pymongo", "motor"])
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


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
