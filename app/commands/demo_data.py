"""`demo-data`: loads the demo retailer."""

import argparse
import asyncio
import sys
from zoneinfo import ZoneInfo

from app.commands.database import prepared_database
from app.commands.mongodb import shared_mongodb
from app.commands.options import add_data_dir, at_least_one, settings_of
from app.demo.catalog import table_sku_count
from app.demo.loading import DEFAULT_MEMBERS, DEFAULT_SEED, DatabaseNotEmpty, DemoLoader
from app.demo.retailer import town_count
from app.shared.clock import SystemClock
from app.shared.settings import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("demo-data", help="load the demo retailer into an empty database")
    parser.add_argument("--members", type=at_least_one, default=DEFAULT_MEMBERS, help="how many members")
    parser.add_argument("--stores", type=at_least_one, default=town_count(), help="how many stores")
    parser.add_argument("--skus", type=at_least_one, default=table_sku_count(), help="how many SKUs")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another seed makes other data")
    add_data_dir(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 when it is loaded; 1 where it must not be: in production, or beside other data."""
    settings = settings_of(options)
    if not settings.is_development:
        print("Production gets no demo retailer: anybody may open its accounts.", file=sys.stderr)
        return 1
    with shared_mongodb(settings) as ready:
        return asyncio.run(_load(ready, options))


async def _load(settings: Settings, options: argparse.Namespace) -> int:
    async with prepared_database(settings) as database:
        try:
            await DemoLoader(database).load(
                SystemClock().now(),
                ZoneInfo(settings.time_zone),
                options.members,
                options.stores,
                options.skus,
                options.seed,
                progress=lambda what: print(what, end="\r", flush=True),
            )
        except DatabaseNotEmpty:
            print("The demo retailer wants an empty database.", file=sys.stderr)
            return 1
    print(f"{options.members} members, {options.stores} stores and {options.skus} SKUs are loaded.")
    return 0
