"""Readings of what other documents name: MongoDB follows the names, so that both are read by one command."""

from typing import TypeVar

from app.shared.mongodb.collection import Document
from app.shared.mongodb.reading import Reading

Result = TypeVar("Result")


def following(
    source: Reading[object], field: str, target: Reading[Result], key: str = "_id"
) -> Reading[Result]:
    """What `target` reads of the documents whose key is in this field of what `source` finds.

    The key wants an index. The target's pipeline is run for each document of the source.
    """
    lookup = {
        "from": target.definition.name,
        "localField": field,
        "foreignField": key,
        "pipeline": list(target.pipeline),
        "as": "found",
    }
    steps: list[Document] = [{"$lookup": lookup}, {"$unwind": "$found"}, {"$replaceWith": "$found"}]
    return Reading(source.definition, [*source.pipeline, *steps], target.meaning)
