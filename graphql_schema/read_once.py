"""What one request reads by keys."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class ReadOnce(Generic[Key, Value]):
    """Reads nothing twice, and what is wanted at the same moment at once: so many keys at the most.

    What cannot be read is an exception in the place of the value.
    """

    def __init__(
        self, read: Callable[[list[Key]], Awaitable[Sequence[Value | Exception]]], keys_at_once: int = 1_000
    ) -> None:
        """`read` gives the values of keys, in their order."""
        self._read = read
        self._keys_at_once = keys_at_once
        self._found: dict[Key, Value | Exception] = {}
        self._under_way: dict[Key, asyncio.Task[None]] = {}
        self._wanted: list[Key] = []
        self._next: asyncio.Task[None] | None = None

    def know(self, key: Key, value: Value) -> None:
        """This value does not have to be read any more."""
        self._found[key] = value

    async def find(self, keys: Sequence[Key]) -> list[Value | Exception]:
        """The values of these keys, in their order."""
        missing = {key: None for key in keys if key not in self._found}
        for task in {self._under_way.get(key) or self._begin(key) for key in missing}:
            await asyncio.shield(task)  # others may wait for it, too
        return [self._found[key] for key in keys]

    def _begin(self, key: Key) -> asyncio.Task[None]:
        if self._next is None:
            self._next = asyncio.create_task(self._read_wanted())
        self._wanted.append(key)
        self._under_way[key] = self._next
        return self._next

    async def _read_wanted(self) -> None:
        await asyncio.sleep(0)  # those who are resumed at the same moment have said what they want by then
        wanted, self._wanted, self._next = self._wanted, [], None
        for start in range(0, len(wanted), self._keys_at_once):
            keys = wanted[start : start + self._keys_at_once]
            try:
                found = await self._read(keys)
                self._found.update(zip(keys, found, strict=True))
            except Exception as error:
                self._found.update(dict.fromkeys(keys, error))
