"""The two drivers behind one face, transactions, validators and indexes."""

import asyncio
from contextlib import nullcontext
from itertools import repeat
from typing import Any

import pytest
from pymongo import IndexModel, MongoClient
from pymongo.errors import DuplicateKeyError, NotPrimaryError, WriteError

from app.collections import COLLECTIONS
from app.shared.events import EVENTS, Event, EventLog
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Session,
    UnsuitableMongo,
)
from app.shared.mongodb.documents import STRING, at_least, document
from tests.conftest import NOON_IN_TOKYO
from tests.patience import PATIENCE_SECONDS

THINGS = CollectionDefinition(
    "things",
    validator=document(_id=STRING, number=at_least(0)),
    indexes=[IndexModel([("number", 1)], unique=True)],
)


@pytest.fixture
async def things(database: Database) -> Any:
    await database.prepare([THINGS])
    collection = database.collection(THINGS)
    await collection.delete_many({})
    return collection


async def test_reads_and_writes(things: Any) -> None:
    await things.insert_many([{"_id": letter, "number": number} for number, letter in enumerate("cab")])
    assert await things.count({}) == 3
    assert await things.find_one({"_id": "a"}) == {"_id": "a", "number": 1}
    assert [each["_id"] for each in await things.find({}, sort=[("_id", 1)], limit=2)] == ["a", "b"]
    assert await things.aggregate([{"$match": {"number": 2}}]) == [{"_id": "b", "number": 2}]
    assert [each["_id"] async for each in things.stream({}, sort=[("number", -1)])] == ["b", "a", "c"]
    changed = await things.find_one_and_update({"_id": "a", "number": 1}, {"$inc": {"number": 8}})
    assert changed == {"_id": "a", "number": 9}
    assert await things.find_one_and_update({"_id": "a", "number": 1}, {"$inc": {"number": 8}}) is None


async def test_a_transaction_is_all_or_nothing(database: Database, things: Any) -> None:
    async def act(session: Session) -> None:
        await things.insert_one({"_id": "a", "number": 1}, session=session)
        raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        await database.transaction(act)
    assert await things.count({}) == 0


async def test_a_concurrent_change_runs_the_transaction_again(database: Database, things: Any) -> None:
    runs = 0

    async def act(session: Session) -> str:
        nonlocal runs
        runs += 1
        await things.insert_one({"_id": "a", "number": runs}, session=session)
        if runs < 3:
            raise ConcurrentChange
        return "done"

    assert await database.transaction(act) == "done"
    assert await things.find({}) == [{"_id": "a", "number": 3}]


async def test_64_transactions_on_one_document_lose_no_change(database: Database, things: Any) -> None:
    await things.insert_one({"_id": "counter", "number": 0})

    async def act(session: Session) -> None:
        found = await things.find_one({"_id": "counter"}, session=session)
        update = {"$set": {"number": found["number"] + 1}}
        await things.find_one_and_update({"_id": "counter"}, update, session=session)

    await asyncio.gather(*(database.transaction(act) for _ in range(64)))
    assert (await things.find_one({"_id": "counter"}))["number"] == 64


async def test_the_validator_holds(things: Any) -> None:
    for wrong in ({"_id": "a"}, {"_id": "a", "number": -1}, {"_id": "a", "number": 1, "extra": 1}):
        with pytest.raises(WriteError):
            await things.insert_one(wrong)


async def test_a_unique_index_holds(things: Any) -> None:
    await things.insert_one({"_id": "a", "number": 1})
    with pytest.raises(DuplicateKeyError):
        await things.insert_one({"_id": "b", "number": 1})


async def test_changes_can_be_watched(things: Any) -> None:
    async with things.watch([{"$match": {"operationType": "insert"}}]) as changes:
        await things.insert_one({"_id": "a", "number": 1})
        change = await asyncio.wait_for(anext(aiter(changes)), PATIENCE_SECONDS)
    assert change["fullDocument"] == {"_id": "a", "number": 1}


