"""`demo-data`: loads the demo retailer."""

import argparse
import asyncio
import os
import sys
from zoneinfo import ZoneInfo

from app.commands.database import prepared_database
from app.commands.mongodb import shared_mongodb
from app.commands.options import add_data_dir, at_least_one, settings_of
from app.commands.progress import ProgressLine
from app.demo.catalog import table_sku_count
from app.demo.loading import DEFAULT_MEMBERS, DEFAULT_SEED, DatabaseNotEmpty, DemoLoader
from app.demo.plan import DemoPlan
from app.demo.processes import WritingProcesses
from app.demo.retailer import town_count
from app.shared.clock import SystemClock
from app.shared.settings.model import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("demo-data", help="load the demo retailer into an empty database")
    parser.add_argument("--members", type=at_least_one, default=DEFAULT_MEMBERS, help="how many members")
    parser.add_argument("--stores", type=at_least_one, default=town_count(), help="how many stores")
    parser.add_argument("--skus", type=at_least_one, default=table_sku_count(), help="how many SKUs")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another seed makes other data")
    parser.add_argument(
        "--processes", type=at_least_one, default=os.cpu_count() or 1, help="how many write members at once"
    )
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
    zone = ZoneInfo(settings.time_zone)
    plan = DemoPlan(SystemClock().now(), zone, options.members, options.stores, options.skus, options.seed)
    others = WritingProcesses(settings, plan, options.processes)
    async with prepared_database(settings) as database:
        try:
            await DemoLoader(database).load(plan, ProgressLine(), others.write_parts)
        except DatabaseNotEmpty:
            print("The demo retailer wants an empty database.", file=sys.stderr)
            return 1
        megabytes = await database.bytes_on_disk() / 1_000_000
    print(
        f"{plan.members:,} members, {plan.stores:,} stores and {plan.skus:,} SKUs are loaded; "
        f"they take {megabytes:,.0f} MB of the disk."
    )
    return 0
