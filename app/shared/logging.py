"""Structured logs: one line an event, for people (console) or for machines (JSON)."""

import logging
import sys
from contextvars import ContextVar
from typing import Literal

import structlog

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
TRACE_ID: ContextVar[int | None] = ContextVar("trace_id", default=None)

LogFormat = Literal["console", "json"]


def configure_logging(log_format: LogFormat, level: str) -> None:
    """Sends our own logs and those of the libraries to standard error, in one format."""
    shared: list[structlog.typing.Processor] = [
        with_request_id,
        with_trace_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers: list[structlog.typing.Processor]
    if log_format == "json":
        renderers = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        # The plain traceback: a richer one would print local variables, and so device ids and tokens.
        renderers = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_coloured_message,
                *renderers,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for library in ("pymongo", "asyncio", "httpx", "httpcore", "strawberry.execution", "stripe"):
        logging.getLogger(library).setLevel(max(logging.WARNING, root.level))
    for server_logger in ("uvicorn", "uvicorn.error"):
        logging.getLogger(server_logger).handlers = []
        logging.getLogger(server_logger).propagate = True
    # Its lines tell whole addresses, with what is secret in them; ours are written if the settings want that.
    logging.getLogger("uvicorn.access").handlers = []
    logging.getLogger("uvicorn.access").propagate = False


def with_request_id(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """The id of the request that the line was written for, as its answer names it."""
    request_id = REQUEST_ID.get()
    if request_id is not None:
        event.setdefault("request_id", request_id)
    return event


def with_trace_id(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """The id of the trace that the line was written in, if there is one, so that they are found together."""
    trace_id = TRACE_ID.get()
    if trace_id is not None:
        event["trace_id"] = f"{trace_id:032x}"
    return event


def _without_coloured_message(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Uvicorn sends each of its messages a second time, with colours in it."""
    event.pop("color_message", None)
    return event
