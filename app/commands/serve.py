"""`serve`: MongoDB if none is named, the demo retailer if there is nothing yet, and the server."""

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from tempfile import TemporaryDirectory

import uvicorn
from starlette.applications import Starlette
from uvicorn.supervisors import Multiprocess

from app.commands.bounded_http import BoundedHttp
from app.commands.bounded_websocket import BoundedWebSocket
from app.commands.database import prepared_database
from app.commands.endings import Ended, end_on_signals
from app.commands.mongodb import own_mongodb
from app.commands.options import add_data_dir, at_least_one, port, settings_of
from app.demo.catalog import table_sku_count
from app.demo.loading import DEFAULT_MEMBERS, DEFAULT_SEED, DatabaseNotEmpty, DemoLoader
from app.demo.people import SIGN_INS, DemoPerson
from app.demo.plan import DemoPlan
from app.demo.retailer import town_count
from app.demo.staff import DEMO_STAFF
from app.running import running_services
from app.shared.settings.model import Settings
from app.telemetry.metrics import SHARED_FOLDER
from graphql_schema.sockets import MAXIMUM_MESSAGE_BYTES

GRACE_SECONDS = 10
LAST_REQUESTS_SECONDS = 0.1
KEEP_ALIVE_SECONDS = 75  # longer than a balancer's 60: it closes first, and never asks where nobody listens
WORKER_START_SECONDS = 60  # and so long a process may say nothing until it is replaced


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("serve", help="run the server (what happens without a command)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=port, default=8000, help="the port to listen on; 0 for a free one")
    parser.add_argument("--workers", type=at_least_one, default=1, help="how many server processes")
    add_data_dir(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serves until a signal ends it; 0 then, 2 when it cannot start."""
    settings = settings_of(options)
    end_on_signals()
    try:
        # MongoDB first: a second start on the same folder is told so, and not that the port is taken.
        with own_mongodb(settings) as ready, _listen(options.host, options.port) as listener:
            asyncio.run(_prepare(ready))
            return _serve(ready, listener, options.workers)
    except Ended:
        return 0
    except _CannotListen as error:
        print(f"tsunagu: {error}", file=sys.stderr)
        return 2


class _CannotListen(Exception):
    """The address or the port is not to be had."""


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except socket.gaierror as error:
        raise _CannotListen(f"cannot listen on {host}:{port}: {error.strerror}") from None
    except OSError as error:
        raise _CannotListen(f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}") from None
    listener.set_inheritable(True)
    return listener


async def _prepare(settings: Settings) -> None:
    """Makes the signing key, collections and indexes, and the demo retailer, before any process serves."""
    async with prepared_database(settings) as database, running_services(settings, database) as services:
        if settings.is_development:
            with suppress(DatabaseNotEmpty):
                await DemoLoader(database).load(
                    DemoPlan(
                        services.clock.now(),
                        services.time_zone,
                        DEFAULT_MEMBERS,
                        town_count(),
                        table_sku_count(),
                        DEFAULT_SEED,
                    )
                )


def _serve(settings: Settings, listener: socket.socket, workers: int) -> int:
    host, port = listener.getsockname()[:2]
    banner = _banner(settings, f"http://{f'[{host}]' if ':' in host else host}:{port}")

    def say_ready() -> None:
        print(banner, flush=True)

    config = server_config(_application(settings, workers), settings, workers)
    if workers == 1:
        server = _Server(config, say_ready)
        server.run(sockets=[listener])
        return 0 if server.was_ready else 2
    supervisor = _Workers(config, [listener], say_ready)
    with TemporaryDirectory(prefix="tsunagu-metrics-") as folder:
        os.environ[SHARED_FOLDER] = folder  # the processes to come put their figures together there
        supervisor.run()
    return 0 if supervisor.was_ready else 2


def _application(settings: Settings, workers: int) -> Starlette | str:
    """The application; its name alone where other processes make it, and this one need not load it."""
    if workers > 1:
        return "app.main:create_worker_application"
    from app.main import create_application

    return create_application(settings)


def server_config(application: Starlette | str, settings: Settings, workers: int = 1) -> uvicorn.Config:
    """How requests and WebSockets are taken; several workers make the application themselves, by its name."""
    return uvicorn.Config(
        application,
        factory=isinstance(application, str),
        workers=workers,
        loop="uvloop",
        http=BoundedHttp,
        ws=BoundedWebSocket,
        ws_max_size=MAXIMUM_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # it triples a connection's memory
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # ours tells the time that the services go by
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=WORKER_START_SECONDS,
    )


class _Server(uvicorn.Server):
    """One server process, which says when it is ready."""

    def __init__(self, config: uvicorn.Config, say_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._say_ready = say_ready
        self.was_ready = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # A closed terminal ends us as Ctrl-C does; uvicorn itself knows only the latter.
        signal.signal(signal.SIGHUP, self.handle_exit)
        await super().startup(sockets=sockets)
        if self.started:
            self.was_ready = True
            self._say_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes no new callers first: who has just connected still has an answer to what she asks."""
        for server in self.servers:
            server.close()
        await asyncio.sleep(LAST_REQUESTS_SECONDS)
        await super().shutdown(sockets)


class _Workers(Multiprocess):
    """Several server processes."""

    def __init__(
        self, config: uvicorn.Config, sockets: list[socket.socket], say_ready: Callable[[], None]
    ) -> None:
        super().__init__(config, sockets)
        self._say_ready = say_ready
        self.was_ready = False

    def init_processes(self) -> None:
        super().init_processes()
        if all(
            process.wait_until_ready(WORKER_START_SECONDS, self.should_exit) for process in self.processes
        ):
            self.was_ready = True
            self._say_ready()
        else:
            print("tsunagu: not all server processes became ready; see the log", file=sys.stderr)

    def handle_usr1(self) -> None:
        """Somebody wants new processes: each is replaced when its successor serves."""
        self.restart_all()

    def handle_hup(self) -> None:
        """The terminal was closed."""
        self.should_exit.set()


def _banner(settings: Settings, address: str) -> str:
    lines = [
        "",
        f"  Tsunagu is ready: {address}",
        f"    {address}/            what is here and how to try it / はじめにお読みください",
        f"    {address}/graphql     the API"
        + (", with GraphiQL in a browser" if settings.is_development else ""),
        f"    {address}/counter     the pickup counter's tablet",
        f"    {address}/readyz      whether MongoDB answers",
    ]
    if settings.is_development:
        lines += [
            f"    {address}/dev/demo    the five-minute tour: a phone and the counter side by side",
            f"    {address}/dev/outbox  messages that were sent, such as codes",
            "",
            "  Demo sign-ins (registerGuest with this deviceId; a new id of your own gets a new card),",
            "  or by an email address, whose codes you read at /dev/outbox:",
            *(f"    {_sign_in(person):32}{person.nickname}, {person.visits} visits" for person in SIGN_INS),
            "",
            "  Demo staff (signInStaff on a device; `python -m app devices enrolment-code` lets one in):",
            *(f"    {each.code}  PIN {each.pin}  {each.name}, {each.role.lower()}" for each in DEMO_STAFF),
        ]
    return "\n".join([*lines, "", "  Ctrl-C ends it.", ""])


def _sign_in(person: DemoPerson) -> str:
    return person.device_id or person.email or ""
