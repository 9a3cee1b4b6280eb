"""How a command that goes on and on is ended."""

import signal
from types import FrameType


class Ended(BaseException):
    """A signal asked us to end."""


def end_on_signals() -> None:
    """Ctrl-C, a kill, and a closed terminal all end us in order, by Ended; a second one changes nothing."""

    def end(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Ended

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, end)
