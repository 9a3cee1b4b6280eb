"""How many subscriptions and connections each caller has: counted by each server process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.shared.errors import Refusal, TooManyConnections, TooManySubscriptions

MAXIMUM_OF_A_CALLER = 100
MAXIMUM_CONNECTIONS_OF_A_CALLER = 20


class Tally:
    """How many of something each caller has in this server process, and how many are too many."""

    def __init__(self, maximum: int, refusal: type[Refusal]) -> None:
        self.maximum = maximum
        self._refusal = refusal
        self._numbers: Counter[str] = Counter()

    @contextmanager
    def one_more(self, caller: str) -> Iterator[None]:
        """One more of this caller's, until the end of the block. Raises the refusal of one too many."""
        if self._numbers[caller] >= self.maximum:
            raise self._refusal(maximum=self.maximum)
        self._numbers[caller] += 1
        try:
            yield
        finally:
            self._numbers[caller] -= 1
            if not self._numbers[caller]:
                del self._numbers[caller]


class Listeners:
    """The tallies of those who listen. A stranger is known by the address that many may share."""

    def __init__(self, connections_per_address: int) -> None:
        self.subscriptions = Tally(MAXIMUM_OF_A_CALLER, TooManySubscriptions)
        self.connections = Tally(MAXIMUM_CONNECTIONS_OF_A_CALLER, TooManyConnections)
        self.connections_of_addresses = Tally(connections_per_address, TooManyConnections)
