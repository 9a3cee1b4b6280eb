"""Every official operation has a plan, and that answers as graphql-core does."""

from collections.abc import Iterator
from itertools import product
from random import Random

import pytest
from graphql import parse

from graphql_schema.compiled.official import official_plans
from graphql_schema.documents import TEXTS
from graphql_schema.limits import validation_errors
from graphql_schema.schema import schema
from tests.compiled.canned import World, canned_resolvers
from tests.compiled.comparing import CANCELLED, compare_engines
from tests.compiled.documents import Operation, Writer
from tests.compiled.examples import ACTORS, a_context

RUNS = 2


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with canned_resolvers(schema._schema) as world:
        yield world


def test_the_compiler_understands_every_official_operation() -> None:
    assert official_plans().keys() == set(TEXTS.values())


@pytest.mark.parametrize("name", TEXTS)
def test_an_official_operation_is_valid(name: str) -> None:
    """No server looks at that when it starts."""
    assert validation_errors(schema._schema, parse(TEXTS[name])) == ()


@CANCELLED
@pytest.mark.parametrize("name", TEXTS)
def test_an_official_operation_is_answered_as_by_graphql_core(name: str, world: World) -> None:
    document = parse(TEXTS[name])
    for actor, run in product(ACTORS, range(RUNS)):
        writer = Writer(schema._schema, Random(f"{name} {run}"), a_context(actor))
        compare_engines(Operation(TEXTS[name], writer.sent_to(document)), world, actor)
