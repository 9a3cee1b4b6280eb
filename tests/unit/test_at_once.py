"""Coroutines that are run at once, and awaited only where they have to wait."""

import asyncio

import pytest

from app.shared.processes.at_once import Begun


async def test_what_need_not_wait_is_done_at_once() -> None:
    is_set, done = asyncio.Event(), []
    is_set.set()

    async def act() -> None:
        await is_set.wait()
        done.append("it")

    assert Begun(act()).is_done
    assert done == ["it"]


async def test_what_has_to_wait_goes_on_where_it_is_awaited() -> None:
    gates, done = [asyncio.Event(), asyncio.Event()], []

    async def act() -> None:
        for gate in gates:
            await gate.wait()
            done.append(gate)

    begun = Begun(act())
    assert not begun.is_done

    async def end() -> None:
        await begun

    task = asyncio.create_task(end())
    for number, gate in enumerate(gates):
        while len(done) < number:  # noqa: ASYNC110
            await asyncio.sleep(0)
        gate.set()
    await task
    assert done == gates


@pytest.mark.parametrize("waits_first", [False, True])
async def test_it_raises_what_the_coroutine_raises(waits_first: bool) -> None:
    gate = asyncio.Event()

    async def fail() -> None:
        if waits_first:
            await gate.wait()
        raise ValueError("no")

    async def run() -> None:
        begun = Begun(fail())
        gate.set()
        await begun

    with pytest.raises(ValueError, match="no"):
        await run()


async def test_who_waits_too_long_is_told_so_and_the_coroutine_too() -> None:
    ends = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    begun = Begun(wait())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.001):
            await begun
    assert ends == ["cancelled"]
