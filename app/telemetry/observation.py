"""What is noticed about one operation while it runs: its name, how it ended, and what it asked of MongoDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from time import perf_counter
from typing import Any

import structlog
from prometheus_client import Histogram

from app.telemetry import tracing
from app.telemetry.metrics import OPERATIONS, REJECTIONS, SUBSCRIPTIONS

OTHER = "other"  # whatever is none of the official operations

log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    """How an operation ended, the graver the later: a graver one stays."""

    ANSWERED = "ANSWERED"
    REJECTED = "REJECTED"  # a mutation said no
    REFUSED = "REFUSED"  # the request or the caller was at fault
    FAILED = "FAILED"  # we were


_GRAVITY = list(Outcome)


@dataclass(slots=True)
class Observation:
    """One operation as it runs. Commands that a batch sends for several operations count for none."""

    operation: str = OTHER
    outcome: Outcome = Outcome.ANSWERED
    commands: int = 0
    mongodb_seconds: float = 0.0
    is_subscription: bool = False
    started_at: float = field(default_factory=perf_counter)

    def note(self, outcome: Outcome) -> None:
        self.outcome = max(self.outcome, outcome, key=_GRAVITY.index)


_CURRENT: ContextVar[Observation | None] = ContextVar("observation", default=None)


def current() -> Observation | None:
    """The operation that this code runs for, if it is one that is observed."""
    return _CURRENT.get()


def note(outcome: Outcome) -> None:
    """Says of the running operation that it ended so."""
    observation = _CURRENT.get()
    if observation is not None:
        observation.note(outcome)


def note_rejection(code: str) -> None:
    """Counts a refusal that the caller is told of."""
    REJECTIONS.labels(code).inc()
    note(Outcome.REJECTED)


def name_operation(name: str) -> None:
    """Says which official operation is run."""
    observation = _CURRENT.get()
    if observation is not None:
        observation.operation = name


@contextmanager
def counted_subscription() -> Iterator[None]:
    """Counts a subscription as open for the block; how long that is says nothing about us."""
    observation = _CURRENT.get()
    if observation is not None:
        observation.is_subscription = True
    SUBSCRIPTIONS.inc()
    try:
        yield
    finally:
        SUBSCRIPTIONS.dec()


class observed:  # noqa: N801  read as a verb: `with observed(...)`
    """Measures the operation of the block; one that takes longer than `slow_seconds` is logged."""

    __slots__ = ("_observation", "_slow_seconds", "_span", "_token", "_traced")

    def __init__(self, slow_seconds: float) -> None:
        self._slow_seconds = slow_seconds

    def __enter__(self) -> Observation:
        self._observation = Observation()
        self._token = _CURRENT.set(self._observation)
        self._traced = tracing.span("graphql")
        self._span = self._traced.__enter__()
        return self._observation

    def __exit__(self, *raised: Any) -> None:
        observation = self._observation
        if self._span is not None:
            self._span.update_name(f"graphql {observation.operation}")
            self._span.set_attribute("graphql.operation.name", observation.operation)
            self._span.set_attribute("tsunagu.outcome", observation.outcome)
        self._traced.__exit__(*raised)
        _CURRENT.reset(self._token)
        _record(observation, self._slow_seconds)


def _record(observation: Observation, slow_seconds: float) -> None:
    if observation.is_subscription:
        return
    seconds = perf_counter() - observation.started_at
    _latencies(observation.operation, observation.outcome).observe(seconds)
    if seconds > slow_seconds:
        log.warning(
            "slow_operation",
            operation=observation.operation,
            outcome=observation.outcome,
            milliseconds=round(seconds * 1000),
            mongodb_commands=observation.commands,
            mongodb_milliseconds=round(observation.mongodb_seconds * 1000),
        )


@cache
def _latencies(operation: str, outcome: Outcome) -> Histogram:
    """There are only so many: the names are our own."""
    return OPERATIONS.labels(operation, outcome)
