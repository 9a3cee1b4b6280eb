"""`verify-points`: checks every account of the ledger, entry by entry."""

import argparse

from app.commands.database import prepared_database
from app.commands.options import add_data_dir
from app.commands.verifying import run_verification
from app.points.audit import audit
from app.shared.settings.model import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("verify-points", help="check every account of the points ledger")
    add_data_dir(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 when all accounts are sound, 1 when any is not: then each fault is printed. 2 without a database."""
    return run_verification(options, _verify)


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
