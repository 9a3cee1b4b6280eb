"""What is noticed about one operation while it runs: its name, how it ended, and what it asked of MongoDB."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol, Self

import structlog
from prometheus_client import Counter, Histogram

from app.telemetry import tracing
from app.telemetry.metrics import OPERATIONS, REJECTIONS, SUBSCRIPTIONS

if TYPE_CHECKING:
    from opentelemetry.trace import Span

OTHER = "other"  # whatever is none of the official operations
MOST_KEPT = 100  # of an operation's commands to MongoDB, and so many of these are told if it was slow:
MOST_TOLD = 5

log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    """How an operation ended, the graver the later: a graver one stays."""

    ANSWERED = "ANSWERED"
    REJECTED = "REJECTED"  # a mutation said no
    REFUSED = "REFUSED"  # the request or the caller was at fault
    FAILED = "FAILED"  # we were


_GRAVITY = list(Outcome)


class Caller(Protocol):
    """Who asked for an operation."""

    def ids(self) -> Mapping[str, str]:
        """By which the log knows who it was; no name, and nothing secret."""


class observed:  # noqa: N801  read as a verb: `with observed(...)`
    """One operation as it runs, in a block; one that takes longer than `slow_seconds` is logged.

    Commands that a batch sends for several operations count for none.
    """

    __slots__ = (
        "_outer",
        "_slow_seconds",
        "_traced",
        "asked",
        "caller",
        "commands",
        "is_subscription",
        "mongodb_seconds",
        "operation",
        "outcome",
        "span",
        "started_at",
        "told",
    )

    def __init__(self, slow_seconds: float) -> None:
        self._slow_seconds = slow_seconds
        self.operation = OTHER
        self.outcome = Outcome.ANSWERED
        self.caller: Caller | None = None
        self.commands = 0
        self.mongodb_seconds = 0.0
        self.asked: dict[int, str] = {}  # the collections of the commands that are under way
        self.told: list[tuple[float, str, str]] = []
        self.is_subscription = False
        self.span: Span | None = None

    def __enter__(self) -> Self:
        self.started_at = perf_counter()
        self._outer = _CURRENT.set(self)
        self._traced = tracing.root_span("graphql")
        self.span = self._traced.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        if self.span is not None:
            self.describe_span()
        self._traced.__exit__(*raised)
        _CURRENT.reset(self._outer)
        if not self.is_subscription:
            self._record(perf_counter() - self.started_at)

    def note(self, outcome: Outcome) -> None:
        self.outcome = max(self.outcome, outcome, key=_GRAVITY.index)

    def note_command(self, name: str, collection: str, seconds: float) -> None:
        """Says that a command to MongoDB has ended, and how long it took."""
        self.commands += 1
        self.mongodb_seconds += seconds
        if self.commands <= MOST_KEPT:
            self.told.append((seconds, name, collection))

    def describe_span(self) -> None:
        """Says in its span, while that is open, which operation it was, and how it ended."""
        if self.span is not None and self.span.is_recording():
            self.span.update_name(f"graphql {self.operation}")
            told = {"graphql.operation.name": self.operation, "tsunagu.outcome": self.outcome.value}
            self.span.set_attributes(told)

    def _record(self, seconds: float) -> None:
        _latencies(self.operation, self.outcome).observe(seconds)
        if seconds > self._slow_seconds:
            log.warning(
                "slow_operation",
                operation=self.operation,
                outcome=self.outcome,
                milliseconds=round(seconds * 1000),
                mongodb_commands=self.commands,
                mongodb_milliseconds=round(self.mongodb_seconds * 1000),
                slowest_commands=self._slowest_commands(),
                **(self.caller.ids() if self.caller is not None else {}),
            )

    def _slowest_commands(self) -> list[str]:
        slowest = sorted(self.told, reverse=True)[:MOST_TOLD]
        return [
            f"{f'{name} {collection}'.rstrip()}: {seconds * 1000:.0f} ms"
            for seconds, name, collection in slowest
        ]


_CURRENT: ContextVar[observed | None] = ContextVar("observed", default=None)


def current() -> observed | None:
    """The operation that this code runs for, if it is one that is observed."""
    return _CURRENT.get()


def note(outcome: Outcome) -> None:
    """Says of the running operation that it ended so."""
    observation = _CURRENT.get()
    if observation is not None:
        observation.note(outcome)


def note_caller(caller: Caller) -> None:
    """Says who asked for the running operation."""
    observation = _CURRENT.get()
    if observation is not None:
        observation.caller = caller


def note_rejection(code: str) -> None:
    """Counts a refusal that the caller is told of."""
    _rejections(code).inc()
    note(Outcome.REJECTED)


def name_operation(name: str) -> None:
    """Says which official operation is run."""
    observation = _CURRENT.get()
    if observation is not None:
        observation.operation = name


@contextmanager
def counted_subscription() -> Iterator[None]:
    """Counts a subscription as open for the block; how long that is says nothing about us.

    Its trace tells how it began, not what is told for hours.
    """
    observation = _CURRENT.get()
    if observation is not None:
        observation.is_subscription = True
        observation.describe_span()
    tracing.end_recording()
    SUBSCRIPTIONS.inc()
    try:
        yield
    finally:
        SUBSCRIPTIONS.dec()


# There are only so many of either: the names and the codes are our own.


@cache
def _latencies(operation: str, outcome: Outcome) -> Histogram:
    return OPERATIONS.labels(operation, outcome)


@cache
def _rejections(code: str) -> Counter:
    return REJECTIONS.labels(code)
