"""`verify-points`: checks every account of the ledger, entry by entry."""

import argparse
import asyncio

from app.commands.mongodb import shared_mongodb
from app.points.audit import audit
from app.services import open_database
from app.shared.settings import Settings, load_settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("verify-points", help="check every account of the points ledger")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 when all accounts are sound, 1 when any is not: then each fault is printed."""
    with shared_mongodb(load_settings()) as settings:
        return asyncio.run(_verify(settings))


async def _verify(settings: Settings) -> int:
    database = open_database(settings)
    accounts = entries = faulty = 0
    try:
        async for account in audit(database):
            accounts += 1
            entries += account.entries
            faulty += bool(account.faults)
            for fault in account.faults:
                print(f"member {account.member_id}: {fault}")
    finally:
        await database.close()
    print(f"{accounts} accounts with {entries} entries: {faulty or 'none'} with faults.")
    return 1 if faulty else 0
