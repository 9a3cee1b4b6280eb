"""Identifiers of documents, and what callers see of them."""

import binascii
import os
import time
from collections.abc import Iterator
from itertools import count

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def new_id() -> str:
    """32 hexadecimal digits: 48 bits of time in milliseconds, then 80 random bits.

    Ids made later sort later, so that an index grows at its end.
    """
    return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


def names_of_requests() -> Iterator[str]:
    """Names that tell requests of all processes apart: 10 random hexadecimal digits, then their number."""
    process = os.urandom(5).hex()
    return (f"{process}{number:08x}" for number in count(1))


def opaque_id(type_name: str, key: str) -> str:
    """How callers know the object of this type of the API with this key."""
    written = binascii.b2a_base64(f"{type_name}:{key}".encode(), newline=False)
    return written.translate(_URL_SAFE, b"=").decode()
