"""What an operation took with few members and with many, and how sure it is that it grew so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, exp, floor, hypot, log, sqrt
from statistics import median
from typing import Any

from bench.populations import Spent
from bench.tables import Table, figure

ALLOWED = 1.3
SURE = 1.96  # standard deviations on both sides: 19 times of 20

HEADINGS = (
    "operation", "calls", "p50 ms: few", "many", "growth", "at least", "at most",
    "CPU ms: few", "many", "growth", "looked at: few", "many",
)  # fmt: skip


@dataclass(slots=True)
class Measured:
    """The calls of an operation so far: how long each took, in seconds, and what they took together."""

    latencies: list[float] = field(default_factory=list)
    spent: Spent = field(default_factory=Spent)

    @property
    def p50_milliseconds(self) -> float:
        return median(self.latencies) * 1000

    @property
    def processor_milliseconds(self) -> float:
        """What the server and MongoDB computed for a call, in the mean."""
        return self.spent.processor_seconds / len(self.latencies) * 1000

    @property
    def looked_at(self) -> float:
        """The keys and documents that MongoDB looked at for a call, in the mean."""
        return self.spent.looked_at / len(self.latencies)


@dataclass(frozen=True, slots=True)
class Growth:
    """An operation with few members and with many."""

    name: str
    few: Measured
    many: Measured

    @property
    def ratio(self) -> float:
        return self.many.p50_milliseconds / self.few.p50_milliseconds

    @property
    def interval(self) -> tuple[float, float]:
        """Between what the ratio is, by what is known of both medians (the method of variance estimates
        recovery, of logarithms).
        """
        few_low, few, few_high = (log(each) for each in median_within(self.few.latencies))
        many_low, many, many_high = (log(each) for each in median_within(self.many.latencies))
        below, above = hypot(many - many_low, few_high - few), hypot(many_high - many, few - few_low)
        return self.ratio * exp(-below), self.ratio * exp(above)

    @property
    def is_clear(self) -> bool:
        """Whether more calls would hardly tell otherwise if it grows by more than is allowed."""
        at_least, at_most = self.interval
        return at_most <= ALLOWED or at_least > ALLOWED

    def told(self) -> dict[str, Any]:
        sizes = {"few": self.few, "many": self.many}
        at_least, at_most = self.interval
        return {
            "name": self.name,
            "calls": len(self.few.latencies),
            "ratio": self.ratio,
            "at_least": at_least,
            "at_most": at_most,
            **{
                size: {
                    "p50_milliseconds": each.p50_milliseconds,
                    "processor_milliseconds": each.processor_milliseconds,
                    "looked_at": each.looked_at,
                }
                for size, each in sizes.items()
            },
        }

    def row(self) -> tuple[str, ...]:
        sizes = (self.few, self.many)
        computed = [each.processor_milliseconds for each in sizes]
        return (
            self.name,
            figure(len(self.few.latencies)),
            *(figure(each.p50_milliseconds, 1) for each in sizes),
            *(figure(each, 2) for each in (self.ratio, *self.interval)),
            *(figure(each, 2) for each in (*computed, computed[1] / computed[0])),
            *(figure(each.looked_at, 1) for each in sizes),
        )


def median_within(values: Sequence[float]) -> tuple[float, float, float]:
    """The median, and before and after it what that of all such values lies between, 19 times of 20.

    By rank, so however they are distributed. Of fewer than six values, their ends, which is less sure.
    """
    ordered = sorted(values)
    middle, reach = len(ordered) / 2, SURE * sqrt(len(ordered)) / 2
    low, high = floor(middle - reach), ceil(middle + reach) - 1
    return ordered[max(low, 0)], median(ordered), ordered[min(high, len(ordered) - 1)]


def growth_table(grown: Sequence[Growth], few: int, many: int) -> Table:
    """The operations that grew most first."""
    ordered = sorted(grown, key=lambda each: each.ratio, reverse=True)
    within = [each for each in ordered if each.ratio <= ALLOWED]
    surely = sum(each.is_clear for each in within)
    title = f"{few:,} and {many:,} members: p50, computing of server and MongoDB, keys and documents"
    note = f"{len(within)} of {len(ordered)} grew by {ALLOWED} or less, {surely} of them surely"
    return Table(title, HEADINGS, [each.row() for each in ordered], [note])
