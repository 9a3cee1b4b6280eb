"""Things that live, remembered for a moment so that not every request asks MongoDB."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from app.shared.clock import Clock

REMEMBERED_FOR = timedelta(seconds=30)
MAXIMUM_REMEMBERED = 100_000

Lives = Callable[[str, datetime], Awaitable[bool]]


class RememberedLives:
    """Which sessions or partners live.

    One that is ended here is dead at once; one that is ended by another process within 30 s.
    """

    def __init__(self, lives: Lives, clock: Clock) -> None:
        self._lives = lives
        self._clock = clock
        self._seen: OrderedDict[str, datetime] = OrderedDict()
        self._forgotten = 0

    async def contains(self, key: str) -> bool:
        now = self._clock.now()
        seen = self._seen.get(key)
        if seen is not None and timedelta(0) <= now - seen < REMEMBERED_FOR:
            return True
        forgotten_before = self._forgotten
        if not await self._lives(key, now):
            self.forget(key)
            return False
        if forgotten_before == self._forgotten:  # or else it may have ended while we asked
            self._remember(key, now)
        return True

    def forget(self, key: str) -> None:
        self._forgotten += 1
        self._seen.pop(key, None)

    def forget_all(self) -> None:
        self._forgotten += 1
        self._seen.clear()

    def _remember(self, key: str, now: datetime) -> None:
        self._seen[key] = now
        self._seen.move_to_end(key)
        if len(self._seen) > MAXIMUM_REMEMBERED:
            self._seen.popitem(last=False)
