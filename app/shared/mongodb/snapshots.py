"""What everybody asks for, as it is: something small that is read often and changes seldom."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog
from pymongo.errors import PyMongoError

from app.shared.clock import Clock
from app.shared.mongodb.collection import ChangeStream, Document
from app.shared.mongodb.database import CollectionDefinition, Database
from app.shared.processes.tasks import meanwhile, was_cancelled

REMEMBERED_FOR = timedelta(seconds=10)
RENEWED_AFTER = REMEMBERED_FOR / 2  # while it is asked for, so that nobody waits
PAUSE_SECONDS = 1.0

Value = TypeVar("Value")

log = structlog.get_logger(__name__)


class Snapshot(Generic[Value]):
    """A value as it was at most 10 s ago; what is known to have changed is loaded anew."""

    def __init__(self, load: Callable[[], Awaitable[Value]], clock: Clock) -> None:
        self._load = load
        self._clock = clock
        self._loaded: tuple[Value, datetime] | None = None
        self._changes = 0
        self._loading: asyncio.Task[Value] | None = None

    async def get(self) -> Value:
        """The value. Of many who ask at once, one loads it; all share the answer, or the error."""
        if self._loaded is not None:
            value, loaded_at = self._loaded
            age = self._clock.now() - loaded_at
            if timedelta(0) <= age < REMEMBERED_FOR:
                if age >= RENEWED_AFTER:
                    self._load_anew()
                return value
        return await asyncio.shield(self._load_anew())

    def forget(self) -> None:
        """Loads it anew the next time: it has changed."""
        self._changes += 1
        self._loaded = None
        self._loading = None

    def _load_anew(self) -> asyncio.Task[Value]:
        """Begins to load it, unless that is under way."""
        if self._loading is None or self._loading.done():
            self._loading = asyncio.create_task(self._ask(), context=Context())
            self._loading.add_done_callback(_notice)
        return self._loading

    async def _ask(self) -> Value:
        asked_at, changes = self._clock.now(), self._changes
        value = await self._load()
        if changes == self._changes:  # or else it may have changed while we asked
            self._loaded = value, asked_at
        return value


def _notice(loading: asyncio.Task[Any]) -> None:
    """Takes note of an error that nobody waits for: the value is loaded again when it is asked for next."""
    if not loading.cancelled():
        loading.exception()


class Snapshots:
    """All snapshots of a process. While they are followed, each forgets as soon as any process changes it.

    One change stream tells of all of them. When it breaks off, what is remembered is 10 s old at the most.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._of_collection: dict[str, list[Snapshot[Any]]] = defaultdict(list)

    def of(self, load: Callable[[], Awaitable[Value]], *collections: CollectionDefinition) -> Snapshot[Value]:
        """A snapshot of what is loaded from these collections."""
        snapshot = Snapshot(load, self._clock)
        for each in collections:
            self._of_collection[each.name].append(snapshot)
        return snapshot

    @asynccontextmanager
    async def followed(self) -> AsyncIterator[None]:
        """Goes meanwhile by what any process changes."""
        async with meanwhile(self._follow()):
            yield

    async def _follow(self) -> None:
        names = {"ns.coll": {"$in": sorted(self._of_collection)}}
        pipeline: list[Document] = [{"$match": names}, {"$project": {"ns": 1}}]
        while not was_cancelled():
            try:
                async with self._database.watch(pipeline) as changes:
                    self._forget(*self._of_collection)  # what changed before was told to nobody
                    await self._hear(changes)
            except PyMongoError as error:
                log.warning("change_stream_interrupted", collection="snapshots", error=str(error)[:300])
                await asyncio.sleep(PAUSE_SECONDS)

    async def _hear(self, changes: ChangeStream) -> None:
        while changes.alive and not was_cancelled():
            change = await changes.try_next()
            if change is not None:
                self._forget(change["ns"]["coll"])

    def _forget(self, *names: str) -> None:
        for name in names:
            for snapshot in self._of_collection[name]:
                snapshot.forget()
