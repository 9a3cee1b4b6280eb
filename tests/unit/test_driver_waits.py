"""PyMongo's lock of all servers is given back, however a wait for one of them ends."""

import asyncio
from types import ModuleType

import pytest
from pymongo.lock import _async_create_condition, _async_create_lock

from app.shared.mongodb.driver_waits import WAITING, mend_waits
from tests.patience import PATIENCE_SECONDS

SOON = 0.01

mend_waits()


@pytest.mark.parametrize("module", WAITING, ids=lambda module: module.__name__)
async def test_who_is_cancelled_while_the_lock_is_taken_leaves_nothing_behind(module: ModuleType) -> None:
    lock = _async_create_lock()
    condition = _async_create_condition(lock)

    async def wait() -> None:
        async with lock:
            await module._async_cond_wait(condition, SOON)

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    async with lock:  # the time is up meanwhile
        await asyncio.sleep(2 * SOON)
        waiting.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(lock.acquire(), PATIENCE_SECONDS)


@pytest.mark.parametrize("module", WAITING, ids=lambda module: module.__name__)
async def test_a_wait_tells_whether_it_was_in_time(module: ModuleType) -> None:
    lock = _async_create_lock()
    condition = _async_create_condition(lock)

    async def notify() -> None:
        async with lock:
            condition.notify_all()

    async with lock:
        assert not await module._async_cond_wait(condition, SOON)
        telling = asyncio.create_task(notify())
        assert await module._async_cond_wait(condition, PATIENCE_SECONDS)
    await telling
