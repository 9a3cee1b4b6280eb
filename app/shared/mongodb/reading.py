"""Several reads of different collections, sent to MongoDB as one command.

What a driver does for a command costs more than most reads. So what a request wants at the same moment is
read by one command; and while the process has a few of these under way, requests share the next one.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

from app.shared.mongodb.collection import Document
from app.shared.mongodb.database import CollectionDefinition, Database, is_passing

TURNS = 3  # of the event loop
COMMANDS_AT_A_TIME = 2  # of a process, that read for requests
REQUESTS_TOGETHER = 16  # that one command reads for, at the most

Meant = TypeVar("Meant", covariant=True)
Result = TypeVar("Result")
Other = TypeVar("Other")


@dataclass(frozen=True, eq=False)
class Reading(Generic[Meant]):
    """What is to be read of one collection by this pipeline, and what the documents that are found mean."""

    definition: CollectionDefinition
    pipeline: Sequence[Document]
    meaning: Callable[[list[Document]], Meant]

    def understood(self, meaning: Callable[[Meant], Other]) -> "Reading[Other]":
        """The same reading, its result taken further."""
        return Reading(self.definition, self.pipeline, lambda found: meaning(self.meaning(found)))


@dataclass(frozen=True, eq=False)
class Joined(Generic[Meant]):
    """Several readings, and what they mean together."""

    parts: Sequence["Reading[Any] | Joined[Any]"]
    meaning: Callable[["Found"], Meant]


Wanted: TypeAlias = Sequence["Reading[Any] | Joined[Any]"]


def known(value: Result) -> Joined[Result]:
    """What need not be read: it was before."""
    return Joined((), lambda found: value)


class Found:
    """What readings have found: `found[reading]` is its result."""

    def __init__(self, documents: dict[Reading[Any], list[Document]]) -> None:
        self._documents = documents

    def __getitem__(self, reading: Reading[Result] | Joined[Result]) -> Result:
        if isinstance(reading, Joined):
            return reading.meaning(self)
        return reading.meaning(self._documents[reading])


async def read_together(database: Database, *wanted: Reading[Any] | Joined[Any]) -> Found:
    """Reads all of these in one command, outside of any transaction: MongoDB allows no unions in those.

    What several of them want, or are part of, is read once. MongoDB reads one after the other: what is named
    later may be newer than what is named before, and is never older.
    """
    (found,) = await read_all(database, [wanted])
    return found


async def read_all(database: Database, groups: Sequence[Wanted]) -> list[Found]:
    """Reads what each of these groups wants, all in one command; each is told of its own alone."""
    sent: list[Reading[Any]] = []
    answers: list[list[Document]] = []
    found: list[Found] = []
    for wanted in groups:
        first = len(sent)
        places: dict[Reading[Any], list[Document]] = {}
        for each in _parts(wanted):
            if each not in places:
                number = _number_of(each, sent, first)
                if number == len(sent):
                    sent.append(each)
                    answers.append([])
                places[each] = answers[number]
        found.append(Found(places))
    if sent:
        for document in await database.collection(sent[0].definition).read(_united(sent)):
            answers[document["number"]].append(document["found"])
    return found


class Reads:
    """The reads of one request: what is wanted at the same moment is read by one command.

    All who want something then share its answer, or its error.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wanted: list[Reading[Any] | Joined[Any]] = []
        self._waiting: list[asyncio.Future[Found]] = []
        self._next: asyncio.Task[None] | None = None

    async def read(self, *readings: Reading[Any] | Joined[Any]) -> Found:
        """What these have found, with all that others of the request want by then."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()
        self._wanted += readings
        if not self._waiting:
            loop.call_soon(self._begin, TURNS)
        self._waiting.append(answer)
        return await answer

    def _begin(self, turns: int) -> None:
        """Reads after so many turns: until then all those who are under way say what they want."""
        loop = asyncio.get_running_loop()
        if turns > 1:
            loop.call_soon(self._begin, turns - 1)
            return
        self._next = loop.create_task(self._read(self._wanted, self._waiting))
        self._wanted, self._waiting = [], []

    async def _read(self, wanted: Wanted, waiting: Sequence[asyncio.Future[Found]]) -> None:
        try:
            found = await ReadSharing.of(self._database).read(self._database, wanted)
        except BaseException as error:
            for answer in waiting:
                if not answer.done():
                    answer.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for answer in waiting:
            if not answer.done():
                answer.set_result(found)


class ReadSharing:
    """Reads for all requests of a process, by a few commands at a time.

    While so many are under way, who comes waits, and what all of them want is read by the next command. When
    that fails, each is read alone, so that nobody is told of another's error. When MongoDB does not answer,
    all who wait are told so: none would fare better.
    """

    _of: ClassVar[WeakKeyDictionary[Database, "ReadSharing"]] = WeakKeyDictionary()

    def __init__(self) -> None:
        self._free = COMMANDS_AT_A_TIME
        self._waiting: list[tuple[Wanted, asyncio.Future[Found]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def of(cls, database: Database) -> "ReadSharing":
        """The one for this database."""
        if database not in cls._of:
            cls._of[database] = cls()
        return cls._of[database]

    async def read(self, database: Database, wanted: Wanted) -> Found:
        """What these have found."""
        if self._free:
            self._free -= 1
            try:
                return await read_together(database, *wanted)
            except Exception as error:
                self._tell_if_passing(error)
                raise
            finally:
                self._go_on(database)
        answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, answer))
        return await answer

    def _go_on(self, database: Database) -> None:
        """Has what is waited for by now read, or lets the next one read at once."""
        self._waiting = [(wanted, answer) for wanted, answer in self._waiting if not answer.done()]
        group, self._waiting = self._waiting[:REQUESTS_TOGETHER], self._waiting[REQUESTS_TOGETHER:]
        if not group:
            self._free += 1
            return
        # Nothing of one caller's own context, such as her time limit, is the others'.
        task = asyncio.create_task(self._read_group(database, group), context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read_group(
        self, database: Database, group: Sequence[tuple[Wanted, asyncio.Future[Found]]]
    ) -> None:
        results: Sequence[Found | BaseException]
        try:
            results = await self._read_for_each(database, [wanted for wanted, _ in group])
        except asyncio.CancelledError:
            for _, answer in group:
                answer.cancel()
            raise
        finally:
            self._go_on(database)
        for (_, answer), result in zip(group, results, strict=True):
            if answer.done():
                continue
            if isinstance(result, BaseException):
                answer.set_exception(result)
            else:
                answer.set_result(result)

    async def _read_for_each(
        self, database: Database, groups: Sequence[Wanted]
    ) -> Sequence[Found | BaseException]:
        """What each of them has found, or why it was not read."""
        try:
            return await read_all(database, groups)
        except Exception as error:
            if self._tell_if_passing(error):
                return [error] * len(groups)
        alone = (read_together(database, *wanted) for wanted in groups)
        return await asyncio.gather(*alone, return_exceptions=True)

    def _tell_if_passing(self, error: Exception) -> bool:
        """Whether MongoDB did not answer; all who wait are told so."""
        if not is_passing(error):
            return False
        for _, answer in self._waiting:
            if not answer.done():
                answer.set_exception(error)
        self._waiting = []
        return True


def _parts(wanted: Iterable[Reading[Any] | Joined[Any]]) -> Iterator[Reading[Any]]:
    for each in wanted:
        if isinstance(each, Joined):
            yield from _parts(each.parts)
        else:
            yield each


def _number_of(reading: Reading[Any], sent: Sequence[Reading[Any]], first: int) -> int:
    """The number of what is sent and reads the same, from the first of the group on; or the next one."""
    for number in range(first, len(sent)):
        each = sent[number]
        if each.definition is reading.definition and each.pipeline == reading.pipeline:
            return number
    return len(sent)


def _united(readings: Sequence[Reading[Any]]) -> list[Document]:
    """One pipeline for all of these."""
    pipelines = [_numbered(each.pipeline, number) for number, each in enumerate(readings)]
    unions = [
        {"$unionWith": {"coll": each.definition.name, "pipeline": pipeline}}
        for each, pipeline in zip(readings[1:], pipelines[1:], strict=True)
    ]
    return [*pipelines[0], *unions]


def _numbered(pipeline: Sequence[Document], number: int) -> list[Document]:
    """The pipeline, with each document that it finds under the number of its reading."""
    return [*pipeline, {"$replaceWith": {"number": {"$literal": number}, "found": "$$ROOT"}}]
