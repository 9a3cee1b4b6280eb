"""What lives is remembered for a moment, and what has ended is not."""

import asyncio
from datetime import datetime, timedelta

import pytest

from app.auth import remembering
from app.auth.remembering import Remembered
from tests.conftest import NOON_IN_TOKYO, MovableClock


class Asked:
    """Answers who lives, when it is let."""

    def __init__(self) -> None:
        self.living = {"a", "b"}
        self.times = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, key: str, now: datetime) -> str | None:
        self.times += 1
        found = f"the life of {key}" if key in self.living else None
        await self.gate.wait()
        return found


async def test_it_is_asked_once_in_30_seconds() -> None:
    asked, clock = Asked(), MovableClock(NOON_IN_TOKYO)
    lives = Remembered(asked, clock)
    assert [await lives.get("a") for _ in range(5)] == ["the life of a"] * 5
    assert asked.times == 1
    asked.living.clear()
    clock.advance(timedelta(seconds=30))
    assert not await lives.get("a")


async def test_what_ends_while_it_is_asked_for_is_not_remembered() -> None:
    asked = Asked()
    lives = Remembered(asked, MovableClock(NOON_IN_TOKYO))
    asked.gate.clear()
    on_the_way = asyncio.create_task(lives.get("a"))
    await asyncio.sleep(0)
    asked.living.discard("a")
    lives.forget("a")
    asked.gate.set()
    await on_the_way
    assert not await lives.get("a")


async def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked()
    asked.living = {str(number) for number in range(10)}
    monkeypatch.setattr(remembering, "MAXIMUM_REMEMBERED", 5)
    lives = Remembered(asked, MovableClock(NOON_IN_TOKYO))
    for number in range(10):
        assert await lives.get(str(number))
    assert await lives.get("9")
    assert asked.times == 10
    assert await lives.get("0")
    assert asked.times == 11
