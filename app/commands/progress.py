"""A line that shows how far a long command has come, and how fast it goes."""

import time


class ProgressLine:
    """Writes the line over itself. Each kind of thing is counted, and timed, from its first report on."""

    def __init__(self) -> None:
        self._what = ""
        self._first = (0, 0.0)
        self._length = 0

    def __call__(self, number: int, what: str) -> None:
        now = time.monotonic()
        if what != self._what:
            self._what, self._first = what, (number, now)
        done, began = number - self._first[0], self._first[1]
        rate = f", {done / (now - began):,.0f} a second" if done and now > began else ""
        line = f"{number:,} {what}{rate}"
        print(line.ljust(self._length), end="\r", flush=True)
        self._length = len(line)
