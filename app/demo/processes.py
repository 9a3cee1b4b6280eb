"""Many processes that write the demo retailer's members at the same time: making them keeps one busy."""

import asyncio
import gc
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor

from app.demo.member_writer import DemoMemberWriter
from app.demo.plan import DemoPlan, Progress
from app.running import open_database
from app.shared.processes.children import die_with_parent
from app.shared.settings.model import Settings

PARTS_A_CALL = 10
OBJECTS_OF_PARTS = 100_000  # more than a part of the members is made of


class WritingProcesses:
    """Writes parts of a plan in so many processes, which end with this one."""

    def __init__(self, settings: Settings, plan: DemoPlan, number: int) -> None:
        self._settings = settings
        self._plan = plan
        self._number = number

    async def write_parts(self, parts: range, progress: Progress) -> None:
        """Adds these parts of the members. The first error of a process ends all."""
        shares = [parts[start : start + PARTS_A_CALL] for start in range(0, len(parts), PARTS_A_CALL)]
        loop = asyncio.get_running_loop()
        executor = ProcessPoolExecutor(
            min(self._number, len(shares)),
            multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(os.getpid(),),
        )
        try:
            calls = [
                loop.run_in_executor(executor, _write_share, self._settings, self._plan, share)
                for share in shares
            ]
            written = self._plan.members_of(0)
            for call in asyncio.as_completed(calls):
                written += await call
                progress(written, "members")
        finally:
            await asyncio.to_thread(executor.shutdown, cancel_futures=True)


def _begin(parent: int) -> None:
    """The parent alone is asked to end, and we end with it.

    The collector of garbage stays out of the way while a part is made: nothing of it is garbage yet.
    """
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(OBJECTS_OF_PARTS)


def _write_share(settings: Settings, plan: DemoPlan, parts: range) -> int:
    """Adds these parts, and says how many members they have."""
    return asyncio.run(_written(settings, plan, parts))


async def _written(settings: Settings, plan: DemoPlan, parts: range) -> int:
    database = open_database(settings)
    try:
        writer = DemoMemberWriter(database, plan)
        for part in parts:
            await writer.write_part(part)
    finally:
        await database.close()
    return sum(plan.members_of(part) for part in parts)
