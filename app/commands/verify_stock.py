"""`verify-stock`: checks every stock level against its movements and its holds."""

import argparse

from app.commands.database import prepared_database
from app.commands.options import add_data_dir
from app.commands.verifying import run_verification
from app.inventory.audit import audit
from app.shared.clock import SystemClock
from app.shared.settings.model import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("verify-stock", help="check every stock level by its movements and holds")
    add_data_dir(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 when all levels are sound, 1 when any is not: then each fault is printed. 2 without a database."""
    return run_verification(options, _verify)


async def _verify(settings: Settings) -> int:
    levels = movements = faulty = 0
    async with prepared_database(settings) as database:
        async for level in audit(database, SystemClock().now()):
            levels += 1
            movements += level.movements
            faulty += bool(level.faults)
            for fault in level.faults:
                print(f"SKU {level.key.sku_id} at store {level.key.store_id}: {fault}")
    print(f"{levels} levels with {movements} movements: {faulty or 'none'} with faults.")
    return 1 if faulty else 0
