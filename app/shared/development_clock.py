"""A clock that development can move forward, for all processes at once: an hour passes, and what comes of it?

Production never has it: there the machine's clock is what the services are built with.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from pymongo.errors import PyMongoError

from app.shared.clock import SystemClock
from app.shared.lockouts import LOCKOUTS
from app.shared.mongodb.database import CollectionDefinition, Database
from app.shared.mongodb.documents import STRING, between, document
from app.shared.processes.claims import make_all_due
from app.shared.processes.leases import LEASES
from app.shared.processes.tasks import meanwhile, was_cancelled
from app.shared.rate_limits import RATE_COUNTS

AT_THE_MOST_SECONDS = 30 * 24 * 60 * 60  # less than a member's session lasts unused: nobody is thrown out
LEARNT_EVERY_SECONDS = 0.5

DEVELOPMENT_CLOCKS = CollectionDefinition(
    "development_clocks", validator=document(_id=STRING, ahead_seconds=between(0, AT_THE_MOST_SECONDS))
)


class DevelopmentClock:
    """The machine's clock and by how much it was moved forward, as MongoDB had it half a second ago.

    In `queues`, documents wait until they are due, as `ClaimQueue` has them.
    """

    def __init__(self, database: Database, queues: Iterable[CollectionDefinition] = ()) -> None:
        self._clocks = database.collection(DEVELOPMENT_CLOCKS)
        self._lasting = [database.collection(each) for each in (LEASES, LOCKOUTS, RATE_COUNTS)]
        self._queues = [database.collection(each) for each in queues]
        self._clock = SystemClock()
        self.ahead = timedelta(0)  # whole seconds

    def now(self) -> datetime:
        return self._clock.now() + self.ahead

    async def move(self, forward: timedelta) -> None:
        """Lets whole seconds pass; what is more than 30 days ahead in all is left out."""
        moved = {"$add": [{"$ifNull": ["$ahead_seconds", 0]}, int(forward.total_seconds())]}
        await self._clocks.find_one_and_update(
            {"_id": "clock"},
            [{"$set": {"ahead_seconds": {"$min": [moved, AT_THE_MOST_SECONDS]}}}],
            upsert=True,
        )
        await self.learn()

    async def come_back(self) -> None:
        """Goes by the machine's clock again, and frees what would last until a far moment."""
        await self._clocks.delete_many({"_id": "clock"})
        await self.learn()
        for each in self._lasting:
            await each.delete_many({})
        for queue in self._queues:
            await make_all_due(queue, self.now())

    async def learn(self) -> None:
        """Learns by how much the clock is ahead now."""
        found = await self._clocks.find_one({"_id": "clock"})
        self.ahead = timedelta(seconds=found["ahead_seconds"] if found else 0)

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """Goes meanwhile by what any process does to the clock."""
        await self.learn()
        async with meanwhile(self._follow()):
            yield

    async def _follow(self) -> None:
        while not was_cancelled():
            with suppress(PyMongoError):  # nothing moves while nobody answers
                await self.learn()
            await asyncio.sleep(LEARNT_EVERY_SECONDS)
