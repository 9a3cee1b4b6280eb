"""Several reads of different collections, sent to MongoDB as one command."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.shared.collection import Document
from app.shared.database import CollectionDefinition, Database

TURNS = 3  # of the event loop

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

    What several of them want, or are part of, is read once.
    """
    places: dict[Reading[Any], list[Document]] = {}
    sent: list[Reading[Any]] = []
    answers: list[list[Document]] = []
    for each in _parts(wanted):
        if each not in places:
            number = _number_of(each, sent)
            if number == len(answers):
                sent.append(each)
                answers.append([])
            places[each] = answers[number]
    first, *rest = (_numbered(each.pipeline, number) for number, each in enumerate(sent))
    unions = [
        {"$unionWith": {"coll": each.definition.name, "pipeline": pipeline}}
        for each, pipeline in zip(sent[1:], rest, strict=True)
    ]
    for found in await database.collection(sent[0].definition).read([*first, *unions]):
        answers[found["number"]].append(found["found"])
    return Found(places)


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
        answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._wanted += readings
        self._waiting.append(answer)
        if self._next is None:
            self._next = asyncio.create_task(self._read_wanted())
        return await answer

    async def _read_wanted(self) -> None:
        for _ in range(TURNS):  # until all those who are under way have said what they want
            await asyncio.sleep(0)
        wanted, self._wanted = self._wanted, []
        waiting, self._waiting = self._waiting, []
        self._next = None
        try:
            found = await read_together(self._database, *wanted)
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


def _parts(wanted: Iterable[Reading[Any] | Joined[Any]]) -> Iterator[Reading[Any]]:
    for each in wanted:
        if isinstance(each, Joined):
            yield from _parts(each.parts)
        else:
            yield each


def _number_of(reading: Reading[Any], sent: Sequence[Reading[Any]]) -> int:
    """The number of what is sent and reads the same, or the next one."""
    for number, each in enumerate(sent):
        if each.definition is reading.definition and each.pipeline == reading.pipeline:
            return number
    return len(sent)


def _numbered(pipeline: Sequence[Document], number: int) -> list[Document]:
    """The pipeline, with each document that it finds under the number of its reading."""
    return [*pipeline, {"$replaceWith": {"number": {"$literal": number}, "found": "$$ROOT"}}]
