"""One real MongoDB for the whole run, and a database for each worker and driver."""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from argon2.profiles import CHEAPEST
from pymongo import MongoClient, monitoring

from app.collections import COLLECTIONS
from app.composition import build_services
from app.events.publications import PUBLICATIONS
from app.events.unpublished import UNPUBLISHED
from app.services import Services
from app.shared import events
from app.shared.events import Event
from app.shared.mongodb.database import Database
from app.shared.mongodb.embedded import EmbeddedMongo
from app.shared.processes.children import NEW_OBJECTS
from app.shared.settings.model import Settings
from app.staff import pins
from app.telemetry.commands import CommandWatch
from tests.in_memory import keep_files_in_memory
from tests.patience import PATIENCE_SECONDS, wait_for_a_day_that_lasts
from tests.profiler import Profiled, fit_for_much_data

# How long a machine takes says nothing of whether the code is right.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

URI = "TSUNAGU_TEST_MONGODB_URI"
NOON_IN_TOKYO = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)  # a Saturday

# The commands that this process sent, housekeeping of the driver left out.
COMMANDS: list[str] = []


class CommandLog(monitoring.CommandListener):
    """Keeps the names of the commands of every client."""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name not in {"hello", "endSessions", "killCursors"}:
            COMMANDS.append(event.command_name)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Only the start counts."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Only the start counts."""


monitoring.register(CommandLog())

# What is collected stays to the end: looking for garbage among it would take a tenth of the time.
gc.set_threshold(NEW_OBJECTS)

# Files with tests of half a minute and more.
SLOWEST = {
    "process/test_bench.py",
    "process/test_fault_run.py",
    "process/test_faults.py",
    "process/test_key_rotation.py",
    "process/test_order_faults.py",
    "process/test_push_kills.py",
    "process/test_rolling_restart.py",
    "process/test_worker.py",
}

_server: EmbeddedMongo | None = None
_folders: list[Path] = []  # to be removed in the end


def pytest_configure(config: pytest.Config) -> None:
    """The first process starts the server before the workers, which inherit its address."""
    global _server
    if hasattr(config, "workerinput"):
        return
    if memory := keep_files_in_memory():
        _folders.append(memory)
    # The servers of the tests load the same modules over and over: they are compiled once for all.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if URI in os.environ:
        return
    if "MONGODB_URI" in os.environ:
        os.environ[URI] = os.environ.pop("MONGODB_URI")
        return
    folder = Path(tempfile.mkdtemp(prefix="tsunagu-test-"))
    _folders.append(folder)
    _server = EmbeddedMongo(folder)
    _server.start()
    os.environ[URI] = _server.uri
    with MongoClient(_server.uri) as client:
        # The tests' clock stands still while MongoDB's goes on: by it, all they keep would have run out.
        client.admin.command("setParameter", 1, ttlMonitorEnabled=False)
        # Nobody reads the past, of which MongoDB would keep five minutes: a third of its work.
        client.admin.command("setParameter", 1, minSnapshotHistoryWindowInSeconds=1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first: else all but one of the workers would wait for it in the end."""
    items.sort(key=lambda item: item.nodeid.split("::")[0].removeprefix("tests/") not in SLOWEST)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Servers of their own go by the time of day."""
    if item.get_closest_marker("process"):
        wait_for_a_day_that_lasts()


def pytest_collection_finish() -> None:
    """What there is now stays to the end."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _server is not None:
        _server.stop()
        os.environ.pop(URI, None)
    for folder in _folders:
        shutil.rmtree(folder, ignore_errors=True)


class MovableClock:
    """A clock that stands still until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, duration: timedelta) -> None:
        self.moment += duration


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("TSUNAGU_") and name != URI:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def cheap_pins() -> Iterator[None]:
    """PINs are hashed with little work: the tests hash many, and none that is worth anything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pins, "PARAMETERS", CHEAPEST)
        yield


@pytest.fixture(scope="session", autouse=True)
def each_kind_of_event_is_shown_or_not_for_a_reason() -> Iterator[None]:
    """Whoever writes an event says in the table what partners see of it, or why they see nothing."""
    document_of = events._document_of

    def checked(event: Event) -> dict[str, Any]:
        assert event.type in PUBLICATIONS or event.type in UNPUBLISHED, f"{event.type} has no row"
        return document_of(event)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "_document_of", checked)
        yield


@pytest.fixture(scope="session")
def mongodb_uri() -> str:
    return os.environ[URI]


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture(scope="session")
def settings(mongodb_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Those of development, where webhooks may be posted to the listeners of the tests."""
    folder = tmp_path_factory.mktemp("data")
    return Settings(MONGODB_URI=mongodb_uri, data_dir=folder, webhook_private_addresses=True)


