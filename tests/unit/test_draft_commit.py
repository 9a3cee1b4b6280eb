"""Drafts are committed in time, or their callers are told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import cast

import pytest
from pymongo.errors import NetworkTimeout

from app.shared.mongodb.database import ConcurrentChange, Database, Session
from app.shared.mongodb.draft_commit import TRIES, DraftCommit


class BusyDatabase:
    """Somebody else is always first, some time after one began."""

    transaction_seconds = 0.025

    async def transaction(self, work: Callable[[Session], Awaitable[None]]) -> None:
        await asyncio.sleep(0.01)
        await work(cast(Session, None))


async def test_one_who_is_always_late_does_not_wait_for_all_her_tries() -> None:
    tries = 0

    async def draft() -> str:
        nonlocal tries
        tries += 1
        return "an order"

    async def write(drafts: Sequence[str], session: Session) -> None:
        raise ConcurrentChange

    commits: DraftCommit[str] = DraftCommit(cast(Database, BusyDatabase()), write)
    with pytest.raises(NetworkTimeout):
        await commits.commit("store", draft)
    assert tries < TRIES
