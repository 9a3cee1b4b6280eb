"""The spans themselves, by OpenTelemetry's SDK: loaded only where requests are traced."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from contextvars import Token
from time import time_ns
from types import TracebackType

from opentelemetry import context as contexts
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode, get_current_span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from app.shared.errors import Refusal
from app.shared.logging import TRACE_ID

NAME = "tsunagu"
TRACES_PATH = "/v1/traces"
INTERNAL_SERVER_ERROR = 500

_NOTHING: AbstractContextManager[None] = nullcontext()
_NO_PARENT = Context()
_PROPAGATOR = TraceContextTextMapPropagator()
_TRACEPARENT = b"traceparent"


def otlp_exporter(url: str) -> SpanExporter:
    """Sends spans to the collector at this URL."""
    return OTLPSpanExporter(f"{url.rstrip('/')}{TRACES_PATH}")


class Traces:
    """Makes spans, this percentage of traces, and hands them over in batches, in a thread of its own."""

    def __init__(self, exporter: SpanExporter, percent: float) -> None:
        self._provider = TracerProvider(
            resource=_OurResource(Resource.create({"service.name": NAME}).attributes),
            sampler=ParentBased(TraceIdRatioBased(percent / 100)),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(NAME)

    def end(self) -> None:
        """Sends what is left."""
        self._provider.shutdown()

    def is_recorded(self) -> bool:
        return get_current_span().is_recording()

    def request(
        self, method: str, headers: Iterable[tuple[bytes, bytes]]
    ) -> AbstractContextManager[Span | None]:
        return _Root(self._tracer.start_span(method, _parent_in(headers), SpanKind.SERVER))

    def describe_request(self, opened: Span, method: str, route: str | None, status: int) -> None:
        told: dict[str, str | int] = {"http.request.method": method, "http.response.status_code": status}
        if route is not None:
            told["http.route"] = route
            opened.update_name(f"{method} {route}")
        opened.set_attributes(told)
        if status >= INTERNAL_SERVER_ERROR:
            opened.set_status(StatusCode.ERROR)

    def root(self, name: str) -> AbstractContextManager[Span | None]:
        if TRACE_ID.get() is not None:
            return self.beneath(name)
        return _Root(self._tracer.start_span(name, _NO_PARENT))

    def beneath(self, name: str) -> AbstractContextManager[Span | None]:
        return _Recorded(self._tracer.start_span(name)) if self.is_recorded() else _NOTHING

    def add_command(self, name: str, collection: str, seconds: float, failed: bool) -> None:
        end = time_ns()
        told = {"db.system.name": "mongodb", "db.operation.name": name}
        if collection:
            told["db.collection.name"] = collection
        start = end - round(seconds * 1e9)
        done = self._tracer.start_span(
            f"mongodb {name}", kind=SpanKind.CLIENT, attributes=told, start_time=start
        )
        if failed:
            done.set_status(StatusCode.ERROR)
        done.end(end)

    def end_recording(self) -> None:
        current = get_current_span()
        if current.is_recording():
            current.end()


class _OurResource(Resource):
    """The one resource that there is: what sends spans asks each for its resource's hash, 6 µs otherwise."""

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class _Recorded:
    """The block has this span, which is open until its end, or until somebody ends it before.

    An error is told by its type alone, for its text may hold what a caller sent. Refusals and those who
    leave are no failures.
    """

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> Span | None:
        self._token = contexts.attach(set_span_in_context(self._span))
        return self._span

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        contexts.detach(self._token)
        if not self._span.is_recording():
            return
        if kind is not None:
            self._span.set_attribute("error.type", kind.__name__)
            if issubclass(kind, Exception) and not issubclass(kind, Refusal):
                self._span.set_status(StatusCode.ERROR)
        self._span.end()


class _Root(_Recorded):
    """The block is a trace: the log names it, whether it is recorded or not."""

    __slots__ = ("_trace_token",)

    _trace_token: Token[int | None]

    def __enter__(self) -> Span | None:
        self._trace_token = TRACE_ID.set(self._span.get_span_context().trace_id)
        super().__enter__()
        return self._span if self._span.is_recording() else None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, traceback)
        TRACE_ID.reset(self._trace_token)


def _parent_in(headers: Iterable[tuple[bytes, bytes]]) -> Context:
    """Where in a trace of its own the caller says it is (W3C Trace Context); nowhere, for most."""
    for name, value in headers:
        if name == _TRACEPARENT:
            return _PROPAGATOR.extract({_TRACEPARENT.decode(): value.decode("latin-1")}, _NO_PARENT)
    return _NO_PARENT
