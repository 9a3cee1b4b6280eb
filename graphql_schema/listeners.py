"""How many subscriptions each caller has: counted by each server process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.shared.errors import TooManySubscriptions

MAXIMUM_OF_A_CALLER = 100


class Listeners:
    """How many subscriptions each caller has in this server process."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()

    @contextmanager
    def one_more(self, caller: str) -> Iterator[None]:
        """A subscription of this caller's. Raises TooManySubscriptions."""
        if self._numbers[caller] >= MAXIMUM_OF_A_CALLER:
            raise TooManySubscriptions(maximum=MAXIMUM_OF_A_CALLER)
        self._numbers[caller] += 1
        try:
            yield
        finally:
            self._numbers[caller] -= 1
            if not self._numbers[caller]:
                del self._numbers[caller]
