"""`verify-points`: checks every account of the ledger, entry by entry."""

import argparse
import asyncio
import sys

from app.commands.database import prepared_database
from app.commands.mongodb import shared_mongodb
from app.commands.options import add_data_dir, settings_of
from app.points.audit import audit
from app.shared.embedded_mongodb import has_data
from app.shared.settings import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("verify-points", help="check every account of the points ledger")
    add_data_dir(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 when all accounts are sound, 1 when any is not: then each fault is printed. 2 without a database."""
    settings = settings_of(options)
    folder = settings.data_dir / "mongodb"
    if settings.mongodb_uri is None and not has_data(folder):
        print(f"tsunagu: there is no database in {folder}; name another with --data-dir", file=sys.stderr)
        return 2
    with shared_mongodb(settings) as ready:
        return asyncio.run(_verify(ready))


async def _verify(settings: Settings) -> int:
    accounts = entries = faulty = 0
    async with prepared_database(settings) as database:
        async for account in audit(database):
            accounts += 1
            entries += account.entries
            faulty += bool(account.faults)
            for fault in account.faults:
                print(f"member {account.member_id}: {fault}")
    print(f"{accounts} accounts with {entries} entries: {faulty or 'none'} with faults.")
    return 1 if faulty else 0
