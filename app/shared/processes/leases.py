"""Leases: what only one process at a time shall do is done by whoever holds its lease."""

from datetime import timedelta

from pymongo.errors import DuplicateKeyError

from app.shared.clock import Clock
from app.shared.ids import new_id
from app.shared.mongodb.database import CollectionDefinition, Database
from app.shared.mongodb.documents import MOMENT, STRING, document

LEASES = CollectionDefinition("leases", validator=document(_id=STRING, holder=STRING, ends_at=MOMENT))


class Lease:
    """The right to do something, for as long as it is taken again in time.

    A holder whose clock is slow, or who stood still, may believe for a moment that it is still its own:
    what is done under a lease must bear to be done twice.
    """

    def __init__(self, database: Database, name: str, lasts: timedelta, clock: Clock) -> None:
        self._leases = database.collection(LEASES)
        self._name = name
        self._lasts = lasts
        self._clock = clock
        self._holder = new_id()

    async def take(self) -> bool:
        """Takes or keeps the lease; false while it is somebody else's."""
        now = self._clock.now()
        is_free = [{"holder": self._holder}, {"ends_at": {"$lte": now}}]
        held = {"holder": self._holder, "ends_at": now + self._lasts}
        try:
            await self._leases.find_one_and_update(
                {"_id": self._name, "$or": is_free}, {"$set": held}, upsert=True
            )
        except DuplicateKeyError:
            return False
        return True

    async def give_up(self) -> None:
        """Lets somebody else have it at once, if it was ours."""
        await self._leases.delete_many({"_id": self._name, "holder": self._holder})
