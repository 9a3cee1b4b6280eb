"""Changes as they happen: one change stream for each process and collection, fanned out in memory.

A listener is told the latest state of each thing that changed, not each step on the way: who reads slowly
skips states, and who is thousands of things behind is to read all again. So no queue grows.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

import structlog
from pymongo.errors import ConnectionFailure, NetworkTimeout, PyMongoError

from app.shared.clock import Clock
from app.shared.mongodb.collection import ChangeStream, Document
from app.shared.mongodb.database import CollectionDefinition, Database

OPENING_SECONDS = 10.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
MAXIMUM_UNTOLD = 1_000  # things that a listener may have to be told of yet

Item = TypeVar("Item")

_PIPELINE: list[Document] = [
    {"$match": {"operationType": {"$in": ["insert", "update", "replace"]}}},
    {"$project": {"fullDocument": 1}},
]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Told(Generic[Item]):
    """What is told to who follows something, and the moment at which it was so.

    Of one change, all who follow it are told the very same things and the very same moment.
    """

    what: Item
    moment: datetime


@dataclass(eq=False, slots=True)
class Listener(Generic[Item]):
    """Somebody who is told of changes. `has_gap` says that some may have been missed: read all again.

    `moment` is when the latest change was seen.
    """

    wants: Callable[[Item], bool]
    moment: datetime
    has_gap: bool = False
    _latest: dict[str, Item] = field(default_factory=dict)
    _waiting: asyncio.Future[None] | None = None  # an Event would take ten times the room

    async def wait(self, seconds: float | None = None) -> None:
        """Waits until there is something to be taken, or the time is over."""
        if self._latest or self.has_gap:
            return
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        timer = None if seconds is None else loop.call_later(seconds, self.wake)
        try:
            await self._waiting
        finally:
            self._waiting = None
            if timer is not None:
                timer.cancel()

    def take(self) -> list[Item]:
        """The things that changed since the last time, each once, as they are now."""
        self.has_gap = False
        latest, self._latest = self._latest, {}
        return list(latest.values())

    def tell(self, id: str, changed: Item, moment: datetime) -> None:
        if not self.wants(changed):
            return
        self._latest[id] = changed
        self.moment = moment
        if len(self._latest) > MAXIMUM_UNTOLD:
            self._latest.clear()
            self.has_gap = True
        self.wake()

    def tell_of_gap(self) -> None:
        self.has_gap = True
        self.wake()

    def wake(self) -> None:
        """Ends the waiting, though there may be nothing to be taken."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class LiveCollection(Generic[Item]):
    """The changes of one collection, for whoever listens in this process.

    `topic_of` says what a document is about; listeners name the topics that they want to hear of. A document
    is read once, by `read`, however many are told of it. The change stream is open while anybody listens, up
    to a second longer, and goes on after an election where it was interrupted.
    """

    def __init__(
        self,
        database: Database,
        definition: CollectionDefinition,
        topic_of: Callable[[Document], str],
        read: Callable[[Document], Item],
        clock: Clock,
    ) -> None:
        self._name = definition.name
        self._collection = database.collection(definition)
        self._topic_of = topic_of
        self._read = read
        self._clock = clock
        self._listeners: dict[str, set[Listener[Item]]] = defaultdict(set)
        self._listening = 0
        self._opened = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listen(
        self, topics: Iterable[str], wants: Callable[[Item], bool] = lambda changed: True
    ) -> AsyncIterator[Listener[Item]]:
        """A listener who hears of every change from here on: what is read afterwards leaves no gap.

        Raises NetworkTimeout when the change stream cannot be opened in 10 s.
        """
        listener = Listener(wants, self._clock.now())
        wanted = set(topics)
        self._listening += 1
        for topic in wanted:
            self._listeners[topic].add(listener)
        try:
            if self._task is None:
                self._task = asyncio.create_task(self._run())
            try:
                await asyncio.wait_for(self._opened.wait(), OPENING_SECONDS)
            except TimeoutError:
                raise NetworkTimeout(f"no change stream of {self._name}") from None
            yield listener
        finally:
            self._leave(listener, wanted)

    def _leave(self, listener: Listener[Item], topics: set[str]) -> None:
        for topic in topics:
            self._listeners[topic].discard(listener)
            if not self._listeners[topic]:
                del self._listeners[topic]
        self._listening -= 1

    async def _run(self) -> None:
        """Follows the changes for as long as anybody listens, through whatever happens to MongoDB."""
        token: Document | None = None
        pause = FIRST_PAUSE_SECONDS
        try:
            while self._listening:
                try:
                    async with self._collection.watch(_PIPELINE, resume_after=token) as changes:
                        if token is None and self._opened.is_set():
                            self._tell_of_gap()
                        self._opened.set()
                        token = None
                        try:
                            await self._follow(changes)
                        except ConnectionFailure:
                            token = changes.resume_token
                            raise
                except PyMongoError as error:
                    log.warning("change_stream_interrupted", collection=self._name, error=str(error)[:300])
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                else:
                    pause = FIRST_PAUSE_SECONDS
        finally:
            self._opened.clear()
            self._task = None

    async def _follow(self, changes: ChangeStream) -> None:
        while self._listening and changes.alive:
            change = await changes.try_next()
            if change is not None:
                self._tell(change.get("fullDocument"))

    def _tell(self, changed: Document | None) -> None:
        listeners = self._listeners.get(self._topic_of(changed)) if changed is not None else None
        if changed is None or not listeners:
            return
        thing, moment = self._read(changed), self._clock.now()
        for listener in listeners:
            listener.tell(changed["_id"], thing, moment)

    def _tell_of_gap(self) -> None:
        for listener in set().union(*self._listeners.values()):
            listener.tell_of_gap()
