"""What lives, remembered for a moment so that not every request asks MongoDB."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.shared.clock import Clock

REMEMBERED_FOR = timedelta(seconds=30)
MAXIMUM_REMEMBERED = 100_000

Value = TypeVar("Value")
Load = Callable[[str, datetime], Awaitable[Value | None]]


class Remembered(Generic[Value]):
    """Sessions or partners, or what is to be known of them. `load` gives None for what has ended.

    What is ended or changed here counts at once; what another process ends or changes, within 30 s.
    """

    def __init__(self, load: Load[Value], clock: Clock) -> None:
        self._load = load
        self._clock = clock
        self._seen: OrderedDict[str, tuple[Value, datetime]] = OrderedDict()
        self._forgotten = 0

    def known(self, key: str, now: datetime) -> Value | None:
        """The value, if it is remembered at this moment."""
        value, seen_at = self._seen.get(key, (None, now))
        return value if timedelta(0) <= now - seen_at < REMEMBERED_FOR else None

    async def get(self, key: str) -> Value | None:
        """The value; None for what has ended."""
        now = self._clock.now()
        known = self.known(key, now)
        if known is not None:
            return known
        forgotten_before = self._forgotten
        loaded = await self._load(key, now)
        if loaded is None:
            self.forget(key)
        elif forgotten_before == self._forgotten:  # or else it may have ended while we asked
            self._remember(key, loaded, now)
        return loaded

    def forget(self, key: str) -> None:
        self._forgotten += 1
        self._seen.pop(key, None)

    def forget_all(self) -> None:
        self._forgotten += 1
        self._seen.clear()

    def _remember(self, key: str, value: Value, now: datetime) -> None:
        self._seen[key] = (value, now)
        self._seen.move_to_end(key)
        if len(self._seen) > MAXIMUM_REMEMBERED:
            self._seen.popitem(last=False)
