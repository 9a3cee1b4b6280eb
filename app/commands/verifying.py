"""What the commands that verify data have in common: they want a database, and change nothing in it."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from app.commands.mongodb import shared_mongodb
from app.commands.options import settings_of
from app.shared.mongodb.embedded import has_data
from app.shared.settings.model import Settings


def run_verification(options: argparse.Namespace, verify: Callable[[Settings], Awaitable[int]]) -> int:
    """The status that `verify` ends with; 2, with a line that says so, where there is no database."""
    settings = settings_of(options)
    folder = settings.data_dir / "mongodb"
    if settings.mongodb_uri is None and not has_data(folder):
        print(f"tsunagu: there is no database in {folder}; name another with --data-dir", file=sys.stderr)
        return 2
    with shared_mongodb(settings) as ready:

        async def act() -> int:
            return await verify(ready)

        return asyncio.run(act())
