"""Traces: a request, its operation, the service and the commands to MongoDB, one beneath the other."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from opentelemetry.sdk.trace import ReadableSpan, Tracer
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Span
from structlog.testing import capture_logs

from app.members.errors import DeviceSignedUp
from app.services import Services
from app.shared.logging import with_trace_id
from app.shared.settings.model import Settings
from app.telemetry import tracing
from app.telemetry.observation import counted_subscription, name_operation, observed
from app.telemetry.traced_services import traced
from graphql_schema.documents import TEXTS
from tests.api.callers import REGISTER, Caller, client_of
from tests.examples import DEVICE_ID

MY_CARD = TEXTS["my_card"]
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
RECORDED, NOT_RECORDED = (f"00-{TRACE}-00f067aa0ba902b7-{flags}" for flags in ("01", "00"))
SECRET = "+81 90 1234 5678"
LOADED_WHEN_OFF = """
import sys
import app.main
print(sorted(name for name in sys.modules if name.startswith(("opentelemetry", "google.protobuf"))))
"""


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


async def spans_of(
    settings: Settings,
    services: Services,
    exporter: InMemorySpanExporter,
    percent: float = 100,
    **headers: str,
) -> list[ReadableSpan]:
    """What was told of a request for a member's card."""
    with tracing.tracing(None, percent, exporter):
        async with client_of(settings, traced(services)) as client:
            registered = (await Caller(client).send(REGISTER, {"deviceId": DEVICE_ID}))["registerGuest"]
            await Caller(client, registered["accessToken"]).send(MY_CARD, **headers)
    return list(exporter.get_finished_spans())


async def test_each_layer_has_its_span(
    settings: Settings, services: Services, exporter: InMemorySpanExporter
) -> None:
    spans = await spans_of(settings, services, exporter, traceparent=RECORDED)
    by_id = {each.context.span_id: each for each in spans if _trace_of(each) == TRACE and each.context}
    ways = [_way(each, by_id) for each in by_id.values()]
    assert ["POST /graphql", "graphql my_card", "MemberService.get", "mongodb aggregate"] in ways


async def test_spans_tell_nothing_that_a_caller_sent(
    settings: Settings, services: Services, exporter: InMemorySpanExporter
) -> None:
    spans = await spans_of(settings, services, exporter, traceparent=RECORDED, tracestate=f"x={DEVICE_ID}")
    assert DEVICE_ID not in str([each.to_json() for each in spans])


async def test_where_the_request_is_not_recorded_nothing_is_made_beneath_it(
    settings: Settings,
    services: Services,
    exporter: InMemorySpanExporter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Span] = []
    start = Tracer.start_span

    def start_span(tracer: Tracer, *arguments: object, **named: object) -> Span:
        made.append(start(tracer, *arguments, **named))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(Tracer, "start_span", start_span)
    settings = settings.model_copy(update={"access_log": True, "slow_operation_milliseconds": 0})
    with capture_logs(processors=[with_trace_id]) as lines:
        assert await spans_of(settings, services, exporter, percent=0) == []
    # Each of the two requests is asked about once, and what stands for it only knows its trace.
    assert [each.is_recording() for each in made] == [False, False]
    traces = [f"{each.get_span_context().trace_id:032x}" for each in made]
    for event in ("slow_operation", "request"):
        assert [line["trace_id"] for line in lines if line["event"] == event] == traces


async def test_what_the_caller_records_is_recorded(
    settings: Settings, services: Services, exporter: InMemorySpanExporter
) -> None:
    spans = await spans_of(settings, services, exporter, percent=0, traceparent=RECORDED)
    assert {_trace_of(each) for each in spans} == {TRACE}
    assert "graphql my_card" in {each.name for each in spans}


async def test_what_the_caller_does_not_record_is_not(
    settings: Settings, services: Services, exporter: InMemorySpanExporter
) -> None:
    spans = await spans_of(settings, services, exporter, traceparent=NOT_RECORDED)
    assert {each.name for each in spans} >= {"POST /graphql"}  # of the request before
    assert TRACE not in {_trace_of(each) for each in spans}


async def test_a_request_is_named_by_its_route(
    settings: Settings, services: Services, exporter: InMemorySpanExporter
) -> None:
    settings = settings.model_copy(update={"cors_origins": ("https://app.example",)})
    asking = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    with tracing.tracing(None, 100, exporter):
        async with client_of(settings, services) as client:
            await client.get("/receipts/somebodys-secret")
            await client.get("/nowhere/secret")
            await client.options("/secret", headers=asking)
    told = [(each.name, (each.attributes or {})["http.response.status_code"]) for each in _requests(exporter)]
    assert told == [("GET /receipts/{page_id}", 404), ("GET", 404), ("OPTIONS", 200)]


async def test_of_an_error_its_type_is_told_alone(exporter: InMemorySpanExporter) -> None:
    with tracing.tracing(None, 100, exporter):
        for error in (ValueError(SECRET), DeviceSignedUp()):
            with pytest.raises(type(error)), tracing.root_span("work"):
                raise error
    spans = exporter.get_finished_spans()
    assert [(each.attributes or {})["error.type"] for each in spans] == ["ValueError", "DeviceSignedUp"]
    assert [each.status.is_ok for each in spans] == [False, True]  # a refusal is no failure
    assert SECRET not in str([each.to_json() for each in spans])


async def test_of_a_subscription_is_told_how_it_began(exporter: InMemorySpanExporter) -> None:
    with tracing.tracing(None, 100, exporter), observed(slow_seconds=10):
        name_operation("order_changed")
        with tracing.span("OrderWatchService.find"):
            pass
        with counted_subscription(), tracing.span("OrderService.get") as later:
            assert later is None
    assert [each.name for each in exporter.get_finished_spans()] == [
        "OrderWatchService.find",
        "graphql order_changed",
    ]


async def test_a_call_of_a_service_that_nobody_asked_for_is_no_trace(
    services: Services, exporter: InMemorySpanExporter
) -> None:
    with tracing.tracing(None, 100, exporter):
        await traced(services).events.longest_wait_seconds(datetime.now(UTC))
    assert exporter.get_finished_spans() == ()


def test_a_line_in_the_log_names_its_trace(exporter: InMemorySpanExporter) -> None:
    with tracing.tracing(None, 100, exporter):
        with tracing.root_span("something"), tracing.span("part of it"):
            named = with_trace_id(None, "info", {"event": "found"})
        assert with_trace_id(None, "info", {"event": "found"}) == {"event": "found"}
    assert {_trace_of(each) for each in exporter.get_finished_spans()} == {named["trace_id"]}


def test_where_nothing_is_traced_nothing_is_loaded_for_it() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED_WHEN_OFF], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def _requests(exporter: InMemorySpanExporter) -> list[ReadableSpan]:
    return [each for each in exporter.get_finished_spans() if each.parent is None]


def _trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def _way(span: ReadableSpan, by_id: dict[int, ReadableSpan]) -> list[str]:
    """The names of the spans from the request down to this one."""
    above = by_id.get(span.parent.span_id) if span.parent else None
    return [*(_way(above, by_id) if above else []), span.name]