async def test_preparing_again_changes_nothing_and_mends_what_differs(
    database: Database, things: Any, mongodb_uri: str, worker: str, driver: str
) -> None:
    await asyncio.gather(*(database.prepare(COLLECTIONS) for _ in range(8)))
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        raw = client[f"test_{worker}_{driver}"]
        before = {name: raw[name].index_information() for name in raw.list_collection_names()}
        raw.command("collMod", "things", validator={})
        await database.prepare([*COLLECTIONS, THINGS])
        assert {name: raw[name].index_information() for name in raw.list_collection_names()} == before
    with pytest.raises(WriteError):
        await things.insert_one({"_id": "a", "number": -1})


async def test_new_databases_can_be_prepared_by_many_processes_at_once(
    mongodb_uri: str, worker: str, driver: Any
) -> None:
    name = f"test_{worker}_{driver}_new"
    databases = [Database.connect(mongodb_uri, name, driver) for _ in range(4)]
    try:
        await asyncio.gather(*(database.prepare(COLLECTIONS) for database in databases))
        with MongoClient[dict[str, Any]](mongodb_uri) as client:
            made = client[name].list_collection_names()
            client.drop_database(name)
        assert sorted(made) == sorted(definition.name for definition in COLLECTIONS)
    finally:
        for database in databases:
            await database.close()


async def test_an_unreachable_mongodb_is_not_writable(driver: Any) -> None:
    database = Database.connect("mongodb://127.0.0.1:9/?replicaSet=none", "test_none", driver)
    assert not await database.is_writable()
    await database.close()


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"hello": {}, "buildInfo": {"version": "6.0.5"}}, "replica set"),
        ({"hello": {"setName": "rs"}, "buildInfo": {"version": "5.0.31"}}, "5.0.31 is too old"),
    ],
)
async def test_a_mongodb_that_will_not_do_is_told(
    monkeypatch: pytest.MonkeyPatch, driver: Any, answers: dict[str, Any], reason: str
) -> None:
    """What another kind of MongoDB would answer; there is none here to ask."""
    database = Database.connect("mongodb://127.0.0.1:9", "test_none", driver)

    class OtherMongo:
        async def command(self, name: str) -> Any:
            return answers[name]

    monkeypatch.setattr(database, "_database", OtherMongo())
    with pytest.raises(UnsuitableMongo, match=reason):
        await database.require_suitable()
    await database.close()


@pytest.mark.parametrize("will_do", [True, False])
async def test_a_start_waits_for_a_primary_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, driver: Any, will_do: bool
) -> None:
    refusals = repeat("no primary yet", 3) if will_do else repeat("no primary yet")
    database = Database.connect("mongodb://127.0.0.1:9", "test_none", driver)

    class ElectingMongo:
        async def command(self, name: str) -> Any:
            if refusal := next(refusals, None):
                raise NotPrimaryError(refusal)
            return {"hello": {"setName": "rs"}, "buildInfo": {"version": "6.0.5"}}[name]

    monkeypatch.setattr(database, "_database", ElectingMongo())
    monkeypatch.setattr("app.shared.mongodb.database.ASKED_EVERY_SECONDS", 0)
    monkeypatch.setattr("app.shared.mongodb.database.ANSWER_SECONDS", PATIENCE_SECONDS if will_do else 0.05)
    with nullcontext() if will_do else pytest.raises(UnsuitableMongo, match="no primary yet"):
        await database.require_suitable()
    await database.close()


async def test_the_mongodb_of_these_tests_will_do(database: Database) -> None:
    await database.require_suitable()


async def test_a_reachable_mongodb_is_writable(database: Database) -> None:
    assert await database.is_writable()


async def test_events_are_part_of_the_transaction(database: Database) -> None:
    events = EventLog(database)

    async def act(session: Session) -> None:
        await events.append(Event("CheckedIn", "member:1", NOON_IN_TOKYO, {"points": 10}), session)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  our own, just above
        await database.transaction(act)
    assert await database.collection(EVENTS).count({}) == 0
