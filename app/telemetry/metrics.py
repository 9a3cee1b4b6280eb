"""What is measured, for Prometheus: all of it by name, in one place.

Labels come from our own lists alone (operations, codes, commands), never from what a caller sends, so that
there are only so many series.
"""

import math
import os
from pathlib import Path

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

# Where the processes of one server keep their figures, by its name.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SHORT_LATENCIES = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)

# When each series began would be as many series again, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]

OPERATIONS = Histogram(
    "tsunagu_operation_seconds",
    "GraphQL operations by official name and outcome: ANSWERED, REJECTED, REFUSED or FAILED.",
    ["operation", "outcome"],
    buckets=LATENCIES,
)
REJECTIONS = Counter("tsunagu_rejections", "Refusals that callers were told of, by code.", ["code"])
COMMANDS = Histogram(
    "tsunagu_mongodb_command_seconds",
    "Commands to MongoDB by name and outcome: OK or FAILED. A getMore may wait 1 s for a change.",
    ["command", "outcome"],
    buckets=SHORT_LATENCIES,
)
SUBSCRIPTIONS = Gauge(
    "tsunagu_subscriptions", "Subscriptions that are open now.", multiprocess_mode="livesum"
)
LOOP_LAG = Histogram(
    "tsunagu_event_loop_lag_seconds",
    "How much later than asked for the event loop came back, looked at twice a second.",
    buckets=SHORT_LATENCIES,
)
JOBS = Histogram(
    "tsunagu_job_seconds",
    "What the worker does, by job and outcome: DONE, INTERRUPTED or FAILED.",
    ["job", "outcome"],
    buckets=LATENCIES,
)
# What MongoDB knows, read when it is asked for: the same from whichever process answers.
OUTBOX_LAG = Gauge(
    "tsunagu_outbox_lag_seconds",
    "How long the oldest event waits to be numbered; NaN where MongoDB has not said.",
    multiprocess_mode="mostrecent",
)
HOLDS = Gauge(
    "tsunagu_stock_holds",
    "Holds of stock that are in force now; NaN where MongoDB has not said.",
    multiprocess_mode="mostrecent",
)
# Whoever has not asked, such as a worker, does not know.
OUTBOX_LAG.set(math.nan)
HOLDS.set(math.nan)


def exposition() -> bytes:
    """All figures in Prometheus' text format; of all processes of this server, if there are several."""
    folder = os.environ.get(SHARED_FOLDER)
    if folder is None:
        return generate_latest(REGISTRY)
    _forget_dead_processes(Path(folder))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _forget_dead_processes(folder: Path) -> None:
    """What a dead process had open is open no more; what it counted still counts."""
    for file in folder.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not Path(f"/proc/{pid}").exists():
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
