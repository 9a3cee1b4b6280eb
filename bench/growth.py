"""`scripts/bench growth`: what each official operation costs with few members, and with many.

Each number of members has a folder with a MongoDB of its own, loaded as by `scripts/demo_data --data-dir`.
Callers are drawn from all members who ever came to a store, so that what is asked for is seldom what was just
read, and nobody calls an operation twice. One call is under way at a time, to one server and to the other in
turn: a busy machine is busy for both. An operation is called until it is clear whether it grows by more than
is allowed, or its time is over. What noise changes less, or not at all, is told too: how long the server and
MongoDB computed, and how many keys and documents MongoDB read.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvloop

from app.commands.progress import ProgressLine
from app.shared.errors import Refusal
from bench.findings import Findings, say
from bench.growth_figures import Growth, Measured, growth_table
from bench.load import UnexpectedAnswer
from bench.official_operations import OFFICIAL_OPERATIONS, kind_of
from bench.populations import Population, UnfinishedLoad, load, running_mongodb_in, served, settings_in
from bench.report import machine

DEFAULT_MEMBERS = (10_000, 1_000_000)
MEMBERS_FOR_A_CALLER = 4  # 6 of 10 ever came to a store; fewer would be drawn again and again


@dataclass(frozen=True, slots=True)
class Thoroughness:
    """How many calls of an operation there are at the least, and at the most, and for how many seconds."""

    least: int
    most: int
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Prints a table of all that was measured; 1 when anything could not be."""
    options = _parser().parse_args(arguments)
    names = options.operations or [name for name in OFFICIAL_OPERATIONS if kind_of(name) != "subscription"]
    few, many = sorted(options.members)
    if options.calls * MEMBERS_FOR_A_CALLER > few:
        print(f"so many calls need {options.calls * MEMBERS_FOR_A_CALLER:,} members", file=sys.stderr)
        return 1
    most = min(max(options.calls, options.most_calls), few // MEMBERS_FOR_A_CALLER)
    thoroughness = Thoroughness(options.calls, most, options.seconds)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, ExitStack() as running:
        folder = options.folder or Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tsunagu-")))
        try:
            populations = [
                _population(options, folder / str(members), members, running, runner)
                for members in (few, many)
            ]
        except UnfinishedLoad:
            print(f"a load into a folder of {folder} was stopped: remove that folder", file=sys.stderr)
            return 1
        grown, failed = runner.run(_grown(populations, names, thoroughness))
    findings = Findings(options.json, options.markdown, machine())
    for name, reason in failed.items():
        findings.fail(f"{name}: {reason}")
    table = growth_table(grown, few, many)
    findings.add("growth", [each.told() for each in grown], table)
    print(table.text())
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench growth", description=__doc__)
    parser.add_argument("--members", type=int, nargs=2, default=DEFAULT_MEMBERS, help="few, and many")
    parser.add_argument("--calls", type=int, default=15, help="of each operation, at the least")
    parser.add_argument("--most-calls", type=int, default=300, help="of an operation whose growth is unclear")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="after which no more calls are made of it"
    )
    parser.add_argument("--processes", type=int, default=4, help="how many write members at once")
    parser.add_argument("--cache-megabytes", type=int, default=1_024, help="MongoDB's cache for each")
    parser.add_argument("--folder", type=Path, help="where the data is kept, and found another time")
    parser.add_argument("--json", type=Path, help="a file to write what was found to")
    parser.add_argument("--markdown", type=Path, help="a file to write the table to")
    parser.add_argument("--operations", nargs="+", metavar="NAME", choices=list(OFFICIAL_OPERATIONS))
    return parser


def _population(
    options: argparse.Namespace, folder: Path, members: int, running: ExitStack, runner: asyncio.Runner
) -> Population:
    """The population in its folder, loaded if it is not there, and served for as long as `running` is."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = settings_in(folder, running.enter_context(running_mongodb_in(folder, options.cache_megabytes)))
    runner.run(load(settings, members, options.processes, ProgressLine()))
    return running.enter_context(served(settings, members, runner.run))


async def _grown(
    populations: Sequence[Population], names: Sequence[str], thoroughness: Thoroughness
) -> tuple[list[Growth], Mapping[str, str]]:
    """How each operation grew, and why some could not be measured."""
    grown: list[Growth] = []
    failed: dict[str, str] = {}
    for name in names:
        try:
            grown.append(await _measured(name, populations, thoroughness))
        except (Refusal, UnexpectedAnswer) as error:
            failed[name] = f"{type(error).__name__}: {error}"
            continue
        say("  ".join(grown[-1].row()))
    return grown, failed


async def _measured(name: str, populations: Sequence[Population], thoroughness: Thoroughness) -> Growth:
    """Some calls after others, until enough is known."""
    for each in populations:  # what is done once is done
        (first,) = await each.calls(name, 1)
        await each.ask(name, first)
    few, many = Measured(), Measured()
    growth = Growth(name, few, many)
    ends_at = time.monotonic() + thoroughness.seconds
    done = 0
    while done < thoroughness.least or (
        done < thoroughness.most and time.monotonic() < ends_at and not growth.is_clear
    ):
        number = min(thoroughness.least, thoroughness.most - done)
        await _call(name, list(zip(populations, (few, many), strict=True)), number)
        done += number
    return growth


async def _call(name: str, sides: Sequence[tuple[Population, Measured]], number: int) -> None:
    """So many calls to each server, one of each in turn; each other time the other one is first."""
    made = [await population.calls(name, number) for population, _ in sides]
    before = [population.spent() for population, _ in sides]
    for place in range(number):
        order = range(len(sides)) if place % 2 == 0 else reversed(range(len(sides)))
        for side in order:
            population, measured = sides[side]
            measured.latencies.append(await population.ask(name, made[side][place]))
    for (population, measured), earlier in zip(sides, before, strict=True):
        measured.spent += population.spent() - earlier
