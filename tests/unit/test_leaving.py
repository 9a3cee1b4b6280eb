"""How a process leaves that is asked to end: first it says so, later it goes."""

import asyncio
import os
import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from app.shared.processes.children import leave_in_two_steps
from tests.api.live import until as wait

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def steps() -> Iterator[list[str]]:
    """What happens, in order. The signals' handlers are as they were afterwards."""
    happened: list[str] = []
    handlers = {number: signal.getsignal(number) for number in ENDING}

    def handle(number: int, frame: FrameType | None) -> None:
        happened.append(signal.Signals(number).name)

    for number in ENDING:
        signal.signal(number, handle)
    yield happened
    for number, handler in handlers.items():
        signal.signal(number, handler)


async def until(happened: list[str], number: int) -> None:
    await wait(lambda: len(happened) >= number)


def prepare(happened: list[str], seconds: float) -> None:
    leave_in_two_steps(
        asyncio.get_running_loop(),
        seconds,
        lambda: happened.append("announced"),
        lambda: happened.append("left"),
    )


async def test_it_announces_first_and_leaves_when_the_time_is_over(steps: list[str]) -> None:
    prepare(steps, 0.05)
    os.kill(os.getpid(), signal.SIGTERM)
    await until(steps, 3)
    assert steps[0] == "announced"
    assert set(steps[1:]) == {"left", "SIGTERM"}


async def test_a_second_signal_ends_the_wait(steps: list[str]) -> None:
    prepare(steps, 600)
    os.kill(os.getpid(), signal.SIGTERM)
    await until(steps, 1)
    assert steps == ["announced"]
    os.kill(os.getpid(), signal.SIGINT)
    await until(steps, 3)
    assert set(steps[1:]) == {"left", "SIGINT"}


async def test_without_a_wait_it_leaves_at_once(steps: list[str]) -> None:
    prepare(steps, 0)
    os.kill(os.getpid(), signal.SIGHUP)
    await until(steps, 2)
    assert set(steps) == {"left", "SIGHUP"}


async def test_who_left_by_a_second_signal_does_not_leave_again(steps: list[str]) -> None:
    prepare(steps, 0.1)
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
    await until(steps, 3)
    await asyncio.sleep(0.3)
    assert sorted(steps) == ["SIGTERM", "announced", "left"]
