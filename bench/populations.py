"""The demo retailer with so many members, served, and callers drawn from all of them."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from app.auth.sessions import SessionRepository
from app.check_ins.repository import CHECK_INS
from app.collections import COLLECTIONS
from app.composition import build_services, open_database
from app.demo.catalog import table_sku_count
from app.demo.loading import DEFAULT_SEED, DemoLoader
from app.demo.plan import DemoPlan, Progress
from app.demo.processes import WritingProcesses
from app.demo.retailer import town_count
from app.members.repository import MemberRepository
from app.services import Services
from app.shared.database import Database
from app.shared.embedded_mongodb import EmbeddedMongo
from app.shared.settings import Settings
from app.shared.settings_loading import load_settings
from bench.house import House
from bench.load import UnexpectedAnswer, ask, run_round
from bench.official.calls import Call, body_of
from bench.official_operations import OFFICIAL_OPERATIONS
from bench.regulars import Customer, new_device
from bench.servers import (
    CONNECTIONS,
    GRAPHQL,
    Server,
    processor_seconds,
    processor_seconds_of,
    running_server,
)

MARKER = b'"data":{'
REFUSED = b'"errors":[{'
SECONDS = 60.0  # for a few calls, which end long before
ANY_NUMBER = 1_000_000
NUMBERS_OF_A_RUN = 1_000_000  # what is numbered has other numbers when the same data is measured again


class UnfinishedLoad(Exception):
    """The database has a part of the demo retailer: whoever loaded it was stopped."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Latencies of calls, and for them all: what the server and MongoDB computed, and what MongoDB looked at.

    Times are in seconds; what is looked at are keys and documents.
    """

    latencies: list[float]
    processor_seconds: float
    looked_at: int


@dataclass(frozen=True, slots=True)
class Population:
    """A server whose database has so many members."""

    members: int
    server: Server
    house: House
    mongodb: MongoClient[dict[str, Any]]
    customers: Iterator[Customer]

    async def calls(self, name: str, number: int) -> list[Call]:
        """So many calls of an operation, each by a member of her own. Raises UnexpectedAnswer.

        One more is made and sent, so that it is known to be answered.
        """
        operation = OFFICIAL_OPERATIONS[name]
        first, *calls = [await operation.call(self.house, next(self.customers)) for _ in range(number + 1)]
        answer = await ask(self.server.port, _request(name, first), MARKER)
        if REFUSED in answer:
            raise UnexpectedAnswer(answer[:200].decode(errors="replace"))
        return calls

    async def measure(self, name: str, calls: list[Call]) -> Measured:
        """Sends these calls one after the other."""
        processor, looked_at = self._spent()
        requests = (_request(name, call) for call in calls)
        done = await run_round(self.server.port, requests, MARKER, 1, SECONDS)
        processor_afterwards, looked_at_afterwards = self._spent()
        return Measured(done.latencies, processor_afterwards - processor, looked_at_afterwards - looked_at)

    def _spent(self) -> tuple[float, int]:
        """What the server and MongoDB have computed so far, in seconds, and what MongoDB has looked at."""
        status = self.mongodb.admin.command("serverStatus")
        processor = processor_seconds(self.server) + processor_seconds_of(int(status["pid"]))
        figures = status["metrics"]["queryExecutor"]
        return processor, int(figures["scanned"]) + int(figures["scannedObjects"])


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
def served(settings: Settings, members: int, run: Callable[[Any], Any], callers: int) -> Iterator[Population]:
    """The population, served until the end of the block; `run` runs what is asynchronous."""
    services, database = _opened(settings)
    with (
        running_server(GRAPHQL, settings) as server,
        MongoClient[dict[str, Any]](settings.mongodb_uri) as client,
    ):
        house = run(House.open(services, town_count(), table_sku_count(), DEFAULT_SEED))
        house.news_stores = house.stores  # the callers were at any of them
        house.numbers = count(secrets.randbelow(9) * NUMBERS_OF_A_RUN + secrets.randbelow(NUMBERS_OF_A_RUN))
        customers = run(_drawn(services, database, callers))
        yield Population(members, server, house, client, iter(customers))
    run(database.close())


def _opened(settings: Settings) -> tuple[Services, Database]:
    database = open_database(settings)
    return build_services(settings, database), database


async def _drawn(services: Services, database: Database, number: int) -> list[Customer]:
    """So many members who came to a store, each on a device that she has just signed in on."""
    ids: set[str] = set()
    while len(ids) < number:
        sample = await database.collection(CHECK_INS).aggregate(
            [{"$sample": {"size": number}}, {"$project": {"member_id": 1}}]
        )
        ids.update(each["member_id"] for each in sample)
    members = await MemberRepository(database).get_many(sorted(ids)[:number])
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


def _request(name: str, call: Call) -> bytes:
    body = body_of(name, call, datetime.now(UTC))
    authorization = f"Authorization: Bearer {call.token}\r\n" if call.token else ""
    head = (
        "POST /graphql HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "Accept: application/json\r\n"
        "Content-Type: application/json\r\n"
        f"{authorization}"
        f"Content-Length: {len(body)}\r\n"
        "\r\n"
    )
    return head.encode() + body
