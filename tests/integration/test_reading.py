"""Reads of several collections in one command find what each of them finds alone."""

import asyncio
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, NetworkTimeout, OperationFailure

from app.inventory.model import StockKey
from app.services import Services
from app.shared.mongodb.collection import Collection, Document
from app.shared.mongodb.database import Database
from app.shared.mongodb.reading import (
    COMMANDS_AT_A_TIME,
    Found,
    Reading,
    Reads,
    ReadSharing,
    known,
    read_together,
)
from app.stores.repository import STORES
from tests.arrangements import add_stores
from tests.conftest import COMMANDS
from tests.examples import a_store


async def test_each_reading_finds_its_own(services: Services, database: Database) -> None:
    stores = [a_store() for _ in range(3)]
    await add_stores(database, *stores)
    names: Reading[list[str]] = Reading(
        STORES, [{"$sort": {"_id": 1}}], lambda found: [each["_id"] for each in found]
    )
    one = services.stores.reading(stores[1].id)
    nobody = services.members.reading("nobody")
    levels = services.stock.reading_levels([StockKey("sku", stores[0].id)])
    count = names.understood(len)
    COMMANDS.clear()
    found = await read_together(database, nobody, names, one, levels, count)
    assert COMMANDS == ["aggregate"]
    assert found[names] == sorted(store.id for store in stores)
    assert (found[one], found[nobody], found[levels], found[count]) == (stores[1], None, {}, 3)


async def test_what_several_want_is_read_once(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = a_store(), a_store()
    await add_stores(database, store, other)
    sent: list[Document] = []
    read = Collection.read

    async def noted(collection: Collection, pipeline: list[Document]) -> list[Document]:
        sent.extend(pipeline)
        return await read(collection, pipeline)

    monkeypatch.setattr(Collection, "read", noted)
    wanted = [services.stores.reading(each.id) for each in (store, other, store, store)]
    found = await read_together(database, *wanted, known("what was known"))
    assert [found[each] for each in wanted] == [store, other, store, store]
    assert len([each for each in sent if "$unionWith" in each]) == 1


async def test_who_gives_up_takes_nothing_from_the_others_of_the_request(
    services: Services, database: Database
) -> None:
    store = a_store()
    await add_stores(database, store)
    reads, reading = Reads(database), services.stores.reading(store.id)
    impatient, patient = (asyncio.create_task(reads.read(reading)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient)[reading] == store
    assert impatient.cancelled()


async def test_all_of_a_request_are_told_why_nothing_was_read(database: Database) -> None:
    bad: Reading[None] = Reading(STORES, [{"$nonsense": 1}], lambda found: None)
    reads = Reads(database)
    told = await asyncio.gather(*(reads.read(bad) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(each, OperationFailure) for each in told)


async def test_requests_that_come_together_share_commands_and_each_finds_its_own(
    services: Services, database: Database
) -> None:
    stores = [a_store() for _ in range(64)]
    await add_stores(database, *stores)
    readings = [services.stores.reading(each.id) for each in stores]
    COMMANDS.clear()
    found = await asyncio.gather(*(Reads(database).read(each) for each in readings))
    assert [each[reading] for each, reading in zip(found, readings, strict=True)] == stores
    assert COMMANDS.count("aggregate") <= COMMANDS_AT_A_TIME + 4


async def test_who_cannot_be_answered_or_gives_up_harms_no_other_request(
    services: Services, database: Database
) -> None:
    stores = [a_store() for _ in range(32)]
    await add_stores(database, *stores)
    bad: Reading[None] = Reading(STORES, [{"$nonsense": 1}], lambda found: None)
    for _ in range(3):  # no command's place is lost by it
        readings = [services.stores.reading(each.id) for each in stores]
        wanted = [each for reading in readings for each in (bad, reading, reading)]
        tasks = [asyncio.create_task(Reads(database).read(each)) for each in wanted]
        while not ReadSharing.of(database)._waiting:  # noqa: ASYNC110
            await asyncio.sleep(0)
        for impatient in tasks[2::3]:
            impatient.cancel()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, OperationFailure) for each in told[::3])
        assert all(isinstance(each, asyncio.CancelledError) for each in told[2::3])
        good = zip(told[1::3], readings, strict=True)
        assert [each[reading] for each, reading in good if isinstance(each, Found)] == stores
    assert ReadSharing.of(database)._free == COMMANDS_AT_A_TIME


async def test_when_mongodb_does_not_answer_all_who_wait_are_told_so_by_one_try(
    services: Services, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_store()
    await add_stores(database, store)
    reading, tries = services.stores.reading(store.id), 0

    async def unanswered(*_: Any, **__: Any) -> None:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        raise NetworkTimeout("nobody answers")

    with monkeypatch.context() as patch:
        patch.setattr(type(database._database), "command", unanswered)
        told = await asyncio.gather(
            *(Reads(database).read(reading) for _ in range(64)), return_exceptions=True
        )
    assert all(isinstance(each, NetworkTimeout) for each in told)
    assert tries == COMMANDS_AT_A_TIME
    assert (await Reads(database).read(reading))[reading] == store


async def test_what_does_not_fit_into_one_answer_is_read_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.shared.mongodb.collection.ALL_AT_ONCE", 2)
    await add_stores(database, *(a_store() for _ in range(5)))
    every: Reading[int] = Reading(STORES, [], len)
    assert (await read_together(database, every))[every] == 5


async def test_a_connection_that_breaks_is_no_end_of_a_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_stores(database, a_store())
    every: Reading[int] = Reading(STORES, [], len)

    async def broken(*_: Any, **__: Any) -> None:
        raise AutoReconnect("gone")

    monkeypatch.setattr(type(database._database), "command", broken)
    assert (await read_together(database, every))[every] == 1


async def test_what_is_in_a_document_is_no_operator(services: Services, database: Database) -> None:
    """What a caller sends is compared as it is, never evaluated."""
    store = a_store()
    await add_stores(database, store)
    reading = services.stores.reading("$$ROOT")
    assert (await read_together(database, reading))[reading] is None
