"""Traces for OpenTelemetry, sent by OTLP when a setting says where to; otherwise nothing is made at all.

A trace has a span for the request, the GraphQL operation, each call of a service and each command to
MongoDB. Spans carry names of our own lists, never what a caller sent.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import time_ns

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

NAME = "tsunagu"
TRACES_PATH = "/v1/traces"

_PROPAGATOR = TraceContextTextMapPropagator()
_NOTHING: AbstractContextManager[None] = nullcontext()
_tracer: Tracer | None = None


@contextmanager
def tracing(otlp_url: str | None, percent: float, exporter: SpanExporter | None = None) -> Iterator[None]:
    """Traces this percentage of requests during the block, and sends what is left at its end.

    A request that comes with a `traceparent` is traced if its caller's side is.
    """
    global _tracer
    if otlp_url is None and exporter is None:
        yield
        return
    provider = TracerProvider(
        resource=Resource.create({"service.name": NAME}),
        sampler=ParentBased(TraceIdRatioBased(percent / 100)),
        shutdown_on_exit=False,
    )
    sender = exporter or OTLPSpanExporter(f"{str(otlp_url).rstrip('/')}{TRACES_PATH}")
    provider.add_span_processor(BatchSpanProcessor(sender))
    _tracer = provider.get_tracer(NAME)
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()


def is_on() -> bool:
    """Whether anything is traced."""
    return _tracer is not None


def span(name: str, kind: SpanKind = SpanKind.INTERNAL) -> AbstractContextManager[Span | None]:
    """A span of the block beneath the one that is open; None when nothing is traced."""
    return _NOTHING if _tracer is None else _tracer.start_as_current_span(name, kind=kind)


def request_span(method: str, headers: Iterable[tuple[bytes, bytes]]) -> AbstractContextManager[Span | None]:
    """The span of an HTTP request, beneath the caller's own if it names one."""
    return _NOTHING if _tracer is None else _opened_for(_tracer, method, headers)


@contextmanager
def _opened_for(tracer: Tracer, method: str, headers: Iterable[tuple[bytes, bytes]]) -> Iterator[Span]:
    carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    parent = _PROPAGATOR.extract(carrier)
    with tracer.start_as_current_span(method, context=parent, kind=SpanKind.SERVER) as opened:
        opened.set_attribute("http.request.method", method)
        yield opened


def add_finished(name: str, seconds: float, attributes: dict[str, str], failed: bool) -> None:
    """A span of something that has just ended and took so long."""
    if _tracer is None:
        return
    end = time_ns()
    done = _tracer.start_span(
        name, kind=SpanKind.CLIENT, attributes=attributes, start_time=end - round(seconds * 1e9)
    )
    if failed:
        done.set_status(StatusCode.ERROR)
    done.end(end)
