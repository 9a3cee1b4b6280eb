"""Rate limits: how often something may be done in a while, counted in MongoDB so that all processes agree."""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import IndexModel

from app.shared.clock import Clock
from app.shared.database import CollectionDefinition, Database, Document
from app.shared.documents import MOMENT, STRING, at_least, document

RATE_COUNTS = CollectionDefinition(
    "rate_counts",
    validator=document(_id=STRING, count=at_least(1), ends_at=MOMENT),
    indexes=[IndexModel([("ends_at", 1)], expireAfterSeconds=0)],
)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many times in a window, which begins with the first time."""

    name: str
    allowed: int
    window: timedelta


class RateLimits:
    """Counts what callers do. What is counted stays counted, whatever becomes of the request."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._counts = database.collection(RATE_COUNTS)
        self._clock = clock

    async def take(self, limit: RateLimit, subject: str) -> int:
        """Counts one more for the subject. Returns 0 if it is allowed, or else the seconds to wait."""
        now = self._clock.now()
        found = await self._counts.find_one_and_update(
            {"_id": _key(limit, subject)}, _counted(now, now + limit.window), upsert=True
        )
        if found is None or found["count"] <= limit.allowed:
            return 0
        ends_at: datetime = found["ends_at"]
        return max(1, math.ceil((ends_at - now).total_seconds()))


def _counted(now: datetime, ends_at: datetime) -> list[Document]:
    """One more in the window that is under way, or the first one of a new window."""
    is_under_way: Document = {"$gt": ["$ends_at", now]}
    return [
        {
            "$set": {
                "count": {"$cond": [is_under_way, {"$add": ["$count", 1]}, 1]},
                "ends_at": {"$cond": [is_under_way, "$ends_at", ends_at]},
            }
        }
    ]


def _key(limit: RateLimit, subject: str) -> str:
    """The subject, often an address of a person, is kept as a hash only."""
    return f"{limit.name}:{hashlib.sha256(subject.encode()).hexdigest()}"
