"""`scripts/bench growth`: what each official operation costs with few members, and with many.

Each number of members has a folder with a MongoDB of its own, loaded as by `scripts/demo_data --data-dir`.
Callers are drawn from all members who ever came to a store, each for one call, so that what is asked for is
seldom what was just read. One call is under way at a time, some to one server and some to the other in turn:
a busy machine is busy for both. What no noise changes is told too: how many keys and documents MongoDB read.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import uvloop

from app.commands.progress import ProgressLine
from app.shared.errors import Refusal
from bench.load import UnexpectedAnswer
from bench.official.calls import Call
from bench.official_operations import OFFICIAL_OPERATIONS, kind_of
from bench.populations import (
    Measured,
    Population,
    load,
    running_mongodb_in,
    served,
    settings_in,
)

ALLOWED = 1.3
DEFAULT_MEMBERS = (10_000, 1_000_000)
MEMBERS_FOR_A_CALLER = 2  # 6 of 10 ever came to a store


@dataclass(frozen=True, slots=True)
class Growth:
    """An operation with few members and with many: medians in milliseconds, and what MongoDB looked at."""

    name: str
    few: float
    many: float
    few_looked_at: float
    many_looked_at: float

    @property
    def ratio(self) -> float:
        return self.many / self.few

    def __str__(self) -> str:
        return (
            f"{self.name:<24} {self.few:9.1f} {self.many:9.1f} {self.ratio:8.2f}"
            f"{self.few_looked_at:11.1f} {self.many_looked_at:9.1f}"
        )


def main(arguments: Sequence[str]) -> int:
    """Prints a table of all that was measured; 1 when anything could not be."""
    options = _parser().parse_args(arguments)
    names = options.operations or [name for name in OFFICIAL_OPERATIONS if kind_of(name) != "subscription"]
    callers = len(names) * (options.calls * options.rounds + 1)
    if callers * MEMBERS_FOR_A_CALLER > min(options.members):
        needed = callers * MEMBERS_FOR_A_CALLER
        print(f"so many calls of so many operations need {needed:,} members at the least", file=sys.stderr)
        return 1
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, ExitStack() as running:
        folder = options.folder or Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tsunagu-")))
        populations = [
            _population(options, folder / str(members), members, callers, running, runner)
            for members in sorted(options.members)
        ]
        grown, failed = runner.run(_grown(populations, names, options.calls, options.rounds))
    print(_table(grown, populations))
    for name, reason in failed.items():
        print(f"not measured: {name}: {reason}", file=sys.stderr)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench growth", description=__doc__)
    parser.add_argument("--members", type=int, nargs=2, default=DEFAULT_MEMBERS, help="few, and many")
    parser.add_argument("--calls", type=int, default=6, help="calls of each operation in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=4, help="how many write members at once")
    parser.add_argument("--cache-megabytes", type=int, default=1_024, help="MongoDB's cache for each")
    parser.add_argument("--folder", type=Path, help="where the data is kept, and found another time")
    parser.add_argument("--operations", nargs="+", metavar="NAME", choices=list(OFFICIAL_OPERATIONS))
    return parser


def _population(
    options: argparse.Namespace,
    folder: Path,
    members: int,
    callers: int,
    running: ExitStack,
    runner: asyncio.Runner,
) -> Population:
    """The population in its folder, loaded if it is not there, and served for as long as `running` is."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = settings_in(folder, running.enter_context(running_mongodb_in(folder, options.cache_megabytes)))
    runner.run(load(settings, members, options.processes, ProgressLine()))
    return running.enter_context(served(settings, members, runner.run, callers))


async def _grown(
    populations: Sequence[Population], names: Sequence[str], calls: int, rounds: int
) -> tuple[list[Growth], Mapping[str, str]]:
    """How each operation grew, and why some could not be measured."""
    grown: list[Growth] = []
    failed: dict[str, str] = {}
    for name in names:
        try:
            made = [await each.calls(name, calls * rounds) for each in populations]
            grown.append(await _measured(name, populations, made, calls))
        except (Refusal, UnexpectedAnswer) as error:
            failed[name] = f"{type(error).__name__}: {error}"
            continue
        print(grown[-1], file=sys.stderr, flush=True)
    return grown, failed


async def _measured(
    name: str, populations: Sequence[Population], made: Sequence[Sequence[Call]], at_once: int
) -> Growth:
    """Sends all calls, some to each server in turn, each other time the other way round."""
    done: list[list[Measured]] = [[] for _ in populations]
    for start in range(0, len(made[0]), at_once):
        order = range(len(populations)) if start // at_once % 2 == 0 else reversed(range(len(populations)))
        for place in order:
            calls = list(made[place][start : start + at_once])
            done[place].append(await populations[place].measure(name, calls))
    (few, many), (few_looked_at, many_looked_at) = zip(*map(_summed, done), strict=True)
    return Growth(name, few, many, few_looked_at, many_looked_at)


def _summed(rounds: Sequence[Measured]) -> tuple[float, float]:
    """The median in milliseconds, and what MongoDB looked at for a call."""
    latencies = [latency for each in rounds for latency in each.latencies]
    return median(latencies) * 1000, sum(each.looked_at for each in rounds) / len(latencies)


def _table(grown: Sequence[Growth], populations: Sequence[Population]) -> str:
    few, many = (f"{each.members:,}" for each in populations)
    rows = sorted(grown, key=lambda each: each.ratio, reverse=True)
    within = sum(each.ratio <= ALLOWED for each in rows)
    middle = median(each.ratio for each in rows) if rows else 0.0
    return "\n".join(
        [
            f"{few} and {many} members: p50 in ms, and keys and documents that MongoDB looked at for a call",
            f"{'operation':<24} {'few':>9} {'many':>9} {'growth':>8} {'few':>10} {'many':>9}",
            *map(str, rows),
            f"{within} of {len(rows)} grew by {ALLOWED} or less; the median is {middle:.2f}",
        ]
    )
