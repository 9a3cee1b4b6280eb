"""How PyMongo's asynchronous client waits for a server that it may use.

On Python 3.11 `asyncio.wait_for` lets another task do the waiting. Who is cancelled there just when the time
is up leaves that task behind, and it takes the lock of all servers after the one who would give it back has
gone: from then on nobody in the process reaches MongoDB again, not even to close the client. Python 3.12
waits in the same task.
"""

import asyncio
from types import ModuleType

from pymongo.asynchronous import pool, topology
from pymongo.lock import Condition

WAITING: tuple[ModuleType, ...] = (topology, pool)


async def wait_in_this_task(condition: Condition, seconds: float | None) -> bool:
    """Whether the condition was told of in time; its lock is held again in any case."""
    try:
        async with asyncio.timeout(seconds):
            return await condition.wait()
    except TimeoutError:
        return False


def mend_waits() -> None:
    """Has PyMongo wait in the task that waits."""
    for module in WAITING:
        module._async_cond_wait = wait_in_this_task  # type: ignore[attr-defined]
