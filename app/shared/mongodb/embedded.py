"""MongoDB's own server, started as our child: for development, tests and demonstrations.

A one-member replica set on the loopback address. The data folder is locked for as long as we or the
server live, so that a second start on it waits for a server that is still closing, or says who has it.
"""

import fcntl
import os
import random
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from app.shared.mongodb.mongod import (
    EmbeddedMongoError,
    bounded_cache_megabytes,
    find_mongod,
    total_memory_bytes,
)
from app.shared.processes.children import dies_with_this_process

REPLICA_SET = "tsunagu"
PORT_FILE = "port"
PORTS = range(16_384, 32_768)  # Linux gives those above to whoever asks for any
PORT_TRIES = 100
DATABASE_FOLDER = "db"
START_SECONDS = 60
STOP_SECONDS = 60
ABANDONED_SECONDS = 20  # after which the transaction of a server that died keeps nothing from others
NOT_YET_INITIALIZED = 94
LOG_TAIL_BYTES = 8192
LOG_TAIL_LINES = 5


class DataFolderInUse(EmbeddedMongoError):
    """Another Tsunagu runs on this data folder."""


class EmbeddedMongo:
    """One `mongod` child process on one data folder."""

    def __init__(self, folder: Path, cache_megabytes: int = 1024) -> None:
        self._folder = folder.resolve()
        self._cache_megabytes = bounded_cache_megabytes(cache_megabytes, total_memory_bytes())
        self._lock: TextIO | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self.port = 0

    @property
    def uri(self) -> str:
        return uri_at(self.port)

    @property
    def process_id(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def log(self) -> Path:
        return self._folder / "mongod.log"

    def start(self) -> None:
        """Starts the server and returns when it is primary. Raises EmbeddedMongoError."""
        program = find_mongod()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = self._acquire_lock()
        except OSError as error:
            reason = error.strerror
            raise EmbeddedMongoError(f"the data folder {self._folder} cannot be used: {reason}") from None
        try:
            self.port = self._choose_port()
            self._process = self._launch(program, self._lock)
            self._become_primary()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Asks the server for a clean shutdown and waits for its end."""
        self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def watch(self, report: Callable[[str], None]) -> None:
        """Reports, in one line with the log's tail, when the server ends though nobody asked it to."""
        process = self._process

        def wait() -> None:
            if process is not None:
                status = process.wait()
                if not self._stopping.is_set():
                    report(
                        f"MongoDB ended by itself ({exit_reason(status)}). Its last words: {self._log_tail()}"
                    )

        threading.Thread(target=wait, name="mongod-watch", daemon=True).start()

    def _acquire_lock(self) -> TextIO:
        """Locks the data folder. The server inherits the lock, so it ends with the last of us."""
        lock = (self._folder / "tsunagu.lock").open("a+")
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                lock.seek(0)
                owner = lock.read().strip()
                if (owner.isdigit() and _is_alive(int(owner))) or time.monotonic() > deadline:
                    lock.close()
                    raise DataFolderInUse(
                        f"another Tsunagu (process {owner or 'unknown'}) is running on {self._folder}. "
                        "Stop it first, or choose another folder with --data-dir."
                    ) from None
                time.sleep(0.1)  # its process is gone, and its MongoDB is closing its files
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        return lock

    def _choose_port(self) -> int:
        """The port used last time, for tools that remember it, or else a free one."""
        port = free_port(remembered_port(self._folder))
        (self._folder / PORT_FILE).write_text(str(port))
        return port

    def _launch(self, program: Path, lock: TextIO) -> subprocess.Popen[bytes]:
        database = self._folder / DATABASE_FOLDER
        database.mkdir(exist_ok=True)
        command = [
            str(program),
            *("--dbpath", str(database)),
            *("--port", str(self.port)),
            *("--bind_ip", "127.0.0.1"),
            "--nounixsocket",
            *("--replSet", REPLICA_SET),
            *("--oplogSize", "512"),
            *("--wiredTigerCacheSizeGB", f"{self._cache_megabytes / 1024:.2f}"),
            *("--logpath", str(self.log)),
            "--logappend",
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            *("--setParameter", f"transactionLifetimeLimitSeconds={ABANDONED_SECONDS}"),
        ]
        # Its own session: Ctrl-C reaches us alone, and we close the server after our last request.
        return subprocess.Popen(  # noqa: S603  the program is ours, the arguments are numbers and our own paths
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[lock.fileno()],
            preexec_fn=dies_with_this_process(),
        )

    def _become_primary(self) -> None:
        address = f"127.0.0.1:{self.port}"
        deadline = time.monotonic() + START_SECONDS
        with MongoClient[dict[str, Any]](
            address, directConnection=True, serverSelectionTimeoutMS=500
        ) as client:
            while time.monotonic() < deadline:
                self._require_running()
                try:
                    if client.admin.command("hello").get("isWritablePrimary"):
                        return
                    _configure_replica_set(client, address)
                except PyMongoError:
                    pass  # not listening yet
                time.sleep(0.05)
        raise EmbeddedMongoError(
            f"MongoDB was not ready in {START_SECONDS} s. Its last words: {self._log_tail()}"
        )

    def _require_running(self) -> None:
        status = self._process.poll() if self._process else None
        if status is not None:
            raise EmbeddedMongoError(
                f"MongoDB did not start ({exit_reason(status)}). Its last words: {self._log_tail()}"
            )

    def _log_tail(self) -> str:
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - LOG_TAIL_BYTES))
                lines = log.read().decode(errors="replace").splitlines()
        except OSError:
            return "(no log)"
        return " | ".join(lines[-LOG_TAIL_LINES:])


def _configure_replica_set(client: MongoClient[dict[str, Any]], address: str) -> None:
    """Makes the replica set of one, or moves it to today's port."""
    members = [{"_id": 0, "host": address}]
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code == NOT_YET_INITIALIZED:
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if config["members"][0]["host"] != address:
        config["members"][0]["host"] = address
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


def has_data(folder: Path) -> bool:
    """Whether a server has run on this folder."""
    return (folder / DATABASE_FOLDER).is_dir()


def uri_at(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def remembered_port(folder: Path) -> int:
    """The port that the server on this folder uses or used last; 0 when there was none."""
    try:
        text = (folder / PORT_FILE).read_text().strip()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0


def free_port(preferred: int = 0) -> int:
    """A port of the loopback address that nobody listens on: the preferred one if it is free.

    Any other lies below those that the system gives away, so that nobody gets it by chance before our server
    listens there, or while it starts again.
    """
    for port in filter(None, (preferred, *random.sample(PORTS, PORT_TRIES))):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise EmbeddedMongoError("no port of the loopback address is free")


def exit_reason(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
