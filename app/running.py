"""The services of a process while it runs: on which database, and what they follow of other processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from app.composition import build_services
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from app.telemetry.commands import CommandWatch


def open_database(settings: Settings) -> Database:
    """The database that the settings name. `MONGODB_URI` must be set by now."""
    if settings.mongodb_uri is None:
        raise ValueError("MONGODB_URI is not set")
    return Database.connect(
        settings.mongodb_uri,
        settings.mongodb_database,
        settings.mongo_driver,
        settings.mongodb_connections,
        watches=[CommandWatch()],
    )


@asynccontextmanager
async def running_services(settings: Settings, database: Database) -> AsyncIterator[Services]:
    """The services of a process on this database, which go by what any process changes.

    In development they go by the clock that all processes share.
    """
    services = build_services(settings, database)
    clock = services.development_clock
    async with clock.followed() if clock else nullcontext(), services.snapshots.followed():
        yield services
    await services.payments.close()
