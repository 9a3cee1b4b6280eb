"""Reads that many want at the same moment: done once for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextvars import Context
from typing import Generic, TypeVar

Value = TypeVar("Value")


class JoinedReads(Generic[Value]):
    """Gives what was read after one asked, and never what was already being read then.

    Of each key, one read is under way; whoever asks meanwhile waits for its end, and then for the next one,
    which is for all of them. So thousands who come at once cost a few reads.
    """

    def __init__(self) -> None:
        self._next: dict[Hashable, asyncio.Task[Value]] = {}
        self._under_way: dict[Hashable, asyncio.Task[Value]] = {}

    async def get(self, key: Hashable, read: Callable[[], Awaitable[Value]]) -> Value:
        """What `read` gives, which may be that of another who asked for the same key. Raises what it does."""
        task = self._next.get(key)
        if task is None:
            before = self._under_way.get(key)
            task = asyncio.create_task(self._read(key, read, before), context=Context())
            self._next[key] = task
        return await asyncio.shield(task)  # whoever asked first may leave: the others still wait

    async def _read(
        self, key: Hashable, read: Callable[[], Awaitable[Value]], before: "asyncio.Task[Value] | None"
    ) -> Value:
        if before is not None:
            await asyncio.wait([before])
        task = self._under_way[key] = self._next.pop(key)
        try:
            return await read()
        finally:
            if self._under_way[key] is task:
                del self._under_way[key]
