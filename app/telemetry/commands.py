"""Watches every command that a driver sends to MongoDB."""

from functools import cache

from prometheus_client import Histogram
from pymongo import monitoring

from app.telemetry import tracing
from app.telemetry.metrics import COMMANDS
from app.telemetry.observation import current

HOUSEKEEPING = {"hello", "endSessions", "killCursors"}


class CommandWatch(monitoring.CommandListener):
    """Measures commands, and puts them down to the operation they were sent for."""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Keeps in mind what it is about: who tells of its end does not know."""
        observation = current()
        if observation is not None:
            observation.asked[event.request_id] = _collection_in(event)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self._ended(event, failed=False)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._ended(event, failed=True)

    def _ended(
        self, event: monitoring.CommandSucceededEvent | monitoring.CommandFailedEvent, failed: bool
    ) -> None:
        name = event.command_name
        if name in HOUSEKEEPING:
            return
        seconds = event.duration_micros / 1e6
        _latencies(name, failed).observe(seconds)
        observation, collection = current(), ""
        if observation is not None:
            collection = observation.asked.pop(event.request_id, "")
            observation.note_command(name, collection, seconds)
        tracing.add_command(name, collection, seconds, failed)


def _collection_in(event: monitoring.CommandStartedEvent) -> str:
    """The collection that a command names; none, if it is about no single one."""
    named = event.command.get(event.command_name)
    if not isinstance(named, str):
        named = event.command.get("collection", "")  # of a getMore
    return str(named)


@cache
def _latencies(name: str, failed: bool) -> Histogram:
    """There are only so many: the names are MongoDB's own."""
    return COMMANDS.labels(name, "FAILED" if failed else "OK")
