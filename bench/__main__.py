"""`python -m bench`: the API against plain routes that do the same work by hand, in one table."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import TypeVar

import uvloop

from app.demo.catalog import table_sku_count
from app.demo.retailer import town_count
from bench import fan_out, hot_budget, recall, return_visits
from bench.data import load
from bench.following import ORDERS_A_SECOND, Sightings, Waiting, sightings, waiting
from bench.home import SERVERS, HomeScreen, home_screens, settings_of_home
from bench.load import UnexpectedAnswer
from bench.measuring import AnswersDiffer, Measurement, customers_needed, measure, visitors_needed
from bench.operations import Operation, Requests
from bench.pickups import STORES
from bench.report import machine, result_of, table, write_json
from bench.servers import (
    GRAPHQL,
    PLAIN,
    Server,
    ServerNotReady,
    running_mongodb,
    running_server,
    settings_for,
)

Number = TypeVar("Number", int, float)

BENCHES = {
    "recall": recall.main,
    "budget": hot_budget.main,
    "returns": return_visits.main,
    "events": fan_out.main,
}
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str]) -> int:
    """Measures and prints; 1 when what was measured is worth nothing. Some benches are their own."""
    for each in ENDING_SIGNALS:
        signal.signal(each, _end)
    if arguments and arguments[0] in BENCHES:
        return BENCHES[arguments[0]](arguments[1:])
    options = _parser().parse_args(arguments)
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    print(
        f"{options.callers} callers, {options.rounds} interleaved rounds of {options.seconds:g} s, "
        "one process for each server, one MongoDB for both\n",
        flush=True,
    )
    try:
        home = _measure_home(options)
        measurements, seen, idle = _measure(options)
    except (AnswersDiffer, ServerNotReady, UnexpectedAnswer) as error:
        notes = getattr(error, "__notes__", [])
        print(*notes, f"bench: {type(error).__name__}: {error}", sep="\n", file=sys.stderr)
        return 1
    results = [result_of(measurement) for measurement in measurements]
    print(*home, sep="\n")
    print(table(results))
    print(
        f"\n{seen.counters} counters see {seen.orders} new orders: "
        f"p50 {seen.p50_milliseconds:.0f} ms, p99 {seen.p99_milliseconds:.0f} ms after they were sent"
    )
    print(f"{idle.subscriptions:,} idle subscriptions: {idle.kilobytes_each:.0f} KB of memory each")
    if options.json is not None:
        given = {name: getattr(options, name) for name in ("callers", "rounds", "seconds", "stores", "skus")}
        write_json(options.json, results, given)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=_at_least(0.1), default=3.0, help="how long each round lasts")
    parser.add_argument("--rounds", type=_at_least(1), default=3, help="how often each pair is measured")
    parser.add_argument("--callers", type=_at_least(1), default=32, help="how many ask at the same time")
    towns, table_skus = town_count(), table_sku_count()
    parser.add_argument("--stores", type=_at_least(towns), default=towns, help="how many stores there are")
    parser.add_argument("--skus", type=_at_least(table_skus), default=500, help="how many SKUs they stock")
    parser.add_argument("--counters", type=_at_least(STORES), default=200, help="how many counters look on")
    parser.add_argument("--idle", type=_at_least(1), default=5_000, help="how many follow an order in vain")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file too")
    return parser


def _at_least(minimum: Number) -> Callable[[str], Number]:
    """Reads a number of the minimum's own kind."""

    def number(text: str) -> Number:
        value = type(minimum)(text)
        if value < minimum:
            raise argparse.ArgumentTypeError(f"at least {minimum}")
        return value

    return number


def _end(number: int, frame: FrameType | None) -> None:
    """Ends us in order: no process and no folder stays behind. A second signal changes nothing."""
    for each in ENDING_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


def _measure_home(options: argparse.Namespace) -> list[HomeScreen]:
    """Measures the home screen whose data is in memory: the plain route, plans, and graphql-core."""
    with ExitStack() as running, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tsunagu-bench-")))
        settings = {name: settings_of_home(name, folder) for name in SERVERS}
        servers = [running.enter_context(running_server(name, each)) for name, each in settings.items()]
        return runner.run(
            home_screens(servers, settings[SERVERS[0]], options.callers, options.rounds, options.seconds)
        )


def _measure(options: argparse.Namespace) -> tuple[list[Measurement], Sightings, Waiting]:
    """Starts everything in a folder of its own, measures, and leaves nothing behind."""
    with ExitStack() as running, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tsunagu-bench-")))
        mongodb_uri = running.enter_context(running_mongodb(folder / "mongodb"))
        settings = {name: settings_for(name, mongodb_uri, folder) for name in (GRAPHQL, PLAIN)}
        customers = customers_needed(options.seconds, options.rounds)
        visitors = visitors_needed(options.seconds, options.rounds)
        data = runner.run(
            load(list(settings.values()), customers, visitors, options.idle, options.stores, options.skus)
        )
        servers: list[Server] = [
            running.enter_context(running_server(name, each)) for name, each in settings.items()
        ]
        requests = {server: Requests(server, data) for server in servers}
        measured = runner.run(
            measure(requests, mongodb_uri, options.callers, options.rounds, options.seconds)
        )
        server = next(each for each in servers if each.name == GRAPHQL)
        orders = requests[server].of(Operation.PLACE_ORDER, round(options.seconds * ORDERS_A_SECOND))
        seen = runner.run(sightings(server, data.audience.clerks, options.counters, orders))
        return measured, seen, runner.run(waiting(server, data.audience.followers))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
