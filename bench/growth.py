"""`scripts/bench growth`: what each official operation costs with few members, and with many.

Each number of members has a folder with a MongoDB of its own, loaded as by `scripts/demo_data --data-dir`.
Callers are drawn from all members who ever came to a store, each for one call, so that what is asked for is
seldom what was just read. One call is under way at a time, some to one server and some to the other in turn:
a busy machine is busy for both. What noise changes less, or not at all, is told too: how long the server and
MongoDB computed, and how many keys and documents MongoDB read.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import uvloop

from app.commands.progress import ProgressLine
from app.shared.errors import Refusal
from bench.findings import Findings, say
from bench.load import UnexpectedAnswer
from bench.official.calls import Call
from bench.official_operations import OFFICIAL_OPERATIONS, kind_of
from bench.populations import (
    Measured,
    Population,
    UnfinishedLoad,
    load,
    running_mongodb_in,
    served,
    settings_in,
)
from bench.report import machine
from bench.tables import Table, figure

ALLOWED = 1.3
DEFAULT_MEMBERS = (10_000, 1_000_000)
MEMBERS_FOR_A_CALLER = 2  # 6 of 10 ever came to a store


@dataclass(frozen=True, slots=True)
class Figures:
    """What a call costs: the median of how long it takes, the mean of what was computed and looked at.

    What is computed are milliseconds of the server and of MongoDB; what is looked at are keys and documents.
    """

    p50_milliseconds: float
    processor_milliseconds: float
    looked_at: float


@dataclass(frozen=True, slots=True)
class Growth:
    """An operation with few members and with many."""

    name: str
    few: Figures
    many: Figures

    @property
    def ratio(self) -> float:
        return self.many.p50_milliseconds / self.few.p50_milliseconds

    @property
    def processor_ratio(self) -> float:
        return self.many.processor_milliseconds / self.few.processor_milliseconds

    def row(self) -> tuple[str, ...]:
        few, many = self.few, self.many
        return (
            self.name,
            *(figure(each, 1) for each in (few.p50_milliseconds, many.p50_milliseconds)),
            figure(self.ratio, 2),
            *(figure(each, 2) for each in (few.processor_milliseconds, many.processor_milliseconds)),
            figure(self.processor_ratio, 2),
            *(figure(each, 1) for each in (few.looked_at, many.looked_at)),
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
        try:
            populations = [
                _population(options, folder / str(members), members, callers, running, runner)
                for members in sorted(options.members)
            ]
        except UnfinishedLoad:
            print(f"a load into a folder of {folder} was stopped: remove that folder", file=sys.stderr)
            return 1
        grown, failed = runner.run(_grown(populations, names, options.calls, options.rounds))
    findings = Findings(options.json, options.markdown, machine())
    for name, reason in failed.items():
        findings.fail(f"{name}: {reason}")
    table = _table(grown, populations)
    findings.add("growth", [{**asdict(each), "ratio": each.ratio} for each in grown], table)
    print(table.text())
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench growth", description=__doc__)
    parser.add_argument("--members", type=int, nargs=2, default=DEFAULT_MEMBERS, help="few, and many")
    parser.add_argument("--calls", type=int, default=6, help="calls of each operation in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=4, help="how many write members at once")
    parser.add_argument("--cache-megabytes", type=int, default=1_024, help="MongoDB's cache for each")
    parser.add_argument("--folder", type=Path, help="where the data is kept, and found another time")
    parser.add_argument("--json", type=Path, help="a file to write what was found to")
    parser.add_argument("--markdown", type=Path, help="a file to write the table to")
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
        say("  ".join(grown[-1].row()))
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
    few, many = map(_figures, done)
    return Growth(name, few, many)


def _figures(rounds: Sequence[Measured]) -> Figures:
    latencies = [latency for each in rounds for latency in each.latencies]
    return Figures(
        p50_milliseconds=median(latencies) * 1000,
        processor_milliseconds=sum(each.processor_seconds for each in rounds) / len(latencies) * 1000,
        looked_at=sum(each.looked_at for each in rounds) / len(latencies),
    )


def _table(grown: Sequence[Growth], populations: Sequence[Population]) -> Table:
    few, many = (f"{each.members:,}" for each in populations)
    ordered = sorted(grown, key=lambda each: each.ratio, reverse=True)
    within = sum(each.ratio <= ALLOWED for each in ordered)
    title = f"{few} and {many} members: p50, computing of server and MongoDB, keys and documents"
    headings = (
        "operation", "p50 ms: few", "many", "growth", "CPU ms: few", "many", "growth",
        "looked at: few", "many",
    )  # fmt: skip
    note = f"{within} of {len(ordered)} grew by {ALLOWED} or less"
    return Table(title, headings, [each.row() for each in ordered], [note])
