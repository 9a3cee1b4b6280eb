"""What everybody asks for, as it was a moment ago: something small that is read often and changes seldom."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.shared.clock import Clock

REMEMBERED_FOR = timedelta(seconds=10)

Value = TypeVar("Value")


class Snapshot(Generic[Value]):
    """A value as it was at most 10 s ago; what this process has changed and `forget` says is seen at once."""

    def __init__(self, load: Callable[[], Awaitable[Value]], clock: Clock) -> None:
        self._load = load
        self._clock = clock
        self._loaded: tuple[Value, datetime] | None = None
        self._changes = 0
        self._loading: asyncio.Task[Value] | None = None

    async def get(self) -> Value:
        """The value. Of many who ask at once, one loads it; all share the answer, or the error."""
        if self._loaded is not None:
            value, loaded_at = self._loaded
            if timedelta(0) <= self._clock.now() - loaded_at < REMEMBERED_FOR:
                return value
        if self._loading is None or self._loading.done():
            self._loading = asyncio.create_task(self._ask())
        return await asyncio.shield(self._loading)

    def forget(self) -> None:
        """Loads it anew the next time: this process has changed it."""
        self._changes += 1
        self._loaded = None
        self._loading = None

    async def _ask(self) -> Value:
        asked_at, changes = self._clock.now(), self._changes
        value = await self._load()
        if changes == self._changes:  # or else it may have changed while we asked
            self._loaded = value, asked_at
        return value
