"""Writes what was drafted outside of any transaction, together with what others have drafted meanwhile.

A draft is decided on what was read before; its writes, guarded by unique keys and conditions, find out
whether it is still so. So a transaction only writes, and all that wait in one lane share its commands.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from zlib import crc32

from app.shared.mongodb.database import ConcurrentChange, Database, Session
from app.shared.mongodb.group_commit import GroupCommit

Draft = TypeVar("Draft")
Answer = TypeVar("Answer")

LANES = 4
TRIES = 20
PATIENCE = 2  # how often what a transaction may take: one that is under way, and one's own


@dataclass(frozen=True, slots=True)
class Answered(Generic[Answer]):
    """There is nothing to write: the request has had its answer already."""

    answer: Answer


class _Outdated(Exception):
    """Somebody else was first since it was drafted."""


class DraftCommit(Generic[Draft]):
    """Commits drafts, those of one lane in one group after the other: in one process they never collide.

    `write` writes all of several drafts, and raises ConcurrentChange where one is outdated: then each is
    written by itself, and whoever was late drafts again.
    """

    def __init__(
        self, database: Database, write: Callable[[Sequence[Draft], Session], Awaitable[None]]
    ) -> None:
        self._database = database
        self._write = write
        self._groups: GroupCommit[Draft, None] = GroupCommit(self._write_together)

    async def commit(
        self, subject: str, draft: Callable[[], Awaitable[Draft | Answered[Answer]]]
    ) -> Draft | Answered[Answer]:
        """The draft that was written, or the answer that made it needless.

        Drafts about one subject are in one lane. Raises what drafting and writing raise, ConcurrentChange if
        somebody was first too often, and NetworkTimeout if its waiting in line takes too long in all. A
        draft that raises ConcurrentChange is made again, too.
        """
        ends_at = time.monotonic() + PATIENCE * self._database.transaction_seconds
        lane = str(crc32(subject.encode()) % LANES)
        for _ in range(TRIES):
            try:
                drafted = await draft()
                if not isinstance(drafted, Answered):
                    await self._groups.submit(lane, drafted, ends_at - time.monotonic())
            except (ConcurrentChange, _Outdated):
                continue
            return drafted
        raise ConcurrentChange

    async def _write_together(self, lane: str, drafts: Sequence[Draft]) -> list[None]:
        async def act(session: Session) -> None:
            try:
                await self._write(drafts, session)
            except ConcurrentChange:
                raise _Outdated from None

        await self._database.transaction(act)
        return [None] * len(drafts)
