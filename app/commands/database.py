"""The database that a command works on, opened only if it will do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo.errors import PyMongoError

from app.collections import COLLECTIONS
from app.running import open_database
from app.shared.mongodb.database import Database, UnsuitableMongo
from app.shared.settings.model import Settings


@asynccontextmanager
async def prepared_database(settings: Settings) -> AsyncIterator[Database]:
    """The database with its collections and indexes. Raises UnsuitableMongo."""
    try:
        database = open_database(settings)
    except (PyMongoError, ValueError) as error:
        raise UnsuitableMongo(f"MONGODB_URI: {error}") from None
    try:
        await database.require_suitable()
        await database.prepare(COLLECTIONS)
        yield database
    finally:
        await database.close()
