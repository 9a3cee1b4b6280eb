"""Databases that are all the same, with all that the official operations are to be called about."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import AsyncMongoClient

from app.collections import COLLECTIONS
from app.demo.loading import DemoLoader
from app.demo.plan import DemoPlan
from app.running import open_database
from app.services import Services
from app.shared.settings.model import Settings
from app.sign_in.repository import SIGN_IN_CHALLENGES
from app.staff.device_repository import ENROLMENT_CODES
from bench.house import House
from bench.official.calls import Call
from bench.official_operations import OFFICIAL_OPERATIONS, kind_of

SEED = 0
DEMO_MEMBERS = 1  # the bench has its own
READERS = 16  # who send a query, again and again
MADE_AT_ONCE = 8
TO_THE_END = timedelta(hours=2)
MORE = {"place_order": 8, "check_in": 4}  # those that matter most, and are made at no cost

Calls = Mapping[str, Sequence[Call]]


def numbers_of_calls(names: Sequence[str], changes: int) -> dict[str, int]:
    """A few calls of each query, to be sent again and again, and more of what changes anything."""
    return {name: READERS if kind_of(name) == "query" else changes * MORE.get(name, 1) for name in names}


async def open_house(services: Services, stores: int, skus: int) -> House:
    """The demo retailer in an empty database."""
    await services.database.prepare(COLLECTIONS)
    plan = DemoPlan(services.clock.now(), services.time_zone, DEMO_MEMBERS, stores, skus, SEED)
    await DemoLoader(services.database).load(plan)
    return await House.open(services, stores, skus, SEED)


async def make_calls(house: House, numbers: Mapping[str, int]) -> Calls:
    """So many calls of each operation."""
    turns = asyncio.Semaphore(MADE_AT_ONCE)

    async def make(name: str) -> Call:
        async with turns:
            return await OFFICIAL_OPERATIONS[name].call(house, await house.customer())

    calls: dict[str, list[Call]] = {}
    for name, number in numbers.items():
        first = await make(name)  # which may make what the others share
        calls[name] = [first, *await asyncio.gather(*(make(name) for _ in range(number - 1)))]
    return calls


async def let_codes_last(settings: Settings, now: datetime) -> None:
    """Lets the codes that calls were made with be good until all are measured, however slow that is."""
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(settings.mongodb_uri)
    async with client:
        for definition in (SIGN_IN_CHALLENGES, ENROLMENT_CODES):
            codes = client[settings.mongodb_database][definition.name]
            await codes.update_many({}, {"$set": {"expires_at": now + TO_THE_END}})


async def copy_database(source: Settings, target: Settings) -> None:
    """Has MongoDB write all that is in one database to another one, which has the same indexes."""
    database = open_database(target)
    try:
        await database.prepare(COLLECTIONS)
    finally:
        await database.close()
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(source.mongodb_uri)
    async with client:
        collections = client[source.mongodb_database]
        for name in await collections.list_collection_names(filter={"type": "collection"}):
            if not name.startswith("system.") and await collections[name].find_one() is not None:
                out = {"$out": {"db": target.mongodb_database, "coll": name}}
                await (await collections[name].aggregate([out])).to_list()
