"""`scripts/bench events`: one change told to thousands who listen to the same official subscription."""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import uvloop

from app.demo.retailer import town_count
from app.running import open_database, running_services
from app.shared.settings.model import Settings
from bench.official.followed import stock_changed
from bench.preparing import open_house
from bench.servers import GRAPHQL, running_mongodb, running_server, settings_for
from bench.subscriptions import Telling, table, tellings

SKUS = 500


def main(arguments: Sequence[str]) -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench events", description=__doc__)
    parser.add_argument("--listeners", type=int, default=2_000, help="how many members look at the same SKU")
    parser.add_argument("--changes", type=int, default=50, help="how often its stock changes")
    options = parser.parse_args(arguments)
    with ExitStack() as running, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="tsunagu-events-")))
        settings = settings_for(GRAPHQL, running.enter_context(running_mongodb(folder / "mongodb")), folder)
        told = runner.run(_measure(settings, options.listeners, options.changes))
    print(table([told]).text())
    print(f"{os.cpu_count()} cores, with a load of {os.getloadavg()[0]:.1f}")
    return 0


async def _measure(settings: Settings, listeners: int, changes: int) -> Telling:
    """Has all look at one SKU, and pieces of it come in: the next ones when all have seen the last."""
    database = open_database(settings)
    try:
        async with running_services(settings, database) as services:
            house = await open_house(services, town_count(), SKUS)
            followed = await stock_changed(house, listeners)
            with running_server(GRAPHQL, settings) as server:
                return await tellings("stock_changed", server, followed, changes)
    finally:
        await database.close()
