"""Processes: children that never outlive their parent, how one leaves, and when it looks for garbage."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable
from types import FrameType

PR_SET_PDEATHSIG = 1  # linux/prctl.h
NEW_OBJECTS = 50_000  # after which garbage is looked for: requests leave hardly anything in circles


def die_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Has the kernel send this process the signal when its parent ends, however that ends (prctl(2)).

    `parent` is the parent's process id: when it is gone already, the signal is sent at once.
    """
    _prctl()(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def dies_with_this_process() -> Callable[[], None]:
    """What a child runs between fork and exec. The library is loaded before the fork, where that is safe."""
    parent = os.getpid()
    _prctl()
    return lambda: die_with_parent(parent)


def leave_in_two_steps(
    loop: asyncio.AbstractEventLoop,
    seconds: float,
    announce: Callable[[], object],
    leave: Callable[[], object],
) -> None:
    """Has this process announce, when a signal asks it to end, that it will, and leave so many seconds later.

    Both are called in the loop. Whoever handles the signal by now does so after `leave`. A second signal
    ends the wait.
    """
    has_announced = has_left = False

    def chain(handler: Callable[[int, FrameType | None], object]) -> Callable[[int, FrameType | None], None]:
        def end(number: int, frame: FrameType | None) -> None:
            nonlocal has_left
            has_left = True
            loop.call_soon_threadsafe(leave)
            handler(number, frame)

        def end_if_none_did(number: int) -> None:
            if not has_left:
                end(number, None)

        def on_signal(number: int, frame: FrameType | None) -> None:
            nonlocal has_announced
            if has_announced or seconds == 0:
                end(number, frame)
                return
            has_announced = True
            loop.call_soon_threadsafe(announce)
            loop.call_soon_threadsafe(loop.call_later, seconds, end_if_none_did, number)

        return on_signal

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, chain(handler))


def _prctl() -> Callable[[int, int], int]:
    prctl: Callable[[int, int], int] = ctypes.CDLL(None, use_errno=True).prctl
    return prctl
