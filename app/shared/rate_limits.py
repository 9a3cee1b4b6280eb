"""Rate limits: how often something may be done in a while, counted in MongoDB so that all processes agree.

What is counted stays counted, whatever becomes of the request, unless it is taken back.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import IndexModel

from app.shared.clock import Clock
from app.shared.mongodb.database import CollectionDefinition, Database, Document
from app.shared.mongodb.documents import MOMENT, STRING, at_least, document
from app.shared.mongodb.group_commit import GroupCommit
from app.shared.mongodb.reading import Reading

RATE_COUNTS = CollectionDefinition(
    "rate_counts",
    validator=document(_id=STRING, count=at_least(0), ends_at=MOMENT),
    indexes=[IndexModel([("ends_at", 1)], expireAfterSeconds=0)],
)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many times in a window, which begins with the first time."""

    name: str
    allowed: int
    window: timedelta


class RateLimits:
    """Counts what callers do."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._counts = database.collection(RATE_COUNTS)
        self._clock = clock

    async def take(self, limit: RateLimit, subject: str) -> int:
        """Counts one more for the subject. Returns 0 if it is allowed, or else the seconds to wait."""
        return (await self.take_many(limit, subject, 1))[0]

    async def take_many(self, limit: RateLimit, subject: str, number: int) -> list[int]:
        """Counts so many more for the subject: for each, 0 if it is allowed, or else the seconds to wait."""
        now = self._clock.now()
        found = await self._counts.find_one_and_update(
            {"_id": _key(limit, subject)}, _counted(now, now + limit.window, number), upsert=True
        )
        if found is None or found["count"] <= limit.allowed:
            return [0] * number
        wait = _seconds(now, found["ends_at"])
        allowed = max(0, number - (found["count"] - limit.allowed))
        return [0] * allowed + [wait] * (number - allowed)

    async def take_back(self, limit: RateLimit, subject: str) -> None:
        """Counts one less for the subject, in the window that is under way."""
        await self._counts.find_one_and_update(
            {"_id": _key(limit, subject), "count": {"$gte": 1}, "ends_at": {"$gt": self._clock.now()}},
            {"$inc": {"count": -1}},
        )

    def reading_waits(self, limit: RateLimit, subjects: Iterable[str]) -> Reading[dict[str, int]]:
        """Those of the subjects for whom nothing more is allowed now, each with the seconds to wait."""
        now = self._clock.now()
        subject_of = {_key(limit, subject): subject for subject in subjects}
        is_over = {"count": {"$gte": limit.allowed}, "ends_at": {"$gt": now}}
        return Reading(
            RATE_COUNTS,
            [{"$match": {"_id": {"$in": sorted(subject_of)}, **is_over}}],
            lambda found: {subject_of[each["_id"]]: _seconds(now, each["ends_at"]) for each in found},
        )

    def one(self, limit: RateLimit, subject: str) -> "OneCount":
        """What a transaction counts by, which may run several times for one request."""
        return OneCount(self, limit, subject)


class OneCount:
    """The count of one request, which is taken once however often its transaction runs.

    It is no part of the transaction: it stays when that is undone, and nobody waits for its end to count.
    """

    def __init__(self, limits: RateLimits, limit: RateLimit, subject: str) -> None:
        self._limits = limits
        self._limit = limit
        self._subject = subject
        self._wait: int | None = None

    async def take(self) -> int:
        """0 if the request is allowed, or else the seconds to wait: the same at each call."""
        if self._wait is None:
            self._wait = await self._limits.take(self._limit, self._subject)
        return self._wait

    async def take_back(self) -> None:
        """Has it not have been counted, if it was."""
        if self._wait == 0:
            await self._limits.take_back(self._limit, self._subject)
            self._wait = None


class GroupedLimit:
    """One limit by which very many of a subject are counted at the same time, and so together."""

    def __init__(self, limits: RateLimits, limit: RateLimit) -> None:
        self._limits = limits
        self._limit = limit
        self._takes: GroupCommit[None, int] = GroupCommit(self._take)

    async def take(self, subject: str) -> int:
        """Counts one more for the subject. Returns 0 if it is allowed, or else the seconds to wait."""
        return await self._takes.submit(subject, None)

    def reading_waits(self, subjects: Iterable[str]) -> Reading[dict[str, int]]:
        """What `RateLimits` tells; nothing is counted."""
        return self._limits.reading_waits(self._limit, subjects)

    async def _take(self, subject: str, asked: Sequence[None]) -> list[int]:
        return await self._limits.take_many(self._limit, subject, len(asked))


def _counted(now: datetime, ends_at: datetime, number: int) -> list[Document]:
    """So many more in the window that is under way, or the first ones of a new window."""
    is_under_way: Document = {"$gt": ["$ends_at", now]}
    return [
        {
            "$set": {
                "count": {"$cond": [is_under_way, {"$add": ["$count", number]}, number]},
                "ends_at": {"$cond": [is_under_way, "$ends_at", ends_at]},
            }
        }
    ]


def _seconds(now: datetime, until: datetime) -> int:
    return max(1, math.ceil((until - now).total_seconds()))


def _key(limit: RateLimit, subject: str) -> str:
    """The subject, often an address of a person, is kept as a hash only."""
    return f"{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()}"
