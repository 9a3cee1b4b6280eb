"""Pages of lists that grow: forward only, by a cursor that names the last item seen."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson

from app.shared.errors import CursorInvalid, PageSizeInvalid

MAXIMUM_PAGE_SIZE = 100
MAXIMUM_CURSOR_LENGTH = 400
MAXIMUM_NUMBER = 2**53  # what every JSON reader can hold exactly

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: at most `first` items, those after the cursor `after`."""

    first: int = 20
    after: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.first <= MAXIMUM_PAGE_SIZE:
            raise PageSizeInvalid(path=["first"], maximum=MAXIMUM_PAGE_SIZE)

    def position(self, *kinds: type) -> tuple[Any, ...] | None:
        """The sort key in `after`, checked to hold values of just these types; None on the first page."""
        if self.after is None:
            return None
        position = decode_cursor(self.after)
        if len(position) != len(kinds) or not all(map(_is_of_kind, position, kinds)):
            raise CursorInvalid(path=["after"])
        return position


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Items, each with its cursor, and whether there are more.

    After `end` the next page begins: where the last item stands, unless others behind it were left out.
    """

    items: tuple[tuple[Item, str], ...]
    has_next: bool
    has_previous: bool
    left_out_end: str | None = None

    @property
    def end(self) -> str | None:
        return self.left_out_end or (self.items[-1][1] if self.items else None)

    def only(self, may_stay: Callable[[Item], bool]) -> "Page[Item]":
        """The page without those that may not stay: shorter, perhaps empty, and yet not the last."""
        items = tuple((item, cursor) for item, cursor in self.items if may_stay(item))
        return Page(items, self.has_next, self.has_previous, self.end)


def page_of(found: list[tuple[Item, tuple[Any, ...]]], request: PageRequest) -> Page[Item]:
    """The page from one item more than was asked for, each with its sort key."""
    items = tuple((item, encode_cursor(key)) for item, key in found[: request.first])
    return Page(items, has_next=len(found) > request.first, has_previous=request.after is not None)


def encode_cursor(position: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(position))).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> tuple[Any, ...]:
    """The sort key in a cursor; raises CursorInvalid."""
    if len(cursor) > MAXIMUM_CURSOR_LENGTH:
        raise CursorInvalid(path=["after"])
    try:
        position = orjson.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
    except (binascii.Error, ValueError):
        raise CursorInvalid(path=["after"]) from None
    if not isinstance(position, list):
        raise CursorInvalid(path=["after"])
    return tuple(position)


def moment_of(text: str) -> datetime:
    """The moment that a cursor names. Raises CursorInvalid."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CursorInvalid(path=["after"]) from None
    if moment.tzinfo is None:
        raise CursorInvalid(path=["after"])
    return moment


def _is_of_kind(value: Any, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAXIMUM_NUMBER
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAXIMUM_NUMBER
    return isinstance(value, kind)
