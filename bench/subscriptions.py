"""Each official subscription with many listeners: what one costs to begin, to hold, and to tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from app.shared.settings.model import Settings
from bench.findings import Findings
from bench.house import House
from bench.listening import Audience
from bench.official.followed import CHANGES, FOLLOWED, Followed
from bench.servers import (
    BY_HAND,
    GRAPHQL,
    STOCK,
    Server,
    processor_seconds,
    resident_kilobytes,
    running_server,
)
from bench.tables import Table, figure


@dataclass(frozen=True, slots=True)
class Telling:
    """What one server did for the listeners of a subscription.

    To begin costs a listener processor time, connection and first answer together, in milliseconds, and then
    memory in kilobytes. Latencies are from before the change is made until it is told, in milliseconds.
    """

    operation: str
    server: str
    listeners: int
    begin_processor_milliseconds: float
    kilobytes_each: float
    events_per_processor_second: float
    p50_milliseconds: float
    p99_milliseconds: float


async def tellings(operation: str, server: Server, followed: Followed, changes: int = CHANGES) -> Telling:
    """Has all listen, and something change for all: the next time when all were told of the last.

    Raises TimeoutError and ConnectionError.
    """
    audience = Audience(server)
    number = len(followed.wanted)
    memory, computed = resident_kilobytes(server), processor_seconds(server)
    try:
        await audience.gather(followed.wanted)
        memory, begun = resident_kilobytes(server) - memory, processor_seconds(server)
        for change in range(changes):
            audience.expect()
            await followed.change(change)
            await audience.all_told()
        told = processor_seconds(server) - begun
    finally:
        audience.hang_up()
    percentiles = [each * 1000 for each in quantiles(audience.latencies, n=100)]
    return Telling(
        operation=operation,
        server=server.name,
        listeners=number,
        begin_processor_milliseconds=(begun - computed) / number * 1000,
        kilobytes_each=memory / number,
        events_per_processor_second=number * changes / max(told, 0.01),  # the clock's tick
        p50_milliseconds=percentiles[49],
        p99_milliseconds=percentiles[98],
    )


def table(found: Sequence[Telling]) -> Table:
    headings = (
        "subscription", "by", "listeners", "begin, CPU ms", "KB each", "events/CPU s", "p50 ms", "p99 ms"
    )  # fmt: skip
    lines = [
        (
            each.operation,
            each.server,
            figure(each.listeners),
            figure(each.begin_processor_milliseconds, 2),
            figure(each.kilobytes_each),
            figure(each.events_per_processor_second),
            figure(each.p50_milliseconds),
            figure(each.p99_milliseconds),
        )
        for each in found
    ]
    return Table("Official subscriptions", headings, lines)


async def measure_subscriptions(
    operations: Sequence[str], house: House, settings: Settings, listeners: int, findings: Findings
) -> list[Telling]:
    """Has listeners follow each subscription by each server, each begun afresh on the house's database."""
    found: list[Telling] = []
    for operation in operations:
        for name in (BY_HAND, GRAPHQL, STOCK):
            with findings.part(f"{operation} by {name}"), running_server(name, settings) as server:
                followed = await FOLLOWED[operation](house, listeners)
                found.append(await tellings(operation, server, followed))
    return found
