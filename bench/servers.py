"""What the bench runs against: one MongoDB, the real server and the plain one, each a process of its own."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.shared.mongodb.embedded import EmbeddedMongo, exit_reason
from app.shared.processes.children import dies_with_this_process
from app.shared.settings.loading import load_settings
from app.shared.settings.model import Settings, variable_name

REPOSITORY = Path(__file__).parent.parent
START_SECONDS = 90
STOP_SECONDS = 20
LOG_TAIL_LINES = 20
READY = re.compile(r"ready: http://127\.0\.0\.1:(\d+)|worker is ready")

RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")
CONNECTIONS = 20_000  # all of the bench come from one address
ANY_NUMBER = 1_000_000

GRAPHQL = "GraphQL"
OURS = "tsunagu"
BY_HAND = "by-hand"
BARE = "bare-transaction"
STOCK = "strawberry"
SOME_TRACED, ALL_TRACED = "some-traced", "all-traced"
ONE, OTHER, WORKER = "one-server", "other-server", "worker"
CANNED_PLAIN, CANNED_PLANS, CANNED_CORE = "plain-route", "plans", "graphql-core"
ENGINE_PLAIN, ENGINE_PLANS, ENGINE_STOCK = "bare-route", "bare-plans", "bare-strawberry"
COMMANDS = {
    CANNED_PLAIN: ("-m", "bench.canned", "plain"),
    CANNED_PLANS: ("-m", "bench.canned", "graphql"),
    CANNED_CORE: ("-m", "bench.canned", "graphql"),
    ENGINE_PLAIN: ("-m", "bench.engine", "plain"),
    ENGINE_PLANS: ("-m", "bench.engine", "plans"),
    ENGINE_STOCK: ("-m", "bench.engine", "stock"),
    GRAPHQL: ("-m", "app", "serve", "--port", "0"),
    OURS: ("-m", "bench.unlimited"),
    SOME_TRACED: ("-m", "bench.unlimited"),
    ALL_TRACED: ("-m", "bench.unlimited"),
    BY_HAND: ("-m", "bench.plain"),
    BARE: ("-m", "bench.plain"),
    STOCK: ("-m", "bench.stock"),
    ONE: ("-m", "app", "serve", "--port", "0"),
    OTHER: ("-m", "app", "serve", "--port", "0"),
    WORKER: ("-m", "app", "worker"),
}


class ServerNotReady(Exception):
    """A server did not start."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the port of the loopback address that it listens on."""

    name: str
    port: int
    process_id: int


@contextmanager
def running_mongodb(folder: Path) -> Iterator[str]:
    """An empty MongoDB in this folder, by its URI, until the end of the block."""
    mongodb = EmbeddedMongo(folder)
    mongodb.start()
    try:
        yield mongodb.uri
    finally:
        mongodb.stop()


def settings_for(name: str, mongodb_uri: str, folder: Path) -> Settings:
    """The settings of one server. Both share the folder, and so the key that signs access tokens.

    Whatever else the environment sets, such as the MongoDB driver, holds for the bench too.
    """
    return load_settings().model_copy(
        update={
            "environment": "development",  # production runs the official operations only
            "mongodb_uri": mongodb_uri,
            "mongodb_database": f"bench_{name.lower()}",
            "access_token_minutes": 60,  # tokens are made before all else, and last to the end
            "new_guests_per_network": ANY_NUMBER,
            "sign_in_codes_per_network": ANY_NUMBER,
            "data_dir": folder,
            "worker": False,  # what it does afterwards is not what is measured
            "connections_per_address": CONNECTIONS,
            "log_level": "WARNING",
        }
    )


@contextmanager
def running_server(name: str, settings: Settings) -> Iterator[Server]:
    """The server of this name, with one worker, until the end of the block."""
    output = settings.data_dir / f"{name}.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *COMMANDS[name]],
            cwd=REPOSITORY,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=dies_with_this_process(),
        )
    try:
        yield Server(name, _port(name, process, output), process.pid)
    except Exception as error:
        error.add_note(f"The {name} server's last words:\n{_tail(output)}")
        raise
    finally:
        _stop(process)


def resident_kilobytes(server: Server) -> int:
    """The memory that the server's process has now."""
    status = Path(f"/proc/{server.process_id}/status").read_text()
    found = RESIDENT.search(status)
    if found is None:
        raise LookupError("/proc says nothing of memory")
    return int(found[1])


def processor_seconds(server: Server) -> float:
    """How long the server's process has computed so far."""
    return processor_seconds_of(server.process_id)


def processor_seconds_of(process_id: int) -> float:
    """How long a process has computed so far, by its own clock: clock_getcpuclockid(3)."""
    return time.clock_gettime(~process_id << 3 | 2)


def _environment(settings: Settings) -> dict[str, str]:
    """Our environment, with the variables that give a process just these settings."""
    values = settings.model_dump(mode="json", exclude_none=True)
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    return {**os.environ, **{variable_name(name): text for name, text in texts.items()}}


def _port(name: str, process: subprocess.Popen[bytes], output: Path) -> int:
    """The port that the server says it listens on, 0 for the worker. Raises ServerNotReady."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        status = process.poll()
        ready = READY.search(output.read_text(errors="replace"))
        if ready is not None:
            return int(ready[1] or 0)
        if status is not None:
            raise ServerNotReady(f"the {name} server ended with {exit_reason(status)}")
        time.sleep(0.05)
    raise ServerNotReady(f"the {name} server was not ready in {START_SECONDS} s")


def _tail(output: Path) -> str:
    return "\n".join(output.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Asks for an orderly end, and insists when it does not come."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
