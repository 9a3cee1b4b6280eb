"""Resolvers that are watched: what each was asked and gave, so that it can be given once more."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLSchema
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema_converter import GraphQLCoreConverter

from graphql_schema.columns import FindAll, column_of, resolver_of
from graphql_schema.compiled.plans import Plan
from graphql_schema.permissions import ROOT_TYPES, object_fields

BACKREF = GraphQLCoreConverter.DEFINITION_BACKREF


# A resolver may call another one itself: that is no call of the engine's.
_within_a_resolver: ContextVar[bool] = ContextVar("within_a_resolver", default=False)


@contextmanager
def _within() -> Iterator[None]:
    token = _within_a_resolver.set(True)
    try:
        yield
    finally:
        _within_a_resolver.reset(token)


@dataclass
class Recording:
    """The calls so far. Once `replays` is set, each answers what it answered the first time."""

    replays: bool = False
    calls: list[tuple[str, int, str]] = field(default_factory=list)
    outcomes: dict[tuple[str, int, str], list[tuple[Any, Exception | None]]] = field(default_factory=dict)

    def begin(self) -> None:
        """Forgets what was called before."""
        self.calls.clear()
        self.outcomes.clear()

    def replay(self) -> list[tuple[str, int, str]]:
        """From now on answers are given again. Returns the calls that were made."""
        calls, self.calls, self.replays = self.calls, [], True
        return calls

    def outcome(self, call: tuple[str, int, str]) -> Any:
        value, error = self.outcomes[call].pop(0)
        if error is not None:
            raise error
        return value

    def keep(self, call: tuple[str, int, str], value: Any, error: Exception | None = None) -> None:
        self.outcomes.setdefault(call, []).append((value, error))


def same_calls(one: list[tuple[str, int, str]], other: list[tuple[str, int, str]]) -> bool:
    """Whether the same was called as often, and the root fields in the same order."""

    def of_roots(calls: list[tuple[str, int, str]]) -> list[tuple[str, int, str]]:
        return [call for call in calls if call[0].partition(".")[0] in ROOT_TYPES]

    return Counter(one) == Counter(other) and of_roots(one) == of_roots(other)


class WatchedPlan(Plan):
    """A plan that remembers the context of its last run, and what came of it."""

    ran_in: Any = None
    result: ExecutionResult
    recording: Recording

    async def execute(self, context: Any, *arguments: Any, **named: Any) -> ExecutionResult:
        self.recording.begin()
        self.ran_in = context
        self.result = await super().execute(context, *arguments, **named)
        return self.result


@contextmanager
def recorded_resolvers(schema: GraphQLSchema) -> Iterator[Recording]:
    """Watches every resolver of the schema until the end of the block; plans have to be made within it."""
    recording = Recording()
    with pytest.MonkeyPatch.context() as patch:
        for type_name, field_name, each in object_fields(schema):
            declared = each.extensions[BACKREF]
            if declared.base_resolver is not None and each.subscribe is None:
                name = f"{type_name}.{field_name}"
                watched = _watched(recording, name, declared.base_resolver, declared.is_async)
                patch.setattr(declared.base_resolver, "wrapped_func", watched)
        yield recording


def _watched(recording: Recording, name: str, resolver: Any, is_async: bool) -> Callable[..., Any]:
    function = resolver.wrapped_func
    find_all = column_of(function)
    if find_all is not None:
        return resolver_of(_watched_column(recording, name, find_all))
    info_name = resolver.info_parameter.name if resolver.info_parameter else None

    def called(source: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[str, int, str]:
        given = {key: value for key, value in keywords.items() if key != info_name}
        # A root field's source is of no interest: it has none.
        is_root = name.partition(".")[0] in ROOT_TYPES
        call = (name, 0 if is_root or not source else id(source[0]), repr(given))
        recording.calls.append(call)
        return call

    async def kept(call: tuple[str, int, str], value: Any) -> Any:
        try:
            with _within():
                found = await value
        except Exception as error:
            recording.keep(call, None, error)
            raise
        recording.keep(call, found)
        return found

    async def resolve_later(*source: Any, **keywords: Any) -> Any:
        if _within_a_resolver.get():
            return await function(*source, **keywords)
        call = called(source, keywords)
        if recording.replays:
            return recording.outcome(call)
        return await kept(call, function(*source, **keywords))

    def resolve(*source: Any, **keywords: Any) -> Any:
        if _within_a_resolver.get():
            return function(*source, **keywords)
        call = called(source, keywords)
        if recording.replays:
            return recording.outcome(call)
        try:
            with _within():
                value = function(*source, **keywords)
        except Exception as error:
            recording.keep(call, None, error)
            raise
        if optimized_is_awaitable(value):
            return kept(call, value)
        recording.keep(call, value)
        return value

    return resolve_later if is_async else resolve


def _watched_column(recording: Recording, name: str, function: FindAll) -> FindAll:
    """Each object is a call of its own: the engines may ask for others together."""

    async def find_all(sources: Sequence[Any], info: Any, **keywords: Any) -> Sequence[Any]:
        calls = [(name, id(source), repr(keywords)) for source in sources]
        recording.calls += calls
        if recording.replays:
            return [recording.outcome(call) for call in calls]
        with _within():
            values = await function(sources, info, **keywords)
        for call, value in zip(calls, values, strict=True):
            recording.keep(call, value)
        return values

    return find_all
