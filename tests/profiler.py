"""What would not do with much data or on many machines: MongoDB's profiler tells, and notes nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.database import Database

from app.messages.outbox import DEVELOPMENT_OUTBOX
from app.sharding import SHARDING, Sharded

Profiled = Database[dict[str, Any]]
Command = dict[str, Any]

# Change streams are followed by getMore over the log of the replica set, which has no index.
_SCANS: Command = {"planSummary": {"$regex": "COLLSCAN"}, "op": {"$ne": "getmore"}}
_STAYS_SMALL = {DEVELOPMENT_OUTBOX.name}  # a developer's own, and a day's
_SHARD_KEYS = {name: how.by for name, how in SHARDING.items() if isinstance(how, Sharded)}
_ONE_VALUE = {"$type": ["string", "objectId", "date", "int", "long"]}

EXAMINED_FOR_EACH = 10  # keys or documents, for each that is returned
EXAMINED_ANYWAY = 50


@contextmanager
def fit_for_much_data(database: Profiled) -> Iterator[None]:
    """Fails when a command of the block read a collection that grows from one end to the other, or changed
    a document of a sharded collection in a way that `mongos` of MongoDB 6 refuses.
    """
    with _noting(database, {"$or": [_SCANS, *_writes_to_judge(database.name)]}) as noted:
        yield
    scans = [_told(each) for each in noted if "COLLSCAN" in each.get("planSummary", "")]
    # To remove everything needs no index.
    unserved = [each for each in scans if each[0] not in _STAYS_SMALL and each[1:] != ("remove", {})]
    assert not unserved, f"no index serves {unserved}"
    astray = [_told(each) for each in noted if _is_refused_by_mongos(each)]
    assert not astray, f"no shard is named by {astray}"


@contextmanager
def examining_much(database: Profiled) -> Iterator[list[str]]:
    """The collections of which a command of the block examined much more than it returned, afterwards."""
    examined = {"$max": ["$keysExamined", "$docsExamined"]}
    returned = {"$ifNull": ["$nreturned", 0]}
    allowed = {"$add": [EXAMINED_ANYWAY, {"$multiply": [EXAMINED_FOR_EACH, returned]}]}
    much = {"op": {"$ne": "getmore"}, "$expr": {"$gt": [examined, allowed]}}
    collections: list[str] = []
    with _noting(database, much) as noted:
        yield collections
    collections += sorted({_told(each)[0] for each in noted})


@contextmanager
def all_commands(database: Profiled) -> Iterator[list[Command]]:
    """The commands of the block that were planned, in their order, when it is over."""
    with _noting(database, {"planSummary": {"$exists": True}}) as noted:
        yield noted


@contextmanager
def _noting(database: Profiled, what: Command) -> Iterator[list[Command]]:
    """The commands of the block that are such, when it is over."""
    noted: list[Command] = []
    database.command("profile", 1, filter=what)
    try:
        yield noted
    finally:
        database.command("profile", 0)
    noted += database["system.profile"].find()
    if noted:
        database.drop_collection("system.profile")


def _writes_to_judge(database: str) -> Iterator[Command]:
    """Those that do not say which shard they are for, and all that could change what says it."""
    for collection, key in _SHARD_KEYS.items():
        named = {"ns": f"{database}.{collection}"}
        is_named = {} if key != "_id" else {f"command.q.{key}": {"$not": _ONE_VALUE}}
        yield {**named, "op": {"$in": ["update", "remove"]}, **is_named}
        yield {**named, "command.findAndModify": collection, f"command.query.{key}": {"$not": _ONE_VALUE}}


def _is_refused_by_mongos(profiled: Command) -> bool:
    """Whether a cluster refuses it (the manual of 6.0, operational restrictions in sharded clusters)."""
    collection, kind, asked = _told(profiled)
    key = _SHARD_KEYS.get(collection)
    if key is None or kind not in {"update", "remove", "command"}:
        return False
    command = profiled["command"]
    if kind == "command":
        return "findAndModify" in command and not _is_one_value(asked.get(key))
    if _changes(command.get("u", {}), key, asked.get(key)):
        return True
    is_for_many = command.get("multi") or (kind == "remove" and command.get("limit") == 0)
    if _is_one_value(asked.get(key)) or (is_for_many and not command.get("upsert")):
        return False
    return bool(command.get("upsert")) or not _is_one_value(asked.get("_id"))


def _is_one_value(asked: Any) -> bool:
    """Whether it says which shard: an operator such as `$in` may mean several."""
    return asked is not None and not isinstance(asked, dict)


def _changes(update: Any, key: str, named: Any) -> bool:
    """Whether the update may give the document another shard key."""
    stages = update if isinstance(update, list) else [update]
    parts = [part for stage in stages for part in (stage, stage.get("$set"), stage.get("$unset"))]
    return any(part.get(key, named) != named for part in parts if isinstance(part, dict))


def _told(profiled: Command) -> tuple[str, str, Any]:
    """The collection, the kind of command and what it asked for."""
    command = profiled["command"]
    asked = next((command[each] for each in ("filter", "pipeline", "q", "query") if each in command), command)
    return profiled["ns"].split(".", 1)[1], profiled["op"], asked
