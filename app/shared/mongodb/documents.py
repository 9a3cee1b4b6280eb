"""Shorthand for the JSON schemas that MongoDB holds documents to."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

STRING: Schema = {"bsonType": "string"}
BOOLEAN: Schema = {"bsonType": "bool"}
MOMENT: Schema = {"bsonType": "date"}
TIMESTAMP: Schema = {"bsonType": "timestamp"}
OBJECT: Schema = {"bsonType": "object"}
WHOLE_NUMBER: Schema = {"bsonType": ["int", "long"]}
NUMBER: Schema = {"bsonType": ["int", "long", "double"]}


# What an index over only those documents asks that have such a value. MongoDB uses such an index only
# for queries that ask the same beside what they look for.
IS_TEXT: dict[str, str] = {"$type": "string"}
IS_MOMENT: dict[str, str] = {"$type": "date"}


def at_least(minimum: int) -> Schema:
    return {**WHOLE_NUMBER, "minimum": minimum}


def between(minimum: int, maximum: int) -> Schema:
    return {**WHOLE_NUMBER, "minimum": minimum, "maximum": maximum}


def one_of(values: Any) -> Schema:
    return {"enum": [str(value) for value in values]}


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [{"bsonType": "null"}, schema]}


def list_of(items: Schema) -> Schema:
    return {"bsonType": "array", "items": items}


def with_optional(schema: Schema, **properties: Schema) -> Schema:
    """The document, which may have these fields, too."""
    return {**schema, "properties": {**schema["properties"], **properties}}


def changed_fields(before: Schema, after: Schema) -> Schema:
    """What of a document is another afterwards: all else stays as it is by then."""
    return {name: value for name, value in after.items() if value != before[name]}


def document(**properties: Schema) -> Schema:
    """A document with just these fields, all of them required."""
    return {
        "bsonType": "object",
        "required": sorted(properties),
        "properties": dict(properties),
        "additionalProperties": False,
    }
