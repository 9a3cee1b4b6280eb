"""The same operation by a plan and by graphql-core."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, cast

import pytest
from graphql import DocumentNode, ExecutionResult, OperationType, execute, parse
from strawberry.execution import optimized_is_awaitable

from app.auth.actor import Actor
from graphql_schema.compiled.plans import Plan
from graphql_schema.compiled.variables import Unusual
from graphql_schema.context import Context
from graphql_schema.permissions import ROOT_TYPES
from graphql_schema.schema import schema
from tests.compiled.canned import CALLS, World, seed_of
from tests.compiled.documents import Operation
from tests.compiled.examples import a_context

# What waits beside something that fails is cancelled, by both engines: some of it before it began.
CANCELLED = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine")

Outcome = tuple[Any, list[Any], list[Any]]


async def by_graphql_core(
    document: DocumentNode, variables: Mapping[str, Any], context: Context, root: Any = None
) -> ExecutionResult:
    """What graphql-core answers, as Strawberry has it executed; no data, when that refuses an input."""
    try:
        result: Any = execute(
            schema._schema,
            document,
            root_value=root,
            context_value=context,
            variable_values=dict(variables),
            is_awaitable=cast(Any, optimized_is_awaitable),
            executor_class=schema.execution_context_class,
        )
        found: ExecutionResult = await result if optimized_is_awaitable(result) else result
        return found
    except Exception as error:
        return ExecutionResult(None, [cast(Any, error)])


def told(result: ExecutionResult) -> tuple[Any, list[Any]]:
    """The data, and of each error its message, path, locations and what caused it."""
    return result.data, [
        (
            str(error),
            getattr(error, "path", None),
            getattr(error, "locations", None),
            type(getattr(error, "original_error", error)),
        )
        for error in result.errors or []
    ]


def compare_engines(operation: Operation, world: World, actor: Actor) -> None:
    """Runs the operation by graphql-core and by a plan: the same answer, the same calls in the same order."""
    document = parse(operation.text)
    plan = Plan(schema, document)
    with asyncio.Runner() as runner:
        by_core = by_graphql_core(document, operation.variables, a_context(actor), _event(world, plan))
        expected = runner.run(_outcome(by_core))
        try:
            values = plan.read(operation.variables)
        except Unusual:
            data, errors, calls = expected
            assert data is None
            assert errors
            assert not calls
            return
        context = a_context(actor)
        found = runner.run(_outcome(plan.execute(context, operation.variables, values, _event(world, plan))))
    if has_columns(plan):
        _compare_with_columns(found, expected, operation)
    else:
        assert found == expected, operation


def has_columns(plan: Plan) -> bool:
    """Whether some of its fields are found for many objects at once."""
    return any("execution.noted" in text for text in plan.functions)


def _compare_with_columns(found: Outcome, expected: Outcome, operation: Operation) -> None:
    """The same data, and the same places are null by errors; where nothing was cancelled, the same calls.

    What fills columns at the same time does not take the same turns of the event loop in both engines. Where
    several errors make the same place null, each may tell of another one.
    """
    data, errors, calls = found
    expected_data, expected_errors, expected_calls = expected
    assert data == expected_data, operation
    nulls = [null_place(data, path) for _, path, _, _ in errors]
    assert set(nulls) == null_places(data, (path for _, path, _, _ in expected_errors)), operation
    assert _of_roots(calls) == _of_roots(expected_calls), operation
    if all(null == tuple(path or ()) for null, (_, path, _, _) in zip(nulls, errors, strict=True)):
        assert sorted(errors, key=repr) == sorted(expected_errors, key=repr), operation
        assert Counter(calls) == Counter(expected_calls), operation


def null_places(data: Any, paths: Iterable[list[str | int] | None]) -> set[tuple[str | int, ...]]:
    """What errors with these paths have made null."""
    return {null_place(data, path) for path in paths}


def null_place(data: Any, path: list[str | int] | None) -> tuple[str | int, ...]:
    """What the error with this path has made null: its own place, or one around it."""
    keys = tuple(path or ())
    for depth, key in enumerate(keys):
        if data is None:
            return keys[:depth]
        data = data[key]
    assert data is None
    return keys


def _of_roots(calls: list[Any]) -> list[Any]:
    """The root fields that were called, in their order."""
    return [call for call in calls if call[0].partition(".")[0] in ROOT_TYPES and call[2] == "called"]


def _event(world: World, plan: Plan) -> Any:
    """What a subscription tells of."""
    node: Any = plan.operation.selection_set.selections[0]
    if plan.operation.operation is not OperationType.SUBSCRIPTION:
        return None
    root = schema._schema.subscription_type
    assert root is not None
    return world.value(root.fields[node.name.value].type, seed_of(str(plan.operation.loc)))


async def _outcome(result: Any) -> Outcome:
    """Data, errors, and what was called in which order, when all that was begun has ended."""
    CALLS.clear()
    answer = await result
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
    return *told(answer), list(CALLS)
