"""Whole subscriptions by a plan and by graphql-core, on streams that follow from a seed; some fail."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import timedelta
from typing import Any

import orjson
import pytest
from graphql import GraphQLField, GraphQLSchema, parse
from strawberry.types.execution import PreExecutionError
from strawberry.types.field import StrawberryField

from app.auth.actor import Actor
from app.shared.errors import InvalidId, Unauthenticated
from graphql_schema.compiled.official import followed_by_plan
from graphql_schema.compiled.plans import Plan
from graphql_schema.compiled.shared_answers import SharedAnswers
from graphql_schema.context import Context
from graphql_schema.errors import error_answers
from graphql_schema.following import CannotFollow, Following
from graphql_schema.schema import schema
from tests.compiled.canned import BACKREF, Broken, World, seed_of
from tests.compiled.documents import Operation
from tests.compiled.examples import a_context

ERROR_ID = re.compile(r"[0-9a-f]{32}")
MOST_EVENTS = 5

# What becomes of a subscription, in its order: each answer as it is sent, or why there is none, and its end.
Stream = list[tuple[str, str]]


@contextmanager
def canned_streams(graphql: GraphQLSchema, world: World) -> Iterator[None]:
    """Has every subscription tell of what is canned, until the end of the block."""
    root = graphql.subscription_type
    assert root is not None
    with pytest.MonkeyPatch.context() as patch:
        for name, field in root.fields.items():
            declared: StrawberryField = field.extensions[BACKREF]
            assert declared.base_resolver is not None
            patch.setattr(declared.base_resolver, "wrapped_func", _canned(world, name, field, declared))
        yield


def _canned(
    world: World, name: str, field: GraphQLField, declared: StrawberryField
) -> Callable[..., AsyncGenerator[Any, None]]:
    resolver: Any = declared.base_resolver
    info_name = resolver.info_parameter.name

    async def tell(*source: Any, **keywords: Any) -> AsyncGenerator[Any, None]:
        context: Context = keywords.pop(info_name).context
        seed = seed_of(name, sorted(keywords), context.caller)
        for number in range(seed % (MOST_EVENTS + 1)):
            of_event = seed_of(seed, number)
            await asyncio.sleep(0)
            if of_event % 9 == 0:
                raise (Broken(f"{name} breaks"), InvalidId(path=["input"]), Unauthenticated())[of_event % 3]
            context.renew(context.now + timedelta(seconds=1))
            yield world.value(field.type, of_event)

    return tell


def streams_of(operation: Operation, actor: Actor) -> tuple[Stream, Stream] | None:
    """The subscription by its plan and by graphql-core; None where the plan leaves it to graphql-core."""
    plan = Plan(schema, parse(operation.text))
    with asyncio.Runner() as runner:
        by_plan = runner.run(_by_plan(plan, operation, actor))
        return None if by_plan is None else (by_plan, runner.run(_by_graphql_core(operation, actor)))


async def _by_plan(plan: Plan, operation: Operation, actor: Actor) -> Stream | None:
    context = a_context(actor)
    request = {"query": operation.text, "variables": dict(operation.variables)}
    followed = followed_by_plan({operation.text: plan}, request, context)
    if followed is None:
        return None
    try:
        bodies = await Following(followed, context, SharedAnswers()).begin()
    except CannotFollow as refused:
        return [("refused", _written([error.formatted for error in refused.errors]))]
    async with aclosing(bodies):
        told = [("next", ERROR_ID.sub("an id", body)) async for body in bodies]
    return [*told, ("complete", "")]


async def _by_graphql_core(operation: Operation, actor: Actor) -> Stream:
    context = a_context(actor)
    results = await schema.stream(
        operation.text, variable_values=dict(operation.variables), context_value=context
    )
    told: Stream = []
    async with aclosing(results):
        async for result in results:
            answers = error_answers(result.errors or [], context.language, hints=context.may_introspect)
            errors = [each.formatted for each in answers]
            if isinstance(result, PreExecutionError):
                return [*told, ("refused", _written(errors))]
            told.append(("next", _written({"data": result.data} | ({"errors": errors} if errors else {}))))
    return [*told, ("complete", "")]


def _written(answer: Any) -> str:
    return ERROR_ID.sub("an id", orjson.dumps(answer).decode())
