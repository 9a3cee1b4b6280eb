"""Twins: one request that is sent twice at once. Both must be told the same."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# What an idempotency key does not keep: it is made anew, or tells how things stand by now.
OF_THE_MOMENT = (".accessToken", ".refreshToken", ".expiresAt", ".delivery.state")
# What shows without a key that it happened twice; the rest tells when a request came, or which was first.
OF_WHAT_WAS_DONE = (".id", "Id", ".version")


@dataclass(frozen=True, slots=True)
class Told:
    """What a request was answered, empty if it was done already, and how often it had to be repeated."""

    answer: dict[str, Any]
    repeated: int


def difference(mutation: str, is_keyed: bool, one: Told, other: Told) -> str:
    """In what the answers to twins differ; empty at best. One may be told that it was done already."""
    if not one.answer and not other.answer:
        # Whoever was done may have lost her answer.
        return "" if one.repeated or other.repeated else "both are told that it was done already"
    if not one.answer or not other.answer:
        return ""
    return ", ".join(
        f"{path} is {left!r} and {right!r}"
        for path, left, right in _different(mutation, one.answer, other.answer)
        if (not path.endswith(OF_THE_MOMENT) if is_keyed else path.endswith(OF_WHAT_WAS_DONE))
    )


def _different(path: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """Where the two differ, with what is in the one and in the other there."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _different(f"{path}.{key}", one[key], other[key])
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _different(f"{path}.{number}", left, right)
    elif one != other:
        yield path, one, other
