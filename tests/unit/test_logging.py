"""Logs tell what happened, and no secrets."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.shared.logging import LogFormat, configure_logging


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_traceback_shows_no_local_variables(
    log_format: LogFormat, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(log_format, "INFO")
    device_id = "the-secret-of-a-phone"
    try:
        raise ZeroDivisionError(len(device_id))
    except ZeroDivisionError as error:
        structlog.get_logger("test").error("internal_error", exc_info=error)
    logged = capsys.readouterr().err
    assert "ZeroDivisionError" in logged
    assert "the-secret-of-a-phone" not in logged.replace('device_id = "the-secret-of-a-phone"', "")


def test_json_logs_are_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("json", "INFO")
    structlog.get_logger("test").info("checked_in", store="梅田")
    (line,) = capsys.readouterr().err.splitlines()
    logged = json.loads(line)
    assert (logged["event"], logged["store"], logged["level"]) == ("checked_in", "梅田", "info")


def test_uvicorn_logs_no_requests_however_it_was_set_before(capsys: pytest.CaptureFixture[str]) -> None:
    """A process that is one of several sets logging up after uvicorn has."""
    access = logging.getLogger("uvicorn.access")
    access.propagate = True
    configure_logging("json", "INFO")
    assert not access.hasHandlers()
    access.info("GET /receipts/the-secret")
    assert capsys.readouterr().err == ""
