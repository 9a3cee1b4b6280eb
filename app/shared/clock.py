"""The time, as something that can be handed over and, in tests, held still."""

from datetime import UTC, datetime
from time import time_ns
from typing import Protocol

import orjson

LENGTH_TO_THE_SECOND = len('"2026-11-21T09:30:00')
_FRACTIONS = tuple(f".{millisecond:03}Z" for millisecond in range(1000))


class Clock(Protocol):
    """Tells the present moment."""

    def now(self) -> datetime:
        """The present in UTC, in whole milliseconds: MongoDB keeps no finer time."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(time_ns() // 1_000_000 / 1000, UTC)


def whole_milliseconds(moment: datetime) -> datetime:
    """The moment in UTC without what MongoDB would cut off."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def midnight(local: datetime) -> datetime:
    """When the day of this moment began, by the clock that the moment is told by.

    Where that clock goes back over midnight, a day has two of them: it began with the first.
    """
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def rfc3339(moment: datetime) -> str:
    """The moment in UTC with milliseconds, as in `2026-11-21T09:30:00.000Z`."""
    if moment.tzinfo is not UTC and moment.utcoffset():  # the driver's UTC is not Python's
        moment = moment.astimezone(UTC)
    second = orjson.dumps(moment)[1:LENGTH_TO_THE_SECOND].decode()  # a third of what isoformat takes
    return second + _FRACTIONS[moment.microsecond // 1000]
