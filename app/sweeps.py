"""What is done now and then in each server process: what time has ended, and what is still due.

Any number of processes may do it at once, for each thing is done once. Nothing waits for it to be true:
what has expired counts as expired from its very moment on.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

from app.services import Services
from app.shared.database import is_passing

PAUSE_SECONDS = 5.0

log = structlog.get_logger(__name__)

Sweep = Callable[[], Awaitable[int]]


def sweeps_of(services: Services) -> dict[str, Sweep]:
    """The sweeps by name; each says how much it did."""
    return {
        "orders": services.order_timekeeping.sweep,
        "due_payments": services.order_settling.sweep,
        "payments": services.payments.sweep,
    }


@asynccontextmanager
async def sweeping(services: Services) -> AsyncIterator[None]:
    """Sweeps for as long as the server lives."""
    task = asyncio.create_task(_sweep_on_and_on(services))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep_on_and_on(services: Services) -> None:
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        for name, sweep in sweeps_of(services).items():
            await sweep_once(name, sweep)


async def sweep_once(name: str, sweep: Sweep) -> None:
    """Sweeps; what goes wrong is told in the log, and tried again in the next round."""
    try:
        done = await sweep()
    except Exception as error:
        if is_passing(error):
            log.warning("sweep_interrupted", sweep=name, error=str(error)[:200])
        else:
            log.error("sweep_failed", sweep=name, exc_info=error)
        return
    if done:
        log.info("swept", sweep=name, done=done)
