"""Tasks that go on until they are cancelled."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def meanwhile(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Does the work during the block and cancels it at its end; after it, nothing of it runs any more."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def was_cancelled() -> bool:
    """Whether somebody has cancelled the running task, though it still runs.

    PyMongo tries a command again whose task is cancelled while it connects, and then nothing more is heard
    of the cancellation: who goes on and on asks here before each round.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
