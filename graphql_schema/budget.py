"""What each caller may ask for in a while: a leaky bucket of cost for each, kept by each server process.

A bucket holds so much cost and leaks steadily. What does not fit waits; what was asked for is told in the
answer's `extensions.cost`.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

CAPACITY = 60_000
LEAK_A_SECOND = 1_000
MAXIMUM_CALLERS = 100_000


@dataclass(frozen=True, slots=True)
class Charge:
    """What a request costs, what its caller has left, and how many seconds it must wait; 0 if it may run."""

    requested: int
    available: int
    wait_seconds: int

    def to_extension(self) -> dict[str, int]:
        return {"requested": self.requested, "available": self.available, "capacity": CAPACITY}


class Budget:
    """The buckets of all callers. The one that was not seen for the longest time is forgotten first."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def charge(self, caller: str, cost: int, now: datetime) -> Charge:
        """Charges the caller, or says how long to wait: then nothing is charged."""
        level = self._level(caller, now)
        if level + cost > CAPACITY:
            missing = level + cost - CAPACITY
            return Charge(cost, math.floor(CAPACITY - level), max(1, math.ceil(missing / LEAK_A_SECOND)))
        self._buckets[caller] = (level + cost, now)
        self._buckets.move_to_end(caller)
        if len(self._buckets) > MAXIMUM_CALLERS:
            self._buckets.popitem(last=False)
        return Charge(cost, math.floor(CAPACITY - level - cost), wait_seconds=0)

    def _level(self, caller: str, now: datetime) -> float:
        level, at = self._buckets.get(caller, (0.0, now))
        leaked = max(0.0, (now - at).total_seconds()) * LEAK_A_SECOND
        return max(0.0, level - leaked)
