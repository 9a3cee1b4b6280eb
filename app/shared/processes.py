"""Child processes that never outlive their parent."""

import ctypes
import os
import signal
from collections.abc import Callable
from types import FrameType

PR_SET_PDEATHSIG = 1  # linux/prctl.h


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


def before_the_end(act: Callable[[], object]) -> None:
    """Has `act` called when a signal asks this process to end, right before whoever handles that by now."""

    def chain(handler: Callable[[int, FrameType | None], object]) -> Callable[[int, FrameType | None], None]:
        def both(number: int, frame: FrameType | None) -> None:
            act()
            handler(number, frame)

        return both

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        handler = signal.getsignal(number)
        if callable(handler):
            signal.signal(number, chain(handler))


def _prctl() -> Callable[[int, int], int]:
    prctl: Callable[[int, int], int] = ctypes.CDLL(None, use_errno=True).prctl
    return prctl
