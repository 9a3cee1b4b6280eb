"""Plans against graphql-core, on operations made up at random and resolvers that often fail."""

from collections.abc import Iterator
from random import Random

import pytest
from graphql import parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from app.auth.actor import Actor
from graphql_schema.schema import schema
from tests.compiled.canned import World, canned_resolvers
from tests.compiled.comparing import CANCELLED, compare_engines
from tests.compiled.documents import Operation, Writer
from tests.compiled.examples import ACTORS, a_context

EXAMPLES = 350
WHEN = "2026-11-21T03:00:00Z"
PARTS = ["query", "query", "query", "mutation", "mutation", "subscription"]  # 2,100 operations in all
CORE = schema._schema


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with canned_resolvers(CORE) as world:
        yield world


@CANCELLED
@pytest.mark.parametrize(("part", "kind"), list(enumerate(PARTS)))
def test_a_plan_answers_and_acts_as_graphql_core_does(part: int, kind: str, world: World) -> None:
    compared = 0

    @settings(max_examples=EXAMPLES, database=None)
    @given(random=st.randoms(use_true_random=True), actor=st.sampled_from(ACTORS))
    def compare(random: Random, actor: Actor) -> None:
        nonlocal compared
        compare_engines(_operation(random, kind, actor), world, actor)
        compared += 1

    compare()
    assert compared == EXAMPLES


@CANCELLED
@pytest.mark.parametrize("actor", ACTORS, ids=lambda actor: type(actor).__name__)
def test_arguments_that_make_no_sense_are_told_of_before_who_may_call(actor: Actor, world: World) -> None:
    terms = f"""{{names: {{ja: "x", en: "x"}}, descriptions: {{ja: "", en: ""}}, distribution: CLAIM,
        startsAt: "{WHEN}", endsAt: "{WHEN}", benefit: {{percent: 1, amount: 1}}}}"""
    compare_engines(
        Operation(f"mutation {{ createOffer(input: {{terms: {terms}}}) {{ __typename }} }}", {}), world, actor
    )


def _operation(random: Random, kind: str, actor: Actor) -> Operation:
    """A valid operation. What is made up seldom is not: two fields that differ have the same name."""
    while True:
        operation = Writer(CORE, random, a_context(actor)).operation(kind)
        if not validate(CORE, parse(operation.text)):
            return operation
