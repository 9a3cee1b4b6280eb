"""Objects that can be fetched again by their opaque id (Relay's Node)."""

import base64
import binascii
from collections.abc import Iterable

import strawberry

from app.shared.errors import InvalidId
from app.shared.ids import opaque_id

MAXIMUM_ID_LENGTH = 200


@strawberry.interface(description="An object that can be fetched again by its id.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Opaque and stable. Readable by whoever may read the object."
    )


def encode_id(type_name: str, key: str) -> strawberry.ID:
    """The opaque id of the object of this type with this key."""
    return strawberry.ID(opaque_id(type_name, key))


def decode_id(text: str) -> tuple[str, str]:
    """The type's name and the key in an id. Raises ValueError."""
    if len(text) > MAXIMUM_ID_LENGTH:
        raise ValueError("too long")
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except binascii.Error as error:
        raise ValueError("not base64") from error
    type_name, separator, key = decoded.partition(":")
    if not separator or not key:
        raise ValueError("no key")
    return type_name, key


def optional_key_of(text: str | None, type_name: str, path: Iterable[str]) -> str | None:
    """The key in an id that may be left out. Raises InvalidId, for an empty text too."""
    return key_of(text, type_name, path) if text is not None else None


def key_of(text: str, type_name: str, path: Iterable[str]) -> str:
    """The key in an id of this type. Raises InvalidId."""
    try:
        found, key = decode_id(text)
    except ValueError:
        raise InvalidId(path=path) from None
    if found != type_name:
        raise InvalidId(path=path)
    return key
