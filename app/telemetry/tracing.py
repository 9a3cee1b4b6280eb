"""Traces for OpenTelemetry, sent by OTLP when a setting says where to; otherwise nothing is made, or loaded.

A trace has a span for the request, the GraphQL operation, each call of a service and each command to
MongoDB. Whether it is recorded is decided once, at its root: beneath a root that is not, no span is made,
and lines of the log have the trace's id all the same. Spans carry names of our own lists, never what a caller
sent.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span

    from app.telemetry.spans import Traces

_NOTHING: AbstractContextManager[None] = nullcontext()
_traces: "Traces | None" = None


@contextmanager
def tracing(otlp_url: str | None, percent: float, exporter: "SpanExporter | None" = None) -> Iterator[None]:
    """Traces this percentage of requests during the block, and sends what is left at its end.

    A request that comes with a `traceparent` is recorded if its caller's side is.
    """
    global _traces
    if otlp_url is None and exporter is None:
        yield
        return
    from app.telemetry.spans import Traces, otlp_exporter  # 100 ms and 17 MB that others need not spend

    traces = _traces = Traces(exporter or otlp_exporter(str(otlp_url)), percent)
    try:
        yield
    finally:
        _traces = None
        traces.end()


def is_recorded() -> bool:
    """Whether what runs now belongs to a trace that is recorded."""
    return _traces is not None and _traces.is_recorded()


def request_span(
    method: str, headers: Iterable[tuple[bytes, bytes]]
) -> "AbstractContextManager[Span | None]":
    """The root of an HTTP request's trace, beneath the caller's own span if it names one."""
    return _NOTHING if _traces is None else _traces.request(method, headers)


def describe_request(opened: "Span", method: str, route: str | None, status: int) -> None:
    """Says in a request's span what was asked for, by the route that took it, and how it was answered."""
    if _traces is not None:
        _traces.describe_request(opened, method, route, status)


def root_span(name: str) -> "AbstractContextManager[Span | None]":
    """The root of a trace of its own; within one, a span beneath the one that is open."""
    return _NOTHING if _traces is None else _traces.root(name)


def span(name: str) -> "AbstractContextManager[Span | None]":
    """A span of the block beneath the one that is open; None where nothing is recorded."""
    return _NOTHING if _traces is None else _traces.beneath(name)


def add_command(name: str, collection: str, seconds: float, failed: bool) -> None:
    """A span of a command to MongoDB that has just ended and took so long."""
    if _traces is not None and _traces.is_recorded():
        _traces.add_command(name, collection, seconds, failed)


def end_recording() -> None:
    """Ends the span that is open before its block does: nothing more is recorded beneath it."""
    if _traces is not None:
        _traces.end_recording()
