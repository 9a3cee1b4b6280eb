"""A home screen whose data is in memory: a plain route, our plans, and graphql-core, in turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from statistics import quantiles

import orjson

from app.shared.settings import Settings
from bench.canned import HOME, token
from bench.load import Round, run_round
from bench.servers import CANNED_CORE, CANNED_PLAIN, CANNED_PLANS, Server, settings_for

SERVERS = (CANNED_PLAIN, CANNED_PLANS, CANNED_CORE)
MARKER = b'"pointsAwarded":10'
NOWHERE = "mongodb://127.0.0.1:1"
WARM_UP_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class HomeScreen:
    """Answers a second and latencies of one server, and its rate as a part of the plain route's."""

    server: str
    requests_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    ratio: float

    def __str__(self) -> str:
        return (
            f"home screen in memory, {self.server:<17}  {self.requests_per_second:6,.0f} req/s  "
            f"p50 {self.p50_milliseconds:5.1f} ms  p99 {self.p99_milliseconds:5.1f} ms  {self.ratio:.2f}"
        )


def settings_of_home(name: str, folder: Path) -> Settings:
    """The settings of one of the servers; they ask no MongoDB."""
    plans = "on" if name == CANNED_PLANS else "off"
    return settings_for(name, NOWHERE, folder).model_copy(update={"compiled_operations": plans})


async def home_screens(
    servers: Sequence[Server], settings: Settings, callers: int, rounds: int, seconds: float
) -> list[HomeScreen]:
    """Measures the servers, the plain one first. Raises UnexpectedAnswer."""
    request = _request(settings)
    for server in servers:
        await run_round(server.port, repeat(request), MARKER, callers, WARM_UP_SECONDS)
    measured: dict[str, list[Round]] = {server.name: [] for server in servers}
    for number in range(rounds):
        for server in servers if number % 2 == 0 else servers[::-1]:
            done = await run_round(server.port, repeat(request), MARKER, callers, seconds)
            measured[server.name].append(done)
    plain = _rate(measured[servers[0].name])
    return [_home_screen(name, rounds, plain) for name, rounds in measured.items()]


def _home_screen(name: str, rounds: Sequence[Round], plain_rate: float) -> HomeScreen:
    percentiles = quantiles((latency for each in rounds for latency in each.latencies), n=100)
    rate = _rate(rounds)
    return HomeScreen(name, rate, percentiles[49] * 1000, percentiles[98] * 1000, rate / plain_rate)


def _rate(rounds: Sequence[Round]) -> float:
    return sum(len(each.latencies) for each in rounds) / sum(each.seconds for each in rounds)


def _request(settings: Settings) -> bytes:
    body = orjson.dumps({"query": HOME})
    head = (
        "POST /graphql HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "Accept: application/json\r\n"
        "Content-Type: application/json\r\n"
        f"Authorization: Bearer {token(settings)}\r\n"
        f"Content-Length: {len(body)}\r\n"
        "\r\n"
    )
    return head.encode() + body
