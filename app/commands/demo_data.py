"""`demo-data`: loads the demo retailer."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from zoneinfo import ZoneInfo

from app.commands.mongodb import shared_mongodb
from app.demo.loading import DEFAULT_MEMBERS, DEFAULT_SEED, DatabaseNotEmpty, DemoLoader
from app.demo.retailer import town_count
from app.services import COLLECTIONS, open_database
from app.shared.clock import SystemClock
from app.shared.settings import Settings, load_settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("demo-data", help="load the demo retailer into an empty database")
    parser.add_argument("--members", type=_at_least_one, default=DEFAULT_MEMBERS, help="how many members")
    parser.add_argument("--stores", type=_at_least_one, default=town_count(), help="how many stores")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another seed makes other data")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    with shared_mongodb(load_settings()) as settings:
        return asyncio.run(_load(settings, options))


async def _load(settings: Settings, options: argparse.Namespace) -> int:
    try:
        await load_demo_retailer(
            settings,
            options.members,
            options.stores,
            options.seed,
            lambda loaded: print(f"{loaded} members", end="\r"),
        )
    except DatabaseNotEmpty:
        print("The demo retailer wants a database without stores.", file=sys.stderr)
        return 1
    print(f"{options.members} members and {options.stores} stores are loaded.")
    return 0


async def load_demo_retailer(
    settings: Settings, members: int, stores: int, seed: int, progress: Callable[[int], None]
) -> None:
    """Prepares the database and loads the demo retailer. Raises DatabaseNotEmpty."""
    database = open_database(settings)
    try:
        await database.prepare(COLLECTIONS)
        await DemoLoader(database).load(
            SystemClock().now(), ZoneInfo(settings.time_zone), members, stores, seed, progress
        )
    finally:
        await database.close()


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
