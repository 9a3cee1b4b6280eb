"""The worker: what has to be done without anybody asking for it, again and again.

Any number of workers may run, in servers or as processes of their own. One of them leads, by a lease, and
does what one at a time shall do; when it dies, another one leads within 15 s.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from pymongo.errors import PyMongoError

from app.shared.clock import Clock
from app.shared.mongodb.database import Database, is_passing
from app.shared.processes.leases import Lease
from app.shared.processes.tasks import was_cancelled
from app.telemetry import tracing
from app.telemetry.metrics import JOBS

LEADS_FOR = timedelta(seconds=15)
RENEWAL_SECONDS = 5.0
STANDBY_SECONDS = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do, with a pause after each time. It must bear to be done twice, and to be cut off.

    It is done by the worker that leads; `everywhere` is for what shares its work out by itself.
    """

    name: str
    pause_seconds: float
    run: Callable[[], Awaitable[object]]
    everywhere: bool = False


class Worker:
    """Does its jobs until it is cancelled. A job that fails is logged, and tried again after its pause."""

    def __init__(self, database: Database, jobs: Sequence[Job], clock: Clock) -> None:
        self._lease = Lease(database, "worker", LEADS_FOR, clock)
        self._jobs = (Job("lead", RENEWAL_SECONDS, self._lead, everywhere=True), *jobs)
        self._leads_until = 0.0

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for job in self._jobs:
                    group.create_task(self._repeat(job))
        finally:
            with suppress(PyMongoError):
                await self._lease.give_up()

    async def _lead(self) -> None:
        """Takes the lease or keeps it. Its time is counted from before it was asked for."""
        asked_at = time.monotonic()
        if await self._lease.take():
            self._leads_until = asked_at + LEADS_FOR.total_seconds()

    async def _repeat(self, job: Job) -> None:
        while not was_cancelled():
            if job.everywhere or time.monotonic() < self._leads_until:
                await self._do(job)
                if not was_cancelled():  # which the driver may have kept to itself
                    await asyncio.sleep(job.pause_seconds)
            else:
                await asyncio.sleep(min(job.pause_seconds, STANDBY_SECONDS))

    async def _do(self, job: Job) -> None:
        started_at = time.perf_counter()
        outcome = await self._outcome_of(job)
        JOBS.labels(job.name, outcome).observe(time.perf_counter() - started_at)

    async def _outcome_of(self, job: Job) -> str:
        try:
            with tracing.root_span(f"job {job.name}"):
                await job.run()
        except Exception as error:
            if is_passing(error):
                log.warning("job_interrupted", job=job.name, error=str(error)[:300])
                return "INTERRUPTED"
            log.error("job_failed", job=job.name, exc_info=error)
            return "FAILED"
        return "DONE"
