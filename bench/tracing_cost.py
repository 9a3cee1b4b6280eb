"""What traces cost: the same operation with none, with 1 % and with all requests traced."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from time import process_time
from timeit import timeit

from app.shared.settings.model import Settings
from app.telemetry.tracing import span
from bench.load import Span, post, run_round
from bench.official.calls import Call, body_of
from bench.official_rounds import GOOD, WARM_UP
from bench.servers import ALL_TRACED, OURS, SOME_TRACED, Server, processor_seconds
from bench.tables import Table, figure

PERCENT = {OURS: None, SOME_TRACED: 1.0, ALL_TRACED: 100.0}
SPANS = 100_000
LENGTH = b"content-length:"
TAKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class TracingCost:
    """What a request takes of the server's processor, in milliseconds, by how many are traced."""

    operation: str
    percent: float | None
    requests: int
    processor_milliseconds: float


def settings_traced(name: str, settings: Settings, sink: str) -> Settings:
    """The settings of one of the servers that are compared."""
    percent = PERCENT[name]
    if percent is None:
        return settings
    return settings.model_copy(update={"otlp_url": sink, "traced_percent": percent})


async def tracing_costs(
    servers: Sequence[Server],
    operation: str,
    calls: Sequence[Call],
    callers: int,
    rounds: int,
    seconds: float,
) -> list[TracingCost]:
    """Asks the servers in turn. Raises UnexpectedAnswer."""
    now = datetime.now(UTC)
    requests = [post("/graphql", call.token, body_of(operation, call, now)) for call in calls]
    spent = {server.name: (0, 0.0) for server in servers}
    for number in range(rounds):
        for server in servers if number % 2 == 0 else servers[::-1]:
            await run_round(server.port, cycle(requests), GOOD, callers, WARM_UP)
            before = processor_seconds(server)
            done = await run_round(server.port, cycle(requests), GOOD, callers, Span(seconds))
            answers, computed = spent[server.name]
            computed += processor_seconds(server) - before
            spent[server.name] = answers + len(done.latencies), computed
    return [
        TracingCost(operation, PERCENT[name], answers, computed / answers * 1000)
        for name, (answers, computed) in spent.items()
    ]


def table(costs: Sequence[TracingCost]) -> Table:
    rows = [
        (
            each.operation,
            "none" if each.percent is None else f"{each.percent:g} %",
            figure(each.requests),
            figure(each.processor_milliseconds, 2),
        )
        for each in costs
    ]
    headings = ("operation", "traced", "requests", "CPU ms each")
    note = f"With no traces, what would be a span takes {untraced_span_nanoseconds():.0f} ns."
    return Table("Traces by OTLP", headings, rows, [note])


def untraced_span_nanoseconds() -> float:
    """The processor time of a block that would be a span if anything were traced."""

    def block() -> None:
        with span("nothing"):
            pass

    return timeit(block, timer=process_time, number=SPANS) / SPANS * 1e9


@asynccontextmanager
async def sink() -> AsyncIterator[str]:
    """Takes traces and forgets them; its URL."""
    server = await asyncio.start_server(_take, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = next(line for line in head.split(b"\r\n") if line.startswith(LENGTH))
                await reader.readexactly(int(length.removeprefix(LENGTH)))
                writer.write(TAKEN)
                await writer.drain()
    finally:
        writer.close()
