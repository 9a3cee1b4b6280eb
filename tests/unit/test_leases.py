"""Who may stay, and that all leases' ends are seen, whoever else has to be asked about."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from pymongo.errors import AutoReconnect

from app.auth.actor import ANONYMOUS, Actor, MemberActor
from app.auth.errors import TokenExpired, TokenRefused
from app.auth.leases import Lease, Leases, Terms
from app.shared.i18n import Language
from tests.conftest import NOON_IN_TOKYO, MovableClock
from tests.patience import PATIENCE_SECONDS

MEMBER = MemberActor("m", "s", next(iter(Language)))
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.auth.leases.CHECK_SECONDS", 0.001)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON_IN_TOKYO)


async def the_same() -> Actor:
    return MEMBER


async def refused() -> Actor:
    raise TokenRefused


async def unreachable() -> Actor:
    raise AutoReconnect("nobody there")


async def another() -> Actor:
    return MemberActor("m", "another session", MEMBER.language)


def a_lease(
    clock: MovableClock,
    leases: Leases,
    let_in: Callable[[], Awaitable[Actor]] = the_same,
    known: Actor | None = None,
) -> Lease:
    def remembered(now: datetime) -> Actor | None:
        return known

    return Lease(MEMBER, Terms(clock.now() + HOUR, remembered, let_in), clock, leases)


@pytest.mark.parametrize(
    ("let_in", "code"),
    [(the_same, None), (refused, TokenRefused), (unreachable, None), (another, TokenRefused)],
)
async def test_who_is_not_remembered_is_asked_about(
    clock: MovableClock, let_in: Callable[[], Awaitable[Actor]], code: type[TokenRefused] | None
) -> None:
    lease = a_lease(clock, Leases(), let_in)
    assert not lease.is_known_to_last()
    found = await lease.refused()
    assert (found and type(found)) == code


async def test_who_is_remembered_is_not_asked_about_until_the_token_ends(clock: MovableClock) -> None:
    lease = a_lease(clock, Leases(), refused, known=MEMBER)
    assert lease.is_known_to_last()
    assert await lease.refused() is None
    clock.advance(HOUR)
    assert not lease.is_known_to_last()
    assert isinstance(await lease.refused(), TokenExpired)


async def test_each_end_is_seen_though_another_is_still_asked_about(clock: MovableClock) -> None:
    is_asked = asyncio.Event()

    async def never() -> Actor:
        is_asked.set()
        await asyncio.Event().wait()
        return MEMBER

    leases = Leases()
    stuck = a_lease(clock, leases, never).end()
    stays = a_lease(clock, leases, known=MEMBER).end()
    await asyncio.wait_for(is_asked.wait(), PATIENCE_SECONDS)
    ended = a_lease(clock, leases, refused).end()
    assert isinstance(await asyncio.wait_for(ended, PATIENCE_SECONDS), TokenRefused)
    assert not stays.done()
    clock.advance(HOUR)
    assert isinstance(await asyncio.wait_for(stays, PATIENCE_SECONDS), TokenExpired)
    assert not stuck.done()
    stuck.cancel()


async def test_nobody_looks_when_nobody_stays(clock: MovableClock) -> None:
    leases, before = Leases(), asyncio.all_tasks()
    for _ in range(2):
        ends = [a_lease(clock, leases, known=MEMBER).end() for _ in range(3)]
        assert len(asyncio.all_tasks() - before) == 1
        for end in ends:
            end.cancel()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while asyncio.all_tasks() - before:  # noqa: ASYNC110
                await asyncio.sleep(0.001)


async def test_a_stranger_stays(clock: MovableClock) -> None:
    before = asyncio.all_tasks()
    lease = Lease(ANONYMOUS, None, clock, Leases())
    assert lease.is_known_to_last()
    assert await lease.refused() is None
    assert not lease.end().done()
    assert asyncio.all_tasks() == before
