"""What the bench found, as a table and as JSON."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import quantiles
from typing import Any

import orjson

from bench.official_rounds import Row
from bench.servers import BARE, BY_HAND, OURS, STOCK

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
    processor_milliseconds: float = 0.0
    commands: float = 0.0
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
        self._found = {(each.operation, each.server): each for each in results}
        self.operations = list(dict.fromkeys(each.operation for each in results))

    def ratio(self, operation: str, server: str, to: str = BY_HAND) -> float | None:
        """How much of another server's rate this one has; None without figures of both."""
        one, other = self._found.get((operation, server)), self._found.get((operation, to))
        if one is None or other is None or one.failure is not None or other.failure is not None:
            return None
        return one.requests_per_second / other.requests_per_second

    def table(self) -> str:
        """A line for each operation, those that are farthest from the plain route first."""
        ordered = sorted(self.operations, key=lambda each: self.ratio(each, OURS) or 0)
        rows = [HEADINGS, *(self._row(operation) for operation in ordered)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
        lines = [
            "  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([*lines, *self._further()])

    def to_json(self) -> dict[str, Any]:
        ratios = {
            each: {server: self.ratio(each, server) for server in (OURS, STOCK)} for each in self.operations
        }
        return {"results": [asdict(each) for each in self.results], "of_by_hand": ratios}

    def _row(self, operation: str) -> tuple[str, ...]:
        ours = self._found[operation, OURS]
        figures = ("–",) * 5 if ours.failure is not None else (
            f"{ours.requests_per_second:,.0f}",
            f"{ours.p50_milliseconds:.1f}",
            f"{ours.p99_milliseconds:.1f}",
            f"{ours.processor_milliseconds:.2f}",
            f"{ours.commands:.1f}",
        )  # fmt: skip
        return (
            operation,
            self._rate(operation, BY_HAND),
            *figures,
            _shown(self.ratio(operation, OURS)),
            self._rate(operation, STOCK),
            _shown(self.ratio(operation, STOCK)),
        )

    def _rate(self, operation: str, server: str) -> str:
        result = self._found[operation, server]
        return "–" if result.failure is not None else f"{result.requests_per_second:,.0f}"

    def _further(self) -> list[str]:
        """What is no line of its own: the bare transaction, and what could not be measured, and why."""
        lines = []
        for operation in self.operations:
            ratio = self.ratio(operation, OURS, BARE)
            if ratio is not None:
                bare = self._found[operation, BARE]
                lines.append(
                    f"{operation} has {ratio:.2f} of its bare transaction's rate, which is "
                    f"{bare.requests_per_second:,.0f}/s with {bare.commands:.1f} commands"
                )
        failures = [each for each in self.results if each.failure is not None]
        return lines + [f"{each.operation} by {each.server} failed: {each.failure}" for each in failures]


def _shown(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}"


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


def write_json(path: Path, found: Mapping[str, Any]) -> None:
    path.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
