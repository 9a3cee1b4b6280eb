"""What is noticed about one operation while it runs: its name, how it ended, and what it asked of MongoDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from time import perf_counter

import structlog

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


@contextmanager
def observed(slow_seconds: float) -> Iterator[Observation]:
    """Measures the operation of the block; one that takes longer than `slow_seconds` is logged."""
    observation = Observation()
    token = _CURRENT.set(observation)
    try:
        with tracing.span("graphql") as span:
            try:
                yield observation
            finally:
                if span is not None:
                    span.update_name(f"graphql {observation.operation}")
                    span.set_attribute("graphql.operation.name", observation.operation)
                    span.set_attribute("tsunagu.outcome", observation.outcome)
    finally:
        _CURRENT.reset(token)
        _record(observation, slow_seconds)


def _record(observation: Observation, slow_seconds: float) -> None:
    if observation.is_subscription:
        return
    seconds = perf_counter() - observation.started_at
    OPERATIONS.labels(observation.operation, observation.outcome).observe(seconds)
    if seconds > slow_seconds:
        log.warning(
            "slow_operation",
            operation=observation.operation,
            outcome=observation.outcome,
            milliseconds=round(seconds * 1000),
            mongodb_commands=observation.commands,
            mongodb_milliseconds=round(observation.mongodb_seconds * 1000),
        )
