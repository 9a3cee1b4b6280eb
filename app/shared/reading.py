"""Several reads of different collections, sent to MongoDB as one command."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.shared.collection import Document
from app.shared.database import CollectionDefinition, Database

Result = TypeVar("Result")
Other = TypeVar("Other")


@dataclass(frozen=True, eq=False)
class Reading(Generic[Result]):
    """What is to be read of one collection by this pipeline, and what the documents that are found mean."""

    definition: CollectionDefinition
    pipeline: Sequence[Document]
    meaning: Callable[[list[Document]], Result]

    def understood(self, meaning: Callable[[Result], Other]) -> "Reading[Other]":
        """The same reading, its result taken further."""
        return Reading(self.definition, self.pipeline, lambda found: meaning(self.meaning(found)))


class Found:
    """What readings have found: `found[reading]` is its result."""

    def __init__(self, documents: dict[Reading[Any], list[Document]]) -> None:
        self._documents = documents

    def __getitem__(self, reading: Reading[Result]) -> Result:
        return reading.meaning(self._documents[reading])


async def read_together(database: Database, *readings: Reading[Any]) -> Found:
    """Reads all of these in one command, outside of any transaction: MongoDB allows no unions in those."""
    pipelines = [_numbered(each.pipeline, number) for number, each in enumerate(readings)]
    unions = [
        {"$unionWith": {"coll": reading.definition.name, "pipeline": pipeline}}
        for reading, pipeline in zip(readings[1:], pipelines[1:], strict=True)
    ]
    documents: dict[Reading[Any], list[Document]] = {reading: [] for reading in readings}
    for each in await database.collection(readings[0].definition).aggregate([*pipelines[0], *unions]):
        documents[readings[each["number"]]].append(each["found"])
    return Found(documents)


def _numbered(pipeline: Sequence[Document], number: int) -> list[Document]:
    """The pipeline, with each document that it finds under the number of its reading."""
    return [*pipeline, {"$replaceWith": {"number": {"$literal": number}, "found": "$$ROOT"}}]
