"""Integration tests run under both drivers."""

import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from app.shared.logging import configure_logging


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
