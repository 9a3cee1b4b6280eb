"""`scripts/bench --faults`: load on all mutations while primaries die and answers are lost, then an audit.

Some of the mutations are sent twice at once.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TypeVar

import uvloop

from app.composition import build_services
from app.running import open_database
from app.shared.settings.model import Settings
from bench.faults.caller import Client, Fault, Tally
from bench.faults.journey import Journey
from bench.faults.proxy import Proxy, running_proxies
from bench.faults.receiver import receiving
from bench.faults.replica_set import (
    PATIENT_ELECTION_SECONDS,
    NoPrimary,
    ReplicaSet,
    running_replica_set,
    target_ports,
)
from bench.faults.scenarios import ALL
from bench.faults.verifying import faults_found
from bench.faults.world import World, open_shop
from bench.report import machine
from bench.servers import ONE, OTHER, WORKER, ServerNotReady, running_server, settings_for

Entered = TypeVar("Entered")

DRIVER = b"tsunagu"  # what a connection of ours says of itself, and no member of the replica set
DOWN_SECONDS = 3.0
SHOWN_FAULTS = 20


@dataclass(slots=True)
class Outcome:
    """What a run found."""

    tally: Tally = field(default_factory=Tally)
    journeys: list[Journey] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    silences: list[float] = field(default_factory=list)  # seconds without any answer, of each kill
    lost_answers: int = 0
    lost_by_mongodb: int = 0


def main(arguments: Sequence[str]) -> int:
    """Runs and prints; 1 when a fault was found."""
    options = _parser().parse_args(arguments)
    print(", ".join(f"{name} {value}" for name, value in machine().items()), flush=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        try:
            outcome = runner.run(_run(options))
        except (Fault, NoPrimary, ServerNotReady) as error:
            notes = getattr(error, "__notes__", [])
            print(*notes, f"bench: {type(error).__name__}: {error}", sep="\n", file=sys.stderr)
            return 1
    _print(outcome, options)
    return 1 if outcome.faults else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench --faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0, help="how long there is load")
    parser.add_argument("--callers", type=int, default=24, help="how many ask at the same time")
    parser.add_argument(
        "--kill-every", type=float, default=20.0, help="seconds between kills of the primary, 0 for none"
    )
    parser.add_argument(
        "--election-seconds", type=float, default=10.0, help="how soon the others miss a primary; 10 is usual"
    )
    parser.add_argument("--losing", type=float, default=0.02, help="share of answers to callers that is lost")
    parser.add_argument(
        "--losing-of-mongodb", type=float, default=0.001, help="share of MongoDB's answers that is lost"
    )
    parser.add_argument(
        "--delaying-of-mongodb", type=float, default=0.02, help="share of MongoDB's answers that come late"
    )
    parser.add_argument(
        "--twice", type=float, default=0.2, help="share of mutations that are sent to two servers at once"
    )
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with")
    return parser


async def _run(options: argparse.Namespace) -> Outcome:
    """Starts everything in a folder of its own, and leaves nothing behind."""
    outcome, chance = Outcome(), Random(options.seed)
    async with AsyncExitStack() as running:
        temporary = tempfile.TemporaryDirectory(prefix="tsunagu-faults-", ignore_cleanup_errors=True)
        folder = Path(running.enter_context(temporary))
        receiver = await running.enter_async_context(receiving())
        to_mongodb = await running.enter_async_context(running_proxies(target_ports(), chance, DRIVER))
        replica_set = await running.enter_async_context(running_replica_set(folder, to_mongodb))
        settings = _settings(replica_set.uri, folder)
        services = build_services(settings, open_database(settings))
        running.push_async_callback(services.database.close)
        await open_shop(services)
        servers = [
            await running.enter_async_context(_in_a_thread(running_server(name, settings)))
            for name in (ONE, OTHER, WORKER)
        ]
        ports = [server.port for server in servers if server.port]
        to_servers = await running.enter_async_context(running_proxies(ports, chance))
        client = Client([each.port for each in to_servers], outcome.tally, chance)
        running.push_async_callback(client.close)
        world = await World.prepare(services, client, chance, receiver.url)
        _let_fail(to_servers, options.losing, 0.0)
        _let_fail(to_mongodb, options.losing_of_mongodb, options.delaying_of_mongodb)
        client.twice = options.twice
        await replica_set.elect_after(options.election_seconds)
        async with asyncio.TaskGroup() as group:
            group.create_task(_load(world, outcome, options))
            group.create_task(_kill(replica_set, outcome, options))
        client.twice = 0.0
        _let_fail([*to_servers, *to_mongodb], 0.0, 0.0)
        outcome.lost_answers = sum(each.lost for each in to_servers)
        outcome.lost_by_mongodb = sum(each.lost for each in to_mongodb)
        await replica_set.settle()
        await replica_set.elect_after(PATIENT_ELECTION_SECONDS)
        outcome.faults += await faults_found(world, outcome.journeys, receiver)
        outcome.faults += _never_done(outcome)
    return outcome


def _settings(mongodb_uri: str, folder: Path) -> Settings:
    return settings_for(ONE, mongodb_uri, folder).model_copy(
        update={
            "mongodb_database": "bench_faults",
            "webhook_private_addresses": True,
            "access_token_minutes": 60,
            "new_guests_per_network": 1_000_000,
            "sign_in_codes_per_network": 1_000_000,
        }
    )


def _let_fail(proxies: Sequence[Proxy], losing: float, delaying: float) -> None:
    for each in proxies:
        each.losing, each.delaying = losing, delaying


async def _load(world: World, outcome: Outcome, options: argparse.Namespace) -> None:
    """Callers go from scenario to scenario until time is up and each was tried, and finish them."""
    deadline = time.monotonic() + options.seconds
    scenarios = itertools.cycle(ALL)

    async def call() -> None:
        while time.monotonic() < deadline or len(outcome.journeys) < len(ALL):
            scenario = next(scenarios)
            journey = Journey(world, scenario.mutations)
            outcome.journeys.append(journey)
            try:
                await scenario.act(journey)
            except Fault as fault:
                outcome.faults.append(f"{scenario.name}: {fault}")

    async with asyncio.TaskGroup() as group:
        for _ in range(options.callers):
            group.create_task(call())


async def _kill(replica_set: ReplicaSet, outcome: Outcome, options: argparse.Namespace) -> None:
    """Kills the primary again and again, and starts it a little later as what it is then."""
    tally = outcome.tally
    kills = int(options.seconds / options.kill_every) if options.kill_every else 0
    for _ in range(kills):
        primary = await replica_set.primary()
        tally.longest_silence = 0.0
        primary.kill()
        await asyncio.sleep(min(DOWN_SECONDS, options.kill_every / 2))
        primary.start()
        await asyncio.sleep(options.kill_every - min(DOWN_SECONDS, options.kill_every / 2))
        await replica_set.settle()
        outcome.silences.append(tally.longest_silence)


def _never_done(outcome: Outcome) -> list[str]:
    """Mutations that no caller has had an answer to prove nothing."""
    wanted = frozenset[str]().union(*(scenario.mutations for scenario in ALL))
    missing = sorted(wanted - outcome.tally.acknowledged.keys())
    return [f"never acknowledged: {', '.join(missing)}"] if missing else []


@asynccontextmanager
async def _in_a_thread(context: AbstractContextManager[Entered]) -> AsyncIterator[Entered]:
    """Enters and leaves it beside our loop, which passes its connections on."""
    entered = await asyncio.to_thread(context.__enter__)
    try:
        yield entered
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


def _print(outcome: Outcome, options: argparse.Namespace) -> None:
    tally, silences = outcome.tally, outcome.silences
    acknowledged = sum(tally.acknowledged.values())
    shown = f"{', '.join(f'{each:.1f}' for each in silences)} s" if silences else "none"
    rows = {
        "requests": f"{tally.requests:,}",
        "acknowledged": f"{acknowledged:,} by {len(tally.acknowledged)} mutations",
        "journeys": f"{len(outcome.journeys):,}",
        "sent twice at once": f"{tally.twins:,}",
        "retried": f"{tally.retried:,}",
        "lost answers": f"{outcome.lost_answers:,} to callers, {outcome.lost_by_mongodb:,} of MongoDB",
        "kills of the primary": f"{len(silences)}, one every {options.kill_every:g} s",
        "no write for": shown,
        "faults found": f"{len(outcome.faults)}",
    }
    width = max(map(len, rows))
    print(*(f"{name:{width}}  {value}" for name, value in rows.items()), sep="\n")
    for fault in outcome.faults[:SHOWN_FAULTS]:
        print(f"  {fault[:700]}")
