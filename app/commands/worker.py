"""`worker`: does what nobody asks for, such as delivering webhooks, beside servers or without one."""

import argparse
import asyncio
import signal
from contextlib import suppress

from app.commands.database import prepared_database
from app.commands.endings import Ended, end_on_signals
from app.commands.mongodb import shared_mongodb
from app.commands.options import add_data_dir, settings_of
from app.composition import running_services
from app.shared.settings import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("worker", help="put events in order and deliver webhooks, until a signal")
    add_data_dir(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Works until a signal ends it; 0 then."""
    settings = settings_of(options)
    end_on_signals()
    try:
        with shared_mongodb(settings) as ready:
            asyncio.run(_work(ready))
    except Ended:
        pass
    return 0


async def _work(settings: Settings) -> None:
    async with prepared_database(settings) as database, running_services(settings, database) as services:
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
