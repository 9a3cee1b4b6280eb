"""What was found of each operation, by server, as one table."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from statistics import quantiles

from bench.official_rounds import Row
from bench.servers import BARE, BY_HAND, OURS, STOCK
from bench.tables import NONE, Table, figure

HEADINGS = (
    "operation", "by hand/s", "ours/s", "p50 ms", "p99 ms", "CPU ms", "commands", "of by hand",
    "Strawberry/s", "of by hand",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """What one server did with an operation, for each request: latencies and processor time in milliseconds.

    Processor time is that of the server's process. `failure` is why there are no figures.
    """

    operation: str
    server: str
    requests: int = 0
    requests_per_second: float = 0.0
    p50_milliseconds: float = 0.0
    p99_milliseconds: float = 0.0
    processor_milliseconds: float | None = None
    commands: float | None = None
    failure: str | None = None


def result_of(row: Row) -> Result:
    """All rounds taken together."""
    latencies = [latency for each in row.spent for latency in each.round.latencies]
    if row.failure is not None or len(latencies) < 2:
        return Result(row.operation, row.server, failure=row.failure or "too few answers")
    percentiles = quantiles(latencies, n=100, method="inclusive")
    return Result(
        operation=row.operation,
        server=row.server,
        requests=len(latencies),
        requests_per_second=len(latencies) / sum(each.round.seconds for each in row.spent),
        p50_milliseconds=percentiles[49] * 1000,
        p99_milliseconds=percentiles[98] * 1000,
        processor_milliseconds=sum(each.processor_seconds for each in row.spent) / len(latencies) * 1000,
        commands=sum(each.commands for each in row.spent) / len(latencies),
    )


class Report:
    """The results by operation and server."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = results
        self._found = {(each.operation, each.server): each for each in results if each.failure is None}
        self.operations = list(dict.fromkeys(each.operation for each in results))

    def ratio(self, operation: str, server: str, to: str = BY_HAND) -> float | None:
        """How much of another server's rate this one has; None without figures of both."""
        one, other = self._found.get((operation, server)), self._found.get((operation, to))
        return one.requests_per_second / other.requests_per_second if one and other else None

    def ratios(self) -> dict[str, dict[str, float | None]]:
        """How much of the plain route's rate each operation has by us, and by Strawberry as documented."""
        return {
            each: {server: self.ratio(each, server) for server in (OURS, STOCK)} for each in self.operations
        }

    def failures(self) -> list[str]:
        """What could not be measured, and why."""
        return [
            f"{each.operation} by {each.server}: {each.failure}"
            for each in self.results
            if each.failure is not None
        ]

    def table(self, title: str) -> Table:
        """A line for each operation, those that are farthest from the plain route first."""
        ordered = sorted(self.operations, key=lambda each: self.ratio(each, OURS) or 0)
        return Table(title, HEADINGS, [self._line(operation) for operation in ordered], self._bare())

    def _line(self, operation: str) -> tuple[str, ...]:
        ours = self._found.get((operation, OURS))
        figures = (NONE,) * 5 if ours is None else (
            figure(ours.requests_per_second),
            figure(ours.p50_milliseconds, 1),
            figure(ours.p99_milliseconds, 1),
            figure(ours.processor_milliseconds, 2),
            figure(ours.commands, 1),
        )  # fmt: skip
        return (
            operation,
            self._rate(operation, BY_HAND),
            *figures,
            figure(self.ratio(operation, OURS), 2),
            self._rate(operation, STOCK),
            figure(self.ratio(operation, STOCK), 2),
        )

    def _rate(self, operation: str, server: str) -> str:
        result = self._found.get((operation, server))
        return figure(result.requests_per_second if result else None)

    def _bare(self) -> list[str]:
        """How operations do beside their bare transactions."""
        lines = []
        for operation in self.operations:
            ratio = self.ratio(operation, OURS, BARE)
            if ratio is not None:
                bare = self._found[operation, BARE]
                lines.append(
                    f"`{operation}` has {ratio:.2f} of its bare transaction's rate, which is "
                    f"{bare.requests_per_second:,.0f}/s with {figure(bare.commands, 1)} commands."
                )
        return lines


def machine() -> dict[str, str | int | float]:
    """What it was measured on, and how busy that was."""
    return {
        "cores": os.cpu_count() or 0,
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "pymongo": version("pymongo"),
        "strawberry": version("strawberry-graphql"),
        "starlette": version("starlette"),
        "uvicorn": version("uvicorn"),
    }
