"""The demo retailer with so many members, served, and callers drawn from all of them."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from app.auth.sessions import SessionRepository
from app.check_ins.repository import CHECK_INS
from app.collections import COLLECTIONS
from app.composition import build_services
from app.demo.catalog import table_sku_count
from app.demo.loading import DEFAULT_SEED, DemoLoader
from app.demo.plan import DemoPlan, Progress
from app.demo.processes import WritingProcesses
from app.demo.retailer import town_count
from app.members.repository import MemberRepository
from app.running import open_database
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.mongodb.embedded import EmbeddedMongo
from app.shared.settings.loading import load_settings
from app.shared.settings.model import Settings
from bench.house import House
from bench.line import Line
from bench.load import post
from bench.official.calls import Call, body_of
from bench.official_operations import OFFICIAL_OPERATIONS
from bench.regulars import Customer, new_device
from bench.servers import (
    CONNECTIONS,
    OURS,
    Server,
    processor_seconds,
    processor_seconds_of,
    running_server,
)

MARKER = b'"data":{'
ANY_NUMBER = 1_000_000
NUMBERS_OF_A_RUN = 1_000_000  # what is numbered has other numbers when the same data is measured again


class UnfinishedLoad(Exception):
    """The database has a part of the demo retailer: whoever loaded it was stopped."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What the server and MongoDB computed, in seconds, and how many keys and documents MongoDB looked at."""

    processor_seconds: float = 0.0
    looked_at: int = 0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.processor_seconds + other.processor_seconds, self.looked_at + other.looked_at)

    def __sub__(self, earlier: "Spent") -> "Spent":
        return Spent(self.processor_seconds - earlier.processor_seconds, self.looked_at - earlier.looked_at)


@dataclass(frozen=True, slots=True)
class Population:
    """A server whose database has so many members; the callers of an operation are all others."""

    members: int
    server: Server
    line: Line
    house: House
    mongodb: MongoClient[dict[str, Any]]
    services: Services
    database: Database
    called: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    async def calls(self, name: str, number: int) -> list[Call]:
        """So many calls of an operation, each by a member who has not called it yet."""
        customers = await _drawn(self.services, self.database, number, self.called[name])
        return [await OFFICIAL_OPERATIONS[name].call(self.house, each) for each in customers]

    async def ask(self, name: str, call: Call) -> float:
        """The seconds that this call takes. Raises UnexpectedAnswer."""
        request = post("/graphql", call.token, body_of(name, call, datetime.now(UTC)))
        return await self.line.ask(request, MARKER)

    def spent(self) -> Spent:
        """What was spent so far."""
        status = self.mongodb.admin.command("serverStatus")
        processor = processor_seconds(self.server) + processor_seconds_of(int(status["pid"]))
        figures = status["metrics"]["queryExecutor"]
        return Spent(processor, int(figures["scanned"]) + int(figures["scannedObjects"]))


def settings_in(folder: Path, mongodb_uri: str) -> Settings:
    """The settings of a server that nobody limits."""
    return load_settings().model_copy(
        update={
            "environment": "development",
            "mongodb_uri": mongodb_uri,
            "data_dir": folder,
            "worker": False,
            "new_guests_per_network": ANY_NUMBER,
            "sign_in_codes_per_network": ANY_NUMBER,
            "connections_per_address": CONNECTIONS,
            "log_level": "WARNING",
        }
    )


@contextmanager
def running_mongodb_in(folder: Path, cache_megabytes: int) -> Iterator[str]:
    """The MongoDB of a folder, by its URI, until the end of the block."""
    mongodb = EmbeddedMongo(folder / "mongodb", cache_megabytes)
    mongodb.start()
    try:
        yield mongodb.uri
    finally:
        mongodb.stop()


async def load(settings: Settings, members: int, processes: int, progress: Progress) -> None:
    """Loads the demo retailer, unless it is there. Raises UnfinishedLoad."""
    services, database = _opened(settings)
    plan = DemoPlan(
        services.clock.now(), services.time_zone, members, town_count(), table_sku_count(), DEFAULT_SEED
    )
    try:
        await database.prepare(COLLECTIONS)
        loader = DemoLoader(database)
        if await loader.is_empty():
            await loader.load(plan, progress, WritingProcesses(settings, plan, processes).write_parts)
        if not await loader.is_finished(plan):
            raise UnfinishedLoad
    finally:
        await database.close()


@contextmanager
def served(settings: Settings, members: int, run: Callable[[Any], Any]) -> Iterator[Population]:
    """The population, served until the end of the block; `run` runs what is asynchronous."""
    services, database = _opened(settings)
    with (
        running_server(OURS, settings) as server,
        MongoClient[dict[str, Any]](settings.mongodb_uri) as client,
    ):
        house = run(House.open(services, town_count(), table_sku_count(), DEFAULT_SEED))
        house.news_stores = house.stores  # the callers were at any of them
        house.numbers = count(secrets.randbelow(9) * NUMBERS_OF_A_RUN + secrets.randbelow(NUMBERS_OF_A_RUN))
        line = run(Line.to(server.port))
        yield Population(members, server, line, house, client, services, database)
        line.close()
    run(database.close())


def _opened(settings: Settings) -> tuple[Services, Database]:
    database = open_database(settings)
    return build_services(settings, database), database


async def _drawn(services: Services, database: Database, number: int, others: set[str]) -> list[Customer]:
    """So many members who came to a store, each on a device that she has just signed in on.

    None of the others, to whom they are added.
    """
    ids: dict[str, None] = {}  # in the order in which they were drawn
    while len(ids) < number:
        sample = await database.collection(CHECK_INS).aggregate(
            [{"$sample": {"size": number}}, {"$project": {"member_id": 1}}]
        )
        ids.update(dict.fromkeys(each["member_id"] for each in sample if each["member_id"] not in others))
    chosen = list(ids)[:number]
    others.update(chosen)
    members = await MemberRepository(database).get_many(chosen)
    now = datetime.now(UTC)
    devices = [new_device(member, now) for member in members]
    await SessionRepository(database).add_many((device for device, _ in devices), session=None)
    return [
        Customer(
            member.id,
            member.number,
            services.access_tokens.issue(member.id, device.id, member.language, now).text,
            device.id,
            device.card_secret,
            refresh_token,
        )
        for member, (device, refresh_token) in zip(members, devices, strict=True)
    ]
