"""Lockouts: who fails too often has to wait, and longer each time.

A try is counted before it is known whether it fails, in one guarded update: of any number of tries at
once, no more are admitted than are free. Success takes the count back, and a day after its first try it is
forgotten, so that the few mistakes of many days never add up to a wait.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pymongo import IndexModel

from app.shared.clock import Clock
from app.shared.hashing import secret_hash
from app.shared.mongodb.database import CollectionDefinition, Database, Document
from app.shared.mongodb.documents import BOOLEAN, MOMENT, STRING, at_least, document

WAIT_SECONDS = (30, 60, 120, 240, 480, 960, 1920, 3600)  # after the last free try, the next one …
FORGOTTEN_AFTER = timedelta(days=1)
NOT_LOCKED = datetime(1970, 1, 1, tzinfo=UTC)  # the present would lock whoever's clock is set back

SEPARATOR, AFTER_SEPARATOR = ":;"  # between the parts of a key; the character that sorts right after it

LOCKOUTS = CollectionDefinition(
    "lockouts",
    validator=document(
        _id=STRING, tries=at_least(0), is_admitted=BOOLEAN, locked_until=MOMENT, forgotten_at=MOMENT
    ),
    indexes=[IndexModel([("forgotten_at", 1)], expireAfterSeconds=0)],
)


@dataclass(frozen=True, slots=True)
class Lockout:
    """What is tried, and how many tries may fail before the first wait."""

    name: str
    free_tries: int


class Lockouts:
    """Counts the tries of each subject: a device, a staff code, or a staff code on one device."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._lockouts = database.collection(LOCKOUTS)
        self._clock = clock

    async def count_try(self, lockout: Lockout, *subject: str) -> int:
        """0 when the try is admitted, and counted; else how many seconds to wait, and nothing is counted."""
        now = self._clock.now()
        key = _key(lockout, subject)
        found = await self._lockouts.find_one_and_update(
            {"_id": key}, _counting(now, lockout.free_tries), upsert=True
        )
        if found is None:
            raise LookupError(f"no lockout of {key}")
        if found["is_admitted"]:
            return 0
        remaining: timedelta = found["locked_until"] - now
        return max(1, -(-remaining // timedelta(seconds=1)))

    async def take_back(self, tries: int, lockout: Lockout, *subject: str) -> None:
        """Has so many tries not have been, the last one and the wait that it began among them."""
        less = {"$max": [0, {"$subtract": ["$tries", tries]}]}
        await self._lockouts.find_one_and_update(
            {"_id": _key(lockout, subject)}, [{"$set": {"tries": less, "locked_until": NOT_LOCKED}}]
        )

    async def forgive(self, lockout: Lockout, *subject: str) -> int:
        """Forgets the subject's tries and says how many they were; of two at once, one is told."""
        found = await self._lockouts.find_one_and_delete({"_id": _key(lockout, subject)})
        return found["tries"] if found else 0

    async def forgive_all(self, lockout: Lockout, *beginning: str) -> None:
        """Forgets the tries of every longer subject that begins so."""
        key = _key(lockout, beginning)
        await self._lockouts.delete_many(
            {"_id": {"$gt": f"{key}{SEPARATOR}", "$lt": f"{key}{AFTER_SEPARATOR}"}}
        )


def _counting(now: datetime, free_tries: int) -> list[Document]:
    """Counts a try unless the subject is locked; from the last free one on, locks it for longer each time."""
    past_free = {"$min": [{"$subtract": ["$tries", free_tries]}, len(WAIT_SECONDS) - 1]}
    waits = [seconds * 1000 for seconds in WAIT_SECONDS]
    locked_until = {
        "$cond": [
            {"$lt": ["$tries", free_tries]},
            NOT_LOCKED,
            {"$add": [now, {"$arrayElemAt": [waits, past_free]}]},
        ]
    }
    is_first = {"$and": ["$is_admitted", {"$eq": ["$tries", 0]}]}
    return [
        {
            "$set": {
                "is_admitted": {"$lte": [{"$ifNull": ["$locked_until", now]}, now]},
                "tries": {"$cond": [{"$gt": [{"$ifNull": ["$forgotten_at", now]}, now]}, "$tries", 0]},
            }
        },
        {"$set": {"forgotten_at": {"$cond": [is_first, now + FORGOTTEN_AFTER, "$forgotten_at"]}}},
        {"$set": {"tries": {"$add": ["$tries", {"$toInt": "$is_admitted"}]}}},
        {"$set": {"locked_until": {"$cond": ["$is_admitted", locked_until, "$locked_until"]}}},
        # A wait is not forgotten before its end.
        {"$set": {"forgotten_at": {"$max": ["$forgotten_at", "$locked_until"]}}},
    ]


def _key(lockout: Lockout, subject: tuple[str, ...]) -> str:
    """The subject, which may be anything that somebody typed, is kept as hashes only."""
    return SEPARATOR.join([lockout.name, *map(secret_hash, subject)])
