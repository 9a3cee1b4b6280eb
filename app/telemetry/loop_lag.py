"""How late the event loop is: what every caller of this process waits for besides her own work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

from app.shared.processes.tasks import meanwhile
from app.telemetry.metrics import LOOP_LAG

LOOK_SECONDS = 0.5


@asynccontextmanager
async def loop_lag_measured() -> AsyncIterator[None]:
    """Looks during the block."""
    async with meanwhile(_look()):
        yield


async def _look() -> None:
    while True:
        due_at = perf_counter() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        LOOP_LAG.observe(max(0.0, perf_counter() - due_at))
