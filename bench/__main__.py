"""`python -m bench`: the API against plain routes that do the same work by hand, in one table."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TypeVar

from app.demo.catalog import table_sku_count
from app.demo.retailer import town_count
from bench import fan_out, growth, hot_budget, recall, return_visits
from bench.faults import run as fault_run
from bench.findings import Findings
from bench.home import APPLICATION, ENGINE, home_table, measure_home
from bench.hot_budget import measure_budget
from bench.official_bench import Extent, measure_official
from bench.official_operations import OFFICIAL_OPERATIONS, kind_of
from bench.report import machine

Number = TypeVar("Number", int, float)

BENCHES = {
    "recall": recall.main,
    "budget": hot_budget.main,
    "returns": return_visits.main,
    "events": fan_out.main,
    "faults": fault_run.main,
    "growth": growth.main,
}
SUBSCRIPTION = "subscription"
HOME = "home"
FILES = {"json", "markdown", "plot"}
BUDGET_ROUNDS = 5  # so much longer than one of the others a round of redemptions lasts
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str]) -> int:
    """Measures and prints; 1 when what was measured is worth nothing. Some benches are their own."""
    for each in ENDING_SIGNALS:
        signal.signal(each, _end)
    name = arguments[0].removeprefix("--") if arguments else ""
    if name in BENCHES:
        return BENCHES[name](arguments[1:])
    options = _parser().parse_args(arguments)
    described = machine()
    findings = Findings(options.json, options.markdown, {"machine": described, "options": _given(options)})
    print(", ".join(f"{name} {value}" for name, value in described.items()))
    print(
        f"{options.callers} callers, {options.rounds} interleaved rounds of {options.seconds:g} s, "
        "one process for each server, one MongoDB for all\n",
        flush=True,
    )
    try:
        if not options.operations or HOME in options.operations:
            for name, screen in (("engine", ENGINE), ("home", APPLICATION)):
                with findings.part(screen.title):
                    home = measure_home(screen, options.callers, options.rounds, options.seconds)
                    findings.add(name, home, home_table(screen, home))
        with findings.part("official operations and subscriptions"):
            measure_official(_extent_of(options), findings, options.plot)
        if not options.operations:
            _measure_budget(options, findings)
    finally:  # whatever ends us early, what was found is worth telling
        print(*(f"{table.text()}\n" for table in findings.tables), sep="\n")
        print(*(f"failed: {failure}" for failure in findings.failures), sep="\n", flush=True)
    return 1 if findings.failures else 0


def _measure_budget(options: argparse.Namespace, findings: Findings) -> None:
    with findings.part("one hot budget"):
        kept = measure_budget(2 * options.callers, BUDGET_ROUNDS * options.seconds)
        findings.add("hot_budget", kept, kept.table())
        if not kept.is_kept:
            findings.fail("the budget did not hold")


def _given(options: argparse.Namespace) -> dict[str, object]:
    """The options that bear on what is measured."""
    return {name: value for name, value in vars(options).items() if name not in FILES}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=_at_least(0.1), default=0.4, help="how long each round lasts")
    parser.add_argument("--rounds", type=_at_least(1), default=2, help="how often each server is measured")
    parser.add_argument("--callers", type=_at_least(1), default=32, help="how many ask at the same time")
    parser.add_argument(
        "--changes", type=_at_least(2), default=32, help="how many calls of what changes anything"
    )
    parser.add_argument(
        "--operations",
        nargs="+",
        metavar="NAME",
        choices=OFFICIAL_OPERATIONS,
        help="these alone, and no budget",
    )
    towns, table_skus = town_count(), table_sku_count()
    parser.add_argument("--stores", type=_at_least(towns), default=towns, help="how many stores there are")
    parser.add_argument("--skus", type=_at_least(table_skus), default=500, help="how many SKUs they stock")
    parser.add_argument("--counters", type=_at_least(1), default=200, help="how many counters look on")
    parser.add_argument("--idle", type=_at_least(1), default=5_000, help="how many follow an order in vain")
    parser.add_argument("--listeners", type=_at_least(2), default=500, help="how many follow what changes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results to this file too")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables to this file too")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the operations' ratios")
    return parser


def _extent_of(options: argparse.Namespace) -> Extent:
    wanted = options.operations or list(OFFICIAL_OPERATIONS)
    return Extent(
        names=[name for name in wanted if kind_of(name) != SUBSCRIPTION],
        followed=[name for name in wanted if kind_of(name) == SUBSCRIPTION],
        callers=options.callers,
        rounds=options.rounds,
        seconds=options.seconds,
        changes=max(options.changes, options.rounds),
        stores=options.stores,
        skus=options.skus,
        counters=options.counters,
        idle=options.idle,
        listeners=options.listeners,
    )


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
