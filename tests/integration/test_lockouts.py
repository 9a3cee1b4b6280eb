"""Lockouts on a real MongoDB: tries are counted however many come at once."""

import asyncio
from datetime import timedelta

import pytest

from app.shared.lockouts import WAIT_SECONDS, Lockout, Lockouts
from app.shared.mongodb.database import Database
from tests.conftest import MovableClock

PIN_TRIES = Lockout("pin", free_tries=5)
CODE = "UMEDA1"


@pytest.fixture
def lockouts(database: Database, clock: MovableClock) -> Lockouts:
    return Lockouts(database, clock)


async def test_free_tries_then_longer_and_longer_waits(lockouts: Lockouts, clock: MovableClock) -> None:
    assert [await lockouts.count_try(PIN_TRIES, CODE) for _ in range(5)] == [0] * 5
    for wait in (*WAIT_SECONDS, WAIT_SECONDS[-1], WAIT_SECONDS[-1]):
        assert await lockouts.count_try(PIN_TRIES, CODE) == wait
        clock.advance(timedelta(seconds=wait - 1, milliseconds=1))
        assert await lockouts.count_try(PIN_TRIES, CODE) == 1
        clock.advance(timedelta(milliseconds=999))
        assert await lockouts.count_try(PIN_TRIES, CODE) == 0


async def test_of_64_tries_at_once_the_free_ones_are_admitted(
    lockouts: Lockouts, clock: MovableClock
) -> None:
    waits = await asyncio.gather(*(lockouts.count_try(PIN_TRIES, CODE) for _ in range(64)))
    assert sorted(waits) == [0] * 5 + [30] * 59
    clock.advance(timedelta(seconds=30))
    waits = await asyncio.gather(*(lockouts.count_try(PIN_TRIES, CODE) for _ in range(64)))
    assert sorted(waits) == [0] + [60] * 63


async def test_success_takes_the_count_back(lockouts: Lockouts) -> None:
    for _ in range(3):
        for _ in range(4):
            assert await lockouts.count_try(PIN_TRIES, CODE) == 0
        assert await lockouts.forgive(PIN_TRIES, "another") == 0
        assert await lockouts.forgive(PIN_TRIES, CODE) == 4
    for _ in range(5):
        assert await lockouts.count_try(PIN_TRIES, CODE) == 0
    assert await lockouts.count_try(PIN_TRIES, "another") == 0


async def test_tries_are_forgotten_a_day_after_the_first(lockouts: Lockouts, clock: MovableClock) -> None:
    for _ in range(5):
        await lockouts.count_try(PIN_TRIES, CODE)
    clock.advance(timedelta(hours=24) - timedelta(milliseconds=1))
    assert await lockouts.count_try(PIN_TRIES, CODE) == 0
    assert await lockouts.count_try(PIN_TRIES, CODE) == 60
    clock.advance(timedelta(hours=24))
    for _ in range(5):
        assert await lockouts.count_try(PIN_TRIES, CODE) == 0
    assert await lockouts.count_try(PIN_TRIES, CODE) == 30


async def test_each_kind_of_try_is_counted_by_itself(lockouts: Lockouts) -> None:
    for _ in range(6):
        await lockouts.count_try(PIN_TRIES, CODE)
    assert await lockouts.count_try(Lockout("device", free_tries=5), CODE) == 0


async def test_the_few_mistakes_of_many_days_never_add_up(lockouts: Lockouts, clock: MovableClock) -> None:
    for _ in range(30):
        assert await lockouts.count_try(PIN_TRIES, CODE) == 0
        clock.advance(timedelta(hours=6))


async def test_a_wait_outlives_the_day(lockouts: Lockouts, clock: MovableClock) -> None:
    await lockouts.count_try(PIN_TRIES, CODE)
    clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    for _ in range(4):
        await lockouts.count_try(PIN_TRIES, CODE)
    clock.advance(timedelta(seconds=2))
    assert await lockouts.count_try(PIN_TRIES, CODE) == 28
    clock.advance(timedelta(seconds=28))
    assert [await lockouts.count_try(PIN_TRIES, CODE) for _ in range(6)] == [0] * 5 + [30]


async def test_tries_that_are_taken_back_were_none(lockouts: Lockouts) -> None:
    for _ in range(5):
        await lockouts.count_try(PIN_TRIES, CODE)
    await lockouts.take_back(2, PIN_TRIES, CODE)
    assert [await lockouts.count_try(PIN_TRIES, CODE) for _ in range(3)] == [0, 0, 30]
    await lockouts.take_back(99, PIN_TRIES, CODE)
    assert [await lockouts.count_try(PIN_TRIES, CODE) for _ in range(6)] == [0] * 5 + [30]
    await lockouts.take_back(1, PIN_TRIES, "another")


async def test_of_32_who_forgive_at_once_one_is_told_the_number(lockouts: Lockouts) -> None:
    for _ in range(4):
        await lockouts.count_try(PIN_TRIES, CODE)
    told = await asyncio.gather(*(lockouts.forgive(PIN_TRIES, CODE) for _ in range(32)))
    assert sorted(told) == [0] * 31 + [4]


async def test_all_longer_subjects_are_forgiven_and_no_others(lockouts: Lockouts) -> None:
    subjects = [(CODE, "one"), (CODE, "two"), ("UMEDA10", "one"), (CODE,)]
    for subject in subjects:
        for _ in range(5):
            await lockouts.count_try(PIN_TRIES, *subject)
    await lockouts.forgive_all(PIN_TRIES, CODE)
    assert [await lockouts.count_try(PIN_TRIES, *subject) for subject in subjects] == [0, 0, 30, 30]


async def test_whoever_has_free_tries_is_not_locked_by_a_clock_that_was_ahead(
    lockouts: Lockouts, clock: MovableClock
) -> None:
    clock.advance(timedelta(hours=25))
    assert await lockouts.count_try(PIN_TRIES, CODE) == 0
    clock.advance(timedelta(hours=-25))
    assert await lockouts.count_try(PIN_TRIES, CODE) == 0
    clock.advance(timedelta(hours=25))
    await lockouts.take_back(2, PIN_TRIES, CODE)
    clock.advance(timedelta(hours=-25))
    assert [await lockouts.count_try(PIN_TRIES, CODE) for _ in range(5)] == [0] * 5
    assert await lockouts.count_try(PIN_TRIES, CODE) == WAIT_SECONDS[0]
