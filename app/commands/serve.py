"""`serve`: MongoDB if none is named, the demo retailer if there is nothing yet, and the server."""

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

import uvicorn
from uvicorn.supervisors import Multiprocess

from app.commands.demo_data import load_demo_retailer
from app.commands.mongodb import own_mongodb
from app.demo.loading import DEFAULT_MEMBERS, DEFAULT_SEED, DatabaseNotEmpty
from app.demo.people import SIGN_INS
from app.demo.retailer import town_count
from app.main import create_application
from app.services import COLLECTIONS, build_services, open_database
from app.shared.logging import configure_logging
from app.shared.settings import Settings, load_settings

GRACE_SECONDS = 10
WORKER_START_SECONDS = 30


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("serve", help="run the server (what happens without a command)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on; 0 for a free one")
    parser.add_argument("--workers", type=int, default=1, help="how many server processes")
    parser.add_argument("--data-dir", type=Path, help="where keys and our own MongoDB's data are kept")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serves until a signal ends it; 0 then, 2 when it cannot start."""
    if options.data_dir is not None:
        os.environ["TSUNAGU_DATA_DIR"] = str(options.data_dir)
    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    _end_on_signals()
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else error
        print(f"tsunagu: cannot listen on {options.host}:{options.port}: {reason}", file=sys.stderr)
        return 2
    try:
        with listener, own_mongodb(settings) as ready:
            asyncio.run(_prepare(ready))
            _serve(ready, listener, options.workers)
    except _Ended:
        pass
    return 0


class _Ended(BaseException):
    """A signal asked us to end."""


def _end_on_signals() -> None:
    """Ctrl-C, a kill, and a closed terminal all end the server in order; a second one changes nothing."""

    def end(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise _Ended

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, end)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=2048)
    listener.set_inheritable(True)
    return listener


async def _prepare(settings: Settings) -> None:
    """Makes the signing key, collections and indexes before any server process starts."""
    database = open_database(settings)
    try:
        await database.require_suitable()
        await database.prepare(COLLECTIONS)
        build_services(settings, database)
    finally:
        await database.close()
    if settings.is_development:
        with suppress(DatabaseNotEmpty):
            await load_demo_retailer(
                settings, DEFAULT_MEMBERS, town_count(), DEFAULT_SEED, progress=lambda loaded: None
            )


def _serve(settings: Settings, listener: socket.socket, workers: int) -> None:
    host, port = listener.getsockname()[:2]
    banner = _banner(settings, f"http://{f'[{host}]' if ':' in host else host}:{port}")

    def say_ready() -> None:
        print(banner, flush=True)

    config = uvicorn.Config(
        create_application(settings) if workers == 1 else "app.main:create_worker_application",
        factory=workers > 1,
        workers=workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    if workers == 1:
        _Server(config, say_ready).run(sockets=[listener])
    else:
        _Workers(config, [listener], say_ready).run()


class _Server(uvicorn.Server):
    """One server process, which says when it is ready."""

    def __init__(self, config: uvicorn.Config, say_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_ready = say_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # A closed terminal ends us as Ctrl-C does; uvicorn itself knows only the latter.
        signal.signal(signal.SIGHUP, self.handle_exit)
        await super().startup(sockets=sockets)
        if self.started:
            self._say_ready()


class _Workers(Multiprocess):
    """Several server processes."""

    def __init__(
        self, config: uvicorn.Config, sockets: list[socket.socket], say_ready: Callable[[], None]
    ) -> None:
        super().__init__(config, sockets)
        self._say_ready = say_ready

    def init_processes(self) -> None:
        super().init_processes()
        if all(
            process.wait_until_ready(WORKER_START_SECONDS, self.should_exit) for process in self.processes
        ):
            self._say_ready()

    def handle_hup(self) -> None:
        """The terminal was closed."""
        self.should_exit.set()


def _banner(settings: Settings, address: str) -> str:
    lines = [
        "",
        f"  Tsunagu is ready: {address}",
        f"    {address}/          what is here and how to try it / はじめにお読みください",
        f"    {address}/graphql   the API"
        + (", with GraphiQL in a browser" if settings.is_development else ""),
        f"    {address}/readyz    whether MongoDB answers",
    ]
    if settings.is_development:
        lines += [
            "",
            "  Demo sign-ins (registerGuest with this deviceId; a new id of your own gets a new card):",
            *(f"    {person.device_id:32}{person.nickname}, {person.visits} visits" for person in SIGN_INS),
        ]
    return "\n".join([*lines, "", "  Ctrl-C ends it.", ""])
