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
        """Only the end counts."""

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self._ended(event.command_name, event.database_name, event.duration_micros / 1e6, failed=False)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._ended(event.command_name, event.database_name, event.duration_micros / 1e6, failed=True)

    def _ended(self, command: str, database: str, seconds: float, failed: bool) -> None:
        if command in HOUSEKEEPING:
            return
        _latencies(command, failed).observe(seconds)
        observation = current()
        if observation is not None:
            observation.commands += 1
            observation.mongodb_seconds += seconds
        if tracing.is_on():
            attributes = {"db.system.name": "mongodb", "db.namespace": database, "db.operation.name": command}
            tracing.add_finished(f"mongodb {command}", seconds, attributes, failed)


@cache
def _latencies(command: str, failed: bool) -> Histogram:
    """There are only so many: the names are MongoDB's own."""
    return COMMANDS.labels(command, "FAILED" if failed else "OK")
