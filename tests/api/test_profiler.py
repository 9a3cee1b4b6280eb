"""That a query without an index would be noticed, and a write that a cluster refuses."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from pymongo import UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError, WriteError

from app.carts.repository import CARTS
from app.check_ins.repository import CHECK_INS
from app.members.repository import MEMBERS
from app.shared.mongodb.database import Database
from tests.api.callers import Caller
from tests.profiler import EXAMINED_ANYWAY, EXAMINED_FOR_EACH, Profiled, examining_much, fit_for_much_data


async def test_a_query_that_no_index_serves_fails(
    member: Caller, database: Database, profiled: Profiled
) -> None:
    with pytest.raises(AssertionError, match="members"), fit_for_much_data(profiled):
        await database.collection(MEMBERS).find({"display_name": "Sakura"})


async def test_so_does_one_that_repeats_no_condition_of_its_index(
    member: Caller, database: Database, profiled: Profiled
) -> None:
    with pytest.raises(AssertionError, match="members"), fit_for_much_data(profiled):
        await database.collection(MEMBERS).find_one({"device_id_hash": "unknown"})


async def test_a_query_that_an_index_serves_does_not(database: Database, profiled: Profiled) -> None:
    with fit_for_much_data(profiled):
        await database.collection(CHECK_INS).find({"member_id": "member-1"})


HERS = {"member_id": "member-1"}
UNION = [{"$unionWith": {"coll": CHECK_INS.name, "pipeline": [{"$match": {**HERS, "points_awarded": 1}}]}}]
EXAMINING: dict[str, Callable[[Database], Awaitable[Any]]] = {
    "to find": lambda database: database.collection(CHECK_INS).find({**HERS, "points_awarded": 1}),
    "as a part of more": lambda database: database.collection(CARTS).aggregate(
        [{"$match": {"_id": "member-1"}}, *UNION]
    ),
    "to change": lambda database: database.collection(CHECK_INS).write_many(
        [UpdateOne({**HERS, "points_awarded": 1}, {"$set": {"points_awarded": 2}})]
    ),
}


def _visit(profiled: Profiled, times: int) -> None:
    """She visits so many stores; what else a visit has does not matter here."""
    visits = [{"_id": f"visit-{seq}", **HERS, "seq": seq, "store_id": f"store-{seq}"} for seq in range(times)]
    profiled[CHECK_INS.name].insert_many(visits, bypass_document_validation=True)


@pytest.mark.parametrize("use", EXAMINING.values(), ids=EXAMINING)
async def test_what_examines_much_more_than_it_returns_is_told(
    database: Database, profiled: Profiled, use: Callable[[Database], Awaitable[Any]]
) -> None:
    _visit(profiled, EXAMINED_ANYWAY + 1)
    with examining_much(profiled) as collections:
        await use(database)
    assert collections


async def test_what_examines_as_much_as_it_returns_is_not(database: Database, profiled: Profiled) -> None:
    number = EXAMINED_ANYWAY + EXAMINED_FOR_EACH + 1
    _visit(profiled, number)
    with examining_much(profiled) as collections:
        assert len(await database.collection(CHECK_INS).find(HERS)) == number
    assert collections == []


REFUSED: dict[str, Callable[[Database], Awaitable[Any]]] = {
    "found by another name": lambda database: database.collection(CHECK_INS).find_one_and_update(
        {"_id": "check-in-1"}, {"$set": {"points_awarded": 1}}
    ),
    "on one of several shards": lambda database: database.collection(CARTS).find_one_and_delete(
        {"_id": {"$in": ["member-1", "member-2"]}}
    ),
    "made wherever it falls": lambda database: database.collection(CHECK_INS).upsert_many(
        [UpdateOne({"_id": "check-in-1"}, {"$set": {"points_awarded": 1}}, upsert=True)]
    ),
    "moved to another shard": lambda database: database.collection(CHECK_INS).write_many(
        [UpdateMany(HERS, {"$set": {"member_id": "member-2"}})]
    ),
    "replaced by its id": lambda database: database.collection(CHECK_INS).replace_many(
        [{"_id": "check-in-1", **HERS}]
    ),
}


@pytest.mark.parametrize("write", REFUSED.values(), ids=REFUSED)
async def test_a_write_that_a_cluster_refuses_fails(
    database: Database, profiled: Profiled, write: Callable[[Database], Awaitable[Any]]
) -> None:
    """Some are refused by the collection's schema, too: they are sent all the same."""
    with (
        pytest.raises(AssertionError, match="no shard is named"),
        fit_for_much_data(profiled),
        suppress(WriteError, BulkWriteError),
    ):
        await write(database)


async def test_one_that_says_which_shard_it_is_for_does_not(database: Database, profiled: Profiled) -> None:
    with fit_for_much_data(profiled):
        check_ins, carts = database.collection(CHECK_INS), database.collection(CARTS)
        await check_ins.find_one_and_update({"_id": "check-in-1", **HERS}, {"$set": {"points_awarded": 1}})
        await check_ins.write_many([UpdateOne({"_id": "check-in-1"}, {"$set": {"points_awarded": 1}})])
        await check_ins.delete_many({**HERS, "seq": {"$gt": 7}})
        await carts.delete_many({"_id": {"$in": ["member-1", "member-2"]}})
        await carts.find_one_and_delete({"_id": "member-1"})
