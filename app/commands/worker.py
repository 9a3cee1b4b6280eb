"""`worker`: does what nobody asks for, such as delivering webhooks, beside servers or without one."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from prometheus_client import start_http_server

from app.commands.database import prepared_database
from app.commands.endings import Ended, end_on_signals
from app.commands.mongodb import shared_mongodb
from app.commands.options import add_data_dir, port, settings_of
from app.running import running_services
from app.shared.settings.model import Settings
from app.telemetry.loop_lag import loop_lag_measured
from app.telemetry.tracing import tracing


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("worker", help="put events in order and deliver webhooks, until a signal")
    add_data_dir(parser)
    parser.add_argument(
        "--metrics-port", type=port, help="where Prometheus reads this worker's figures; 0 for a free port"
    )
    parser.add_argument(
        "--metrics-host", default="127.0.0.1", help="the address for that, which asks for no token"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Works until a signal ends it; 0 then, 2 when it cannot listen where its figures are to be read."""
    settings = settings_of(options)
    end_on_signals()
    try:
        with _figures_told(options.metrics_host, options.metrics_port), shared_mongodb(settings) as ready:
            asyncio.run(_work(ready))
    except Ended:
        pass
    except _CannotListen as error:
        print(f"tsunagu: {error}", file=sys.stderr)
        return 2
    return 0


class _CannotListen(Exception):
    """The address or the port is not to be had."""


@contextmanager
def _figures_told(host: str, port: int | None) -> Iterator[None]:
    """Prometheus can read what this process does during the block, if there is a port for that."""
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, host)
    except OSError as error:
        raise _CannotListen(f"cannot listen on {host}:{port}: {error.strerror}") from None
    try:
        print(f"Its figures are at http://{host}:{server.server_port}/metrics", flush=True)
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def _work(settings: Settings) -> None:
    with tracing(settings.otlp_url, settings.traced_percent):
        await _work_until_ended(settings)


async def _work_until_ended(settings: Settings) -> None:
    async with (
        prepared_database(settings) as database,
        running_services(settings, database) as services,
        loop_lag_measured(),
    ):
        working = asyncio.create_task(services.worker.run())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, _end, working)
        print("Tsunagu's worker is ready.", flush=True)
        with suppress(asyncio.CancelledError):
            await working


def _end(working: "asyncio.Task[None]") -> None:
    """Ends the worker in order; a second signal changes nothing."""
    if not working.cancelling():
        working.cancel()
