"""The official operations, measured from start to end: databases, what is recorded, servers and rounds."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvloop
from pymongo import MongoClient

from app.demo.catalog import demo_products
from app.demo.retailer import demo_stores
from app.main import create_application
from app.running import open_database, running_services
from app.shared.logging import configure_logging
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from bench.audience import Audience, gather_audience
from bench.findings import Findings, say
from bench.following import ORDERS_A_SECOND, following_table, sightings, waiting
from bench.house import House
from bench.load import post
from bench.official.calls import Call, body_of
from bench.official_operations import kind_of
from bench.official_rounds import BARE_OPERATION, OfficialRounds, Row
from bench.plot import write_plot
from bench.preparing import SEED, copy_database, let_codes_last, make_calls, numbers_of_calls, open_house
from bench.recording import RECORDED, CommandRecorder, Recorded, sent
from bench.report import Report, result_of
from bench.servers import BARE, BY_HAND, GRAPHQL, OURS, STOCK, running_mongodb, running_server, settings_for
from bench.subscriptions import measure_subscriptions
from bench.subscriptions import table as subscription_table
from bench.tracing_cost import PERCENT, TracingCost, settings_traced, sink, tracing_costs
from bench.tracing_cost import table as tracing_table
from bench.unlimited import UNLIMITED
from graphql_schema import budget

RECORDING = "recording"
SIDES = (BY_HAND, OURS, STOCK)
SECONDS_OF_ORDERS = 2
TRACED_OPERATION = "home"
TRACED_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: callers at once, rounds, and how long each lasts in seconds.

    `names` are operations that end, and `followed` subscriptions, each with so many `listeners`. `changes` is
    how many calls are made of an operation that changes anything; `counters` look on while orders come in,
    `idle` members follow an order in vain.
    """

    names: Sequence[str]
    followed: Sequence[str]
    callers: int
    rounds: int
    seconds: float
    changes: int
    stores: int
    skus: int
    counters: int
    idle: int
    listeners: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is sent: calls, orders that counters see, and who follows orders; and what cannot be called."""

    calls: dict[str, Sequence[Call]]
    failed: list[Row]
    orders: Sequence[Call]
    audience: Audience


def measure_official(extent: Extent, findings: Findings, plot: Path | None) -> None:
    """Starts everything in a folder of its own, measures, and leaves nothing behind.

    An operation that cannot be called, or is not answered as it should be, is a failure among the findings.
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
        failed = prepared.failed + runner.run(record(settings[RECORDING], prepared.calls))
        with findings.part("official operations"), ExitStack() as serving:
            servers = [serving.enter_context(running_server(name, settings[name])) for name in sides]
            with MongoClient[dict[str, Any]](mongodb_uri) as client:
                rounds = OfficialRounds(servers, prepared.calls, client, extent.callers)
                found = runner.run(rounds.measure(extent.rounds, extent.seconds, say))
            _tell(Report([result_of(row) for row in (*found, *failed)]), findings, plot)
        with findings.part("counters and idle subscriptions"):
            with running_server(GRAPHQL, settings[OURS]) as server:
                waited = runner.run(waiting(server, prepared.audience.followers))  # memory still unused
                orders = _requests(prepared.orders)
                seen = runner.run(sightings(server, prepared.audience.clerks, extent.counters, orders))
            findings.add("counters", seen)
            findings.add("idle", waited, following_table(seen, waited))
        if extent.followed:
            with findings.part("subscriptions"):
                runner.run(_subscriptions(settings[OURS], extent, findings))
        if TRACED_OPERATION in prepared.calls:
            with findings.part("traces"):
                costs = runner.run(_tracing(settings[OURS], prepared.calls[TRACED_OPERATION], extent))
                findings.add("traces", costs, tracing_table(costs))


def _tell(report: Report, findings: Findings, plot: Path | None) -> None:
    for failure in report.failures():
        findings.fail(failure)
    findings.figures["of_by_hand"] = report.ratios()
    findings.add("results", report.results, report.table("Official operations"))
    if plot is not None:
        write_plot(plot, report)


