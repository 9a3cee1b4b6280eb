"""Tasks that go on until they are cancelled."""

import asyncio


def was_cancelled() -> bool:
    """Whether somebody has cancelled the running task, though it still runs.

    PyMongo tries a command again whose task is cancelled while it connects, and then nothing more is heard
    of the cancellation: who goes on and on asks here before each round.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
