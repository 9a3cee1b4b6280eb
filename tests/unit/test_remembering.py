"""What lives is remembered for a moment, and what has ended is not."""

import asyncio
from datetime import datetime, timedelta

import pytest

from app.auth import remembering
from app.auth.remembering import RememberedLives
from tests.conftest import NOON_IN_TOKYO, MovableClock


class Asked:
    """Answers who lives, when it is let."""

    def __init__(self) -> None:
        self.living = {"a", "b"}
        self.times = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, key: str, now: datetime) -> bool:
        self.times += 1
        lives = key in self.living
        await self.gate.wait()
        return lives


async def test_it_is_asked_once_in_30_seconds() -> None:
    asked, clock = Asked(), MovableClock(NOON_IN_TOKYO)
    lives = RememberedLives(asked, clock)
    assert [await lives.contains("a") for _ in range(5)] == [True] * 5
    assert asked.times == 1
    asked.living.clear()
    clock.advance(timedelta(seconds=30))
    assert not await lives.contains("a")


async def test_what_ends_while_it_is_asked_for_is_not_remembered() -> None:
    asked = Asked()
    lives = RememberedLives(asked, MovableClock(NOON_IN_TOKYO))
    asked.gate.clear()
    on_the_way = asyncio.create_task(lives.contains("a"))
    await asyncio.sleep(0)
    asked.living.discard("a")
    lives.forget("a")
    asked.gate.set()
    await on_the_way
    assert not await lives.contains("a")


async def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked()
    asked.living = {str(number) for number in range(10)}
    monkeypatch.setattr(remembering, "MAXIMUM_REMEMBERED", 5)
    lives = RememberedLives(asked, MovableClock(NOON_IN_TOKYO))
    for number in range(10):
        assert await lives.contains(str(number))
    assert await lives.contains("9")
    assert asked.times == 10
    assert await lives.contains("0")
    assert asked.times == 11