async def _subscriptions(settings: Settings, extent: Extent, findings: Findings) -> None:
    """All by servers on the database that ours changed: the house is in there as it was made."""
    database = open_database(settings)
    try:
        async with running_services(settings, database) as services:
            products = list(demo_products(extent.skus, services.clock.now()))
            house = House(services, demo_stores(extent.stores, SEED), products)
            found = await measure_subscriptions(extent.followed, house, settings, extent.listeners, findings)
    finally:
        await database.close()
    findings.add("subscriptions", found, subscription_table(found))


async def _tracing(settings: Settings, calls: Sequence[Call], extent: Extent) -> list[TracingCost]:
    serving = ExitStack()
    async with sink() as url:
        try:
            servers = [
                serving.enter_context(running_server(name, settings_traced(name, settings, url)))
                for name in PERCENT
            ]
            return await tracing_costs(
                servers, TRACED_OPERATION, calls, extent.callers, TRACED_ROUNDS, 2 * extent.seconds
            )
        finally:
            await asyncio.to_thread(serving.close)  # they send their last traces while they end


async def prepare(settings: Settings, extent: Extent) -> Prepared:
    """Makes in an empty database all that the operations are called about."""
    database = open_database(settings)
    calls: dict[str, Sequence[Call]] = {}
    failed: list[Row] = []
    try:
        async with running_services(settings, database) as services:
            house = await open_house(services, extent.stores, extent.skus)
            for name, number in numbers_of_calls(extent.names, extent.changes).items():
                try:
                    calls |= await make_calls(house, {name: number})
                except Exception as error:  # whatever it is, the other operations can be measured
                    failed.append(_failed(name, "preparing", error))
            await let_codes_last(settings, house.now)
            orders = await make_calls(house, {BARE_OPERATION: SECONDS_OF_ORDERS * ORDERS_A_SECOND})
            customers = [await house.customer() for _ in range(extent.idle)]
            followers = [(each.id, each.access_token) for each in customers]
            audience = await gather_audience(services, house.pickups, followers)
            return Prepared(calls, failed, orders[BARE_OPERATION], audience)
    finally:
        await database.close()


def _failed(name: str, at: str, error: Exception) -> Row:
    return Row(name, OURS, failure=f"{at}: {type(error).__name__}: {error}")


async def _copy(source: Settings, targets: Sequence[Settings]) -> None:
    await asyncio.gather(*(copy_database(source, target) for target in targets))


async def record(settings: Settings, calls: dict[str, Sequence[Call]]) -> list[Row]:
    """Sends all calls to the application in this process, first what changes nothing.

    Those of an operation that fails are taken from the calls, and told of.
    """
    budget.CAPACITY = UNLIMITED
    recorder = CommandRecorder()
    database = Database.connect(
        str(settings.mongodb_uri), settings.mongodb_database, settings.mongo_driver, watches=[recorder]
    )
    recorded = Recorded(settings.data_dir / RECORDED)
    application = create_application(settings)
    transport = httpx.ASGITransport(application)
    failed: list[Row] = []
    try:
        async with (
            running_services(settings, database) as application.state.services,
            httpx.AsyncClient(transport=transport, base_url="http://bench") as client,
        ):
            for name in sorted(calls, key=lambda each: kind_of(each) != "query"):
                try:
                    if kind_of(name) == "query":  # by then, sessions and what is remembered are known
                        for call in calls[name]:
                            await sent(name, call, client)
                    await recorded.record(name, calls[name], client, recorder)
                except Exception as error:
                    failed.append(_failed(name, "recording", error))
                    del calls[name]
    finally:
        await database.close()
    return failed


def _requests(orders: Sequence[Call]) -> Iterator[bytes]:
    return (post("/graphql", call.token, body_of("place_order", call, datetime.now(UTC))) for call in orders)
