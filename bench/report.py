"""What the bench found, as a table and as JSON."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import quantiles
from typing import Any

import orjson

from bench.load import Round
from bench.measuring import Measurement
from bench.operations import Operation
from bench.servers import GRAPHQL, PLAIN

HEADINGS = ("operation", "server", "req/s", "p50 ms", "p99 ms", "MongoDB commands/req", "GraphQL / plain")


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table: answers a second, latencies in milliseconds, MongoDB commands a request."""

    operation: str
    server: str
    requests_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    commands_per_request: float
    requests_per_second_by_round: list[float]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Answers a second, GraphQL to plain: over all rounds, and in the worst and the best round."""

    overall: float
    lowest: float
    highest: float


def result_of(measurement: Measurement) -> Result:
    """All rounds taken together."""
    rounds = measurement.rounds
    percentiles = quantiles((latency for each in rounds for latency in each.latencies), n=100)
    return Result(
        operation=measurement.operation.value,
        server=measurement.server,
        requests_per_second=sum(len(each.latencies) for each in rounds)
        / sum(each.seconds for each in rounds),
        p50_milliseconds=percentiles[49] * 1000,
        p99_milliseconds=percentiles[98] * 1000,
        commands_per_request=measurement.commands_per_request,
        requests_per_second_by_round=[_rate(each) for each in rounds],
    )


def ratio_of(operation: Operation, results: Sequence[Result]) -> Ratio:
    """How much of the plain server's rate is left with GraphQL."""
    by_server = {result.server: result for result in results if result.operation == operation.value}
    graphql, plain = by_server[GRAPHQL], by_server[PLAIN]
    by_round = [
        one / other
        for one, other in zip(
            graphql.requests_per_second_by_round, plain.requests_per_second_by_round, strict=True
        )
    ]
    return Ratio(graphql.requests_per_second / plain.requests_per_second, min(by_round), max(by_round))


def machine() -> dict[str, str | int]:
    """What it was measured on."""
    return {
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        "pymongo": version("pymongo"),
        "strawberry": version("strawberry-graphql"),
        "starlette": version("starlette"),
        "uvicorn": version("uvicorn"),
    }


def table(results: Sequence[Result]) -> str:
    """The results as text, the ratio beside the GraphQL server's line."""
    rows = [HEADINGS, *(_row(result, results) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def write_json(path: Path, results: Sequence[Result], options: dict[str, Any]) -> None:
    ratios = {operation.value: ratio_of(operation, results) for operation in Operation}
    report = {"options": options, "machine": machine(), "results": results, "ratios": ratios}
    path.write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _rate(round_: Round) -> float:
    return len(round_.latencies) / round_.seconds


def _row(result: Result, results: Sequence[Result]) -> tuple[str, ...]:
    return (
        result.operation,
        result.server,
        f"{result.requests_per_second:,.0f}",
        f"{result.p50_milliseconds:.1f}",
        f"{result.p99_milliseconds:.1f}",
        f"{result.commands_per_request:.1f}",
        _ratio_text(Operation(result.operation), results) if result.server == GRAPHQL else "",
    )


def _ratio_text(operation: Operation, results: Sequence[Result]) -> str:
    ratio = ratio_of(operation, results)
    return f"{ratio.overall:.2f} ({ratio.lowest:.2f}–{ratio.highest:.2f})"
