"""The official operations, measured from start to end: databases, what is recorded, servers and rounds."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvloop
from pymongo import MongoClient

from app.composition import open_database, running_services
from app.main import create_application
from app.shared.database import Database
from app.shared.logging import configure_logging
from app.shared.settings import Settings
from bench.audience import Audience, gather_audience
from bench.following import ORDERS_A_SECOND, Sightings, Waiting, sightings, waiting
from bench.load import post
from bench.official.calls import Call, body_of
from bench.official_operations import kind_of
from bench.official_rounds import BARE_OPERATION, OfficialRounds, Row
from bench.preparing import Calls, copy_database, make_calls, numbers_of_calls, open_house
from bench.recording import RECORDED, CommandRecorder, Recorded, sent
from bench.servers import BARE, BY_HAND, GRAPHQL, OURS, STOCK, running_mongodb, running_server, settings_for
from bench.unlimited import UNLIMITED
from graphql_schema import budget

RECORDING = "recording"
SIDES = (BY_HAND, OURS, STOCK)
SECONDS_OF_ORDERS = 2


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: callers at once, rounds, and how long each lasts in seconds.

    `changes` is how many calls are made of an operation that changes anything; `counters` look on while
    orders come in, `idle` members follow an order in vain.
    """

    names: Sequence[str]
    callers: int
    rounds: int
    seconds: float
    changes: int
    stores: int
    skus: int
    counters: int
    idle: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is sent: calls, orders that counters see, and who follows orders."""

    calls: Calls
    orders: Sequence[Call]
    audience: Audience


def measure_official(
    extent: Extent, say: Callable[[str], None], tell: Callable[[Sequence[Row]], None]
) -> tuple[Sightings, Waiting]:
    """Starts everything in a folder of its own, measures, and leaves nothing behind.

    Says what it is at, and tells what each server did with each operation as soon as that is known. Returns
    what subscriptions saw and cost.

    Raises CallFailed when an operation does not do what it is called for, and ServerNotReady.
    """
    configure_logging("console", "ERROR")
    with ExitStack() as running, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tsunagu-bench-")))
        mongodb_uri = running.enter_context(running_mongodb(folder / "mongodb"))
        sides = [*SIDES, BARE] if BARE_OPERATION in extent.names else SIDES
        settings = {name: settings_for(name, mongodb_uri, folder) for name in (RECORDING, *sides)}
        say("preparing")
        prepared = runner.run(prepare(settings[RECORDING], extent))
        say("copying")
        runner.run(_copy(settings[RECORDING], [settings[name] for name in sides]))
        say("recording")
        runner.run(record(settings[RECORDING], prepared.calls))
        servers = [running.enter_context(running_server(name, settings[name])) for name in sides]
        say("measuring")
        with MongoClient[dict[str, Any]](mongodb_uri) as client:
            rounds = OfficialRounds(servers, prepared.calls, client, extent.callers)
            tell(runner.run(rounds.measure(extent.rounds, extent.seconds)))
        say("following")
        real = running.enter_context(running_server(GRAPHQL, settings[OURS]))
        seen = runner.run(
            sightings(real, prepared.audience.clerks, extent.counters, _requests(prepared.orders))
        )
        return seen, runner.run(waiting(real, prepared.audience.followers))


async def prepare(settings: Settings, extent: Extent) -> Prepared:
    """Makes in an empty database all that the operations are called about."""
    database = open_database(settings)
    try:
        async with running_services(settings, database) as services:
            house = await open_house(services, extent.stores, extent.skus)
            calls = await make_calls(house, numbers_of_calls(extent.names, extent.changes))
            orders = await make_calls(house, {BARE_OPERATION: SECONDS_OF_ORDERS * ORDERS_A_SECOND})
            customers = [await house.customer() for _ in range(extent.idle)]
            followers = [(each.id, each.access_token) for each in customers]
            audience = await gather_audience(services, house.pickups, followers)
            return Prepared(calls, orders[BARE_OPERATION], audience)
    finally:
        await database.close()


async def _copy(source: Settings, targets: Sequence[Settings]) -> None:
    await asyncio.gather(*(copy_database(source, target) for target in targets))


async def record(settings: Settings, calls: Calls) -> None:
    """Sends all calls to the application in this process, first what changes nothing."""
    budget.CAPACITY = UNLIMITED
    recorder = CommandRecorder()
    database = Database.connect(
        str(settings.mongodb_uri), settings.mongodb_database, settings.mongo_driver, watches=[recorder]
    )
    recorded = Recorded(settings.data_dir / RECORDED)
    application = create_application(settings)
    transport = httpx.ASGITransport(application)
    try:
        async with (
            running_services(settings, database) as application.state.services,
            httpx.AsyncClient(transport=transport, base_url="http://bench") as client,
        ):
            for name in sorted(calls, key=lambda each: kind_of(each) != "query"):
                if kind_of(name) == "query":  # by then, sessions and what is remembered are known
                    for call in calls[name]:
                        await sent(name, call, client)
                await recorded.record(name, calls[name], client, recorder)
    finally:
        await database.close()


def _requests(orders: Sequence[Call]) -> Iterator[bytes]:
    return (post("/graphql", call.token, body_of("place_order", call, datetime.now(UTC))) for call in orders)
