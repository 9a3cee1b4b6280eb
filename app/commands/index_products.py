"""`index-products`: writes the search index of all products anew."""

import argparse
import asyncio

from app.catalog.reindexing import reindex
from app.commands.database import prepared_database
from app.commands.mongodb import shared_mongodb
from app.commands.options import add_data_dir, settings_of
from app.shared.settings.model import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("index-products", help="write the search index of all products anew")
    add_data_dir(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    with shared_mongodb(settings_of(options)) as ready:
        return asyncio.run(_index(ready))


async def _index(settings: Settings) -> int:
    async with prepared_database(settings) as database:
        products = await reindex(database)
    print(f"{products} products are indexed.")
    return 0
