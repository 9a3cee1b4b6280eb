"""Identifiers of documents."""

import secrets
import time


def new_id() -> str:
    """32 hexadecimal digits: 48 bits of time in milliseconds, then 80 random bits.

    Ids made later sort later, so that an index grows at its end.
    """
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"
