"""Coroutines that hardly ever have to wait for anything: run at once, by a task only when they have to."""

from collections.abc import Coroutine, Generator
from typing import Any


class Begun(Generator[Any, Any, None]):
    """A coroutine that ran as far as it goes without waiting. Unless it `is_done`, it is to be awaited.

    Another task may await it than the one that began it. So it is for coroutines that, before they first
    wait, neither set a time limit nor a context variable. Raises what the coroutine does.
    """

    __slots__ = ("_coroutine", "_waits_for", "is_done")

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self._coroutine = coroutine
        self._waits_for: Any = None
        self.is_done = False
        try:
            self._waits_for = coroutine.send(None)
        except StopIteration:
            self.is_done = True

    def __await__(self) -> Generator[Any, Any, None]:
        return self

    def send(self, value: Any) -> Any:
        """Goes on; at first, tells again what the coroutine waits for, which nobody has been told."""
        waits_for, self._waits_for = self._waits_for, None
        return self._coroutine.send(value) if waits_for is None else waits_for

    def throw(self, *error: Any) -> Any:
        self._waits_for = None
        return self._coroutine.throw(*error)

    def close(self) -> None:
        self._coroutine.close()
