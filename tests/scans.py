"""What MongoDB had to read a whole collection for: its profiler tells, and nothing else is written down."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.database import Database

from app.messages.outbox import DEVELOPMENT_OUTBOX

Profiled = Database[dict[str, Any]]

# Change streams are followed by getMore over the log of the replica set, which has no index.
_SCANS = {"planSummary": {"$regex": "COLLSCAN"}, "op": {"$ne": "getmore"}}
_STAYS_SMALL = {DEVELOPMENT_OUTBOX.name}  # a developer's own, and a day's


@contextmanager
def no_scans(database: Profiled) -> Iterator[None]:
    """Fails when a command of the block read a collection that grows from one end to the other."""
    database.command("profile", 1, filter=_SCANS)
    try:
        yield
    finally:
        database.command("profile", 0)
    scans = [_told(each) for each in database["system.profile"].find()]
    if scans:
        database.drop_collection("system.profile")
    # To remove everything needs no index.
    unserved = [each for each in scans if each[0] not in _STAYS_SMALL and each[1:] != ("remove", {})]
    assert not unserved, f"no index serves {unserved}"


def _told(profiled: dict[str, Any]) -> tuple[str, str, Any]:
    """The collection, the kind of command and what it asked for."""
    command = profiled["command"]
    asked = command.get("filter", command.get("pipeline", command.get("q", command)))
    return profiled["ns"].split(".", 1)[1], profiled["op"], asked
