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
    """Several readings, and what they mean together. What several of them are part of is read once."""

    parts: Sequence["Reading[Any] | Joined[Any]"]
    meaning: Callable[["Found"], Meant]


class Found:
    """What readings have found: `found[reading]` is its result."""

    def __init__(self, documents: dict[Reading[Any], list[Document]]) -> None:
        self._documents = documents

    def __getitem__(self, reading: Reading[Result] | Joined[Result]) -> Result:
        if isinstance(reading, Joined):
            return reading.meaning(self)
        return reading.meaning(self._documents[reading])


async def read_together(database: Database, *wanted: Reading[Any] | Joined[Any]) -> Found:
    """Reads all of these in one command, outside of any transaction: MongoDB allows no unions in those."""
    readings = list(dict.fromkeys(_parts(wanted)))
    pipelines = [_numbered(each.pipeline, number) for number, each in enumerate(readings)]
    unions = [
        {"$unionWith": {"coll": reading.definition.name, "pipeline": pipeline}}
        for reading, pipeline in zip(readings[1:], pipelines[1:], strict=True)
    ]
    documents: dict[Reading[Any], list[Document]] = {reading: [] for reading in readings}
    for each in await database.collection(readings[0].definition).aggregate([*pipelines[0], *unions]):
        documents[readings[each["number"]]].append(each["found"])
    return Found(documents)


class Reads:
    """The reads of one request: what is wanted at the same moment is read by one command.

    All who want something then share its answer, or its error.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wanted: list[Reading[Any] | Joined[Any]] = []
        self._next: asyncio.Task[Found] | None = None

    async def read(self, *readings: Reading[Any] | Joined[Any]) -> Found:
        """What these have found, with all that others of the request want by then."""
        self._wanted += readings
        if self._next is None:
            self._next = asyncio.create_task(self._read_wanted())
        return await asyncio.shield(self._next)

    async def _read_wanted(self) -> Found:
        for _ in range(TURNS):  # until all those who are under way have said what they want
            await asyncio.sleep(0)
        wanted, self._wanted, self._next = self._wanted, [], None
        return await read_together(self._database, *wanted)


def _parts(wanted: Iterable[Reading[Any] | Joined[Any]]) -> Iterator[Reading[Any]]:
    for each in wanted:
        if isinstance(each, Joined):
            yield from _parts(each.parts)
        else:
            yield each


def _numbered(pipeline: Sequence[Document], number: int) -> list[Document]:
    """The pipeline, with each document that it finds under the number of its reading."""
    return [*pipeline, {"$replaceWith": {"number": {"$literal": number}, "found": "$$ROOT"}}]
