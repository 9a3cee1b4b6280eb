"""A home screen whose data is in memory, so that nothing but our own work is measured.

The engine alone answers one on a schema of its own; the whole application another, with its door, limits and
what the domain makes of canned documents. Each is measured beside a plain route that writes the same JSON.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from statistics import quantiles

import orjson
import uvloop

from app.shared.settings.model import Settings
from bench import canned, engine
from bench.load import Round, Span, post, run_round
from bench.servers import (
    CANNED_CORE,
    CANNED_PLAIN,
    CANNED_PLANS,
    ENGINE_PLAIN,
    ENGINE_PLANS,
    ENGINE_STOCK,
    Server,
    running_server,
    settings_for,
)
from bench.tables import Table, figure

NOWHERE = "mongodb://127.0.0.1:1"
WARM_UP = Span(1.0)
HEADINGS = ("by", "req/s", "p50 ms", "p99 ms", "of the plain route")


@dataclass(frozen=True, slots=True)
class Screen:
    """What is asked, and by what a good answer is told; the plain route is the first of the servers."""

    title: str
    servers: tuple[str, ...]
    query: str
    marker: bytes


ENGINE = Screen(
    "The engine alone, its data in memory",
    (ENGINE_PLAIN, ENGINE_PLANS, ENGINE_STOCK),
    engine.HOME,
    b'"discount":10',
)
APPLICATION = Screen(
    "The whole application, its data in memory",
    (CANNED_PLAIN, CANNED_PLANS, CANNED_CORE),
    canned.HOME,
    b'"pointsAwarded":10',
)


@dataclass(frozen=True, slots=True)
class HomeScreen:
    """Answers a second and latencies of one server, and its rate as a part of the plain route's."""

    server: str
    requests_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    ratio: float


def measure_home(screen: Screen, callers: int, rounds: int, seconds: float) -> list[HomeScreen]:
    """Measures the screen by each of its servers. Raises UnexpectedAnswer."""
    with ExitStack() as running, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tsunagu-bench-")))
        settings = {name: settings_of_home(name, folder) for name in screen.servers}
        servers = [running.enter_context(running_server(name, each)) for name, each in settings.items()]
        token = canned.token(settings[screen.servers[0]])
        request = post("/graphql", token, orjson.dumps({"query": screen.query}))
        return runner.run(_home_screens(servers, request, screen.marker, callers, rounds, seconds))


def home_table(screen: Screen, measured: Sequence[HomeScreen]) -> Table:
    """What was measured of the screen."""
    rows = [
        (
            each.server,
            figure(each.requests_per_second),
            figure(each.p50_milliseconds, 1),
            figure(each.p99_milliseconds, 1),
            figure(each.ratio, 2),
        )
        for each in measured
    ]
    return Table(screen.title, HEADINGS, rows)


def settings_of_home(name: str, folder: Path) -> Settings:
    """The settings of one of the servers; they ask no MongoDB."""
    plans = "on" if name == CANNED_PLANS else "off"
    return settings_for(name, NOWHERE, folder).model_copy(update={"compiled_operations": plans})


async def _home_screens(
    servers: Sequence[Server], request: bytes, marker: bytes, callers: int, rounds: int, seconds: float
) -> list[HomeScreen]:
    for server in servers:
        await run_round(server.port, repeat(request), marker, callers, WARM_UP)
    measured: dict[str, list[Round]] = {server.name: [] for server in servers}
    for number in range(rounds):
        for server in servers if number % 2 == 0 else servers[::-1]:
            done = await run_round(server.port, repeat(request), marker, callers, Span(seconds))
            measured[server.name].append(done)
    plain = _rate(measured[servers[0].name])
    return [_home_screen(name, rounds, plain) for name, rounds in measured.items()]


def _home_screen(name: str, rounds: Sequence[Round], plain_rate: float) -> HomeScreen:
    percentiles = quantiles((latency for each in rounds for latency in each.latencies), n=100)
    rate = _rate(rounds)
    return HomeScreen(name, rate, percentiles[49] * 1000, percentiles[98] * 1000, rate / plain_rate)


def _rate(rounds: Sequence[Round]) -> float:
    return sum(len(each.latencies) for each in rounds) / sum(each.seconds for each in rounds)
