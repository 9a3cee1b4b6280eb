"""Traces: a request, its operation, the service and the commands to MongoDB, one beneath the other."""

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.services import Services
from app.shared.logging import with_trace_id
from app.shared.settings import Settings
from app.telemetry import tracing
from app.telemetry.traced_services import traced
from tests.api.conftest import OPERATIONS, REGISTER, Caller, client_of
from tests.examples import DEVICE_ID

MY_CARD = (OPERATIONS / "my_card.graphql").read_text(encoding="utf-8")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


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
    spans = await spans_of(settings, services, exporter, traceparent=PARENT)
    ours = [each for each in spans if each.context is not None and f"{each.context.trace_id:032x}" == TRACE]
    by_id = {each.context.span_id: each for each in ours if each.context is not None}
    ways = [_way(each, by_id) for each in ours]
    assert ["POST /graphql", "graphql my_card", "MemberService.get", "mongodb aggregate"] in ways


async def test_spans_tell_nothing_that_a_caller_sent(
    settings: Settings, services: Services, exporter: InMemorySpanExporter
) -> None:
    told = str([(each.name, each.attributes) for each in await spans_of(settings, services, exporter)])
    assert DEVICE_ID not in told


async def test_of_none_in_a_hundred_nothing_is_told(
    settings: Settings, services: Services, exporter: InMemorySpanExporter
) -> None:
    assert await spans_of(settings, services, exporter, percent=0) == []


def test_a_line_in_the_log_names_its_trace(exporter: InMemorySpanExporter) -> None:
    with tracing.tracing(None, 100, exporter):
        with tracing.span("something"):
            named = with_trace_id(None, "info", {"event": "found"})
        assert with_trace_id(None, "info", {"event": "found"}) == {"event": "found"}
    (span,) = exporter.get_finished_spans()
    assert span.context is not None
    assert named["trace_id"] == f"{span.context.trace_id:032x}"


def _way(span: ReadableSpan, by_id: dict[int, ReadableSpan]) -> list[str]:
    """The names of the spans from the request down to this one."""
    above = by_id.get(span.parent.span_id) if span.parent else None
    return [*(_way(above, by_id) if above else []), span.name]
