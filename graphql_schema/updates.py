"""Inputs that name only what they change."""

from collections.abc import Callable
from typing import TypeVar

import strawberry

from app.shared.updates import UNCHANGED, Unchanged

Given = TypeVar("Given")
Kept = TypeVar("Kept")


def kept(given: Given | None, convert: Callable[[Given], Kept]) -> Kept | Unchanged | None:
    """The field as the domain takes it: left out, cleared, or converted."""
    if given is strawberry.UNSET:
        return UNCHANGED
    return None if given is None else convert(given)


def kept_or_unchanged(given: Given | None, convert: Callable[[Given], Kept]) -> Kept | Unchanged:
    """The same for a field that cannot be cleared: null leaves it as it is."""
    value = kept(given, convert)
    return UNCHANGED if value is None else value