@pytest.fixture(scope="session")
async def prepared_databases(mongodb_uri: str, worker: str) -> AsyncIterator[dict[str, Database]]:
    """A database for each driver, its collections and indexes made once."""
    databases = {
        "pymongo": Database.connect(
            mongodb_uri,
            f"test_{worker}_pymongo",
            "pymongo",
            transaction_seconds=PATIENCE_SECONDS,
            connecting_seconds=PATIENCE_SECONDS,
            watches=[CommandWatch()],
        ),
        "motor": Database.connect(
            mongodb_uri,
            f"test_{worker}_motor",
            "motor",
            transaction_seconds=PATIENCE_SECONDS,
            connecting_seconds=PATIENCE_SECONDS,
            watches=[CommandWatch()],
        ),
    }
    for database in databases.values():
        await database.prepare(COLLECTIONS)
    yield databases
    for database in databases.values():
        await database.close()
    with MongoClient(mongodb_uri) as client:
        for driver in databases:
            client.drop_database(f"test_{worker}_{driver}")


@pytest.fixture
def driver() -> str:
    """The driver of this test; integration tests run under both."""
    return "pymongo"


@pytest.fixture
async def database(prepared_databases: dict[str, Database], driver: str) -> Database:
    """An empty database."""
    return await emptied(prepared_databases[driver])


async def emptied(database: Database) -> Database:
    """The database without a document."""
    filled = await names_of_filled(database)
    definitions = [each for each in COLLECTIONS if each.name in filled]
    await asyncio.gather(*(database.collection(each).delete_many({}) for each in definitions))
    return database


async def names_of_filled(database: Database) -> set[str]:
    """Which collections hold anything, asked by one command: most hold nothing."""
    first, *others = COLLECTIONS
    pipeline = [
        *_name_if_filled(first.name),
        *({"$unionWith": {"coll": each.name, "pipeline": _name_if_filled(each.name)}} for each in others),
    ]
    return {found["name"] for found in await database.collection(first).aggregate(pipeline)}


def _name_if_filled(name: str) -> list[dict[str, Any]]:
    return [{"$limit": 1}, {"$project": {"_id": 0, "name": {"$literal": name}}}]


@pytest.fixture(scope="session")
def observer(mongodb_uri: str) -> Iterator[MongoClient[dict[str, Any]]]:
    """A client beside those that are tested."""
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        yield client


@pytest.fixture
def profiled(database: Database, observer: MongoClient[dict[str, Any]], worker: str, driver: str) -> Profiled:
    """The same database, seen by somebody else."""
    return observer[f"test_{worker}_{driver}"]


@pytest.fixture
def commands_fit_much_data(profiled: Profiled) -> Iterator[None]:
    """Fails the test when a command would not do with much data, or on many machines."""
    with fit_for_much_data(profiled):
        yield


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON_IN_TOKYO)


@pytest.fixture
def services(settings: Settings, database: Database, clock: MovableClock) -> Services:
    return build_services(settings, database, clock)


@pytest.fixture
def data_folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    shutil.rmtree(tmp_path, ignore_errors=True)
