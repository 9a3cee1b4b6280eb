"""Subscriptions from their beginning to their end: what is told by plans is what graphql-core tells."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import orjson
import pytest
from graphql import parse
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.auth.actor import Actor
from graphql_schema.compiled.plans import Plan
from graphql_schema.documents import TEXTS
from graphql_schema.limits import validation_errors
from graphql_schema.schema import schema
from tests.compiled.canned import World, canned_resolvers
from tests.compiled.comparing import CANCELLED, has_columns, null_places
from tests.compiled.documents import Operation, Writer
from tests.compiled.examples import ACTORS, a_context
from tests.compiled.streams import Stream, canned_streams, streams_of

CORE = schema._schema
OFFICIAL = [name for name, text in TEXTS.items() if text.lstrip().startswith("subscription")]
RUNS = 6
EXAMPLES = 120


@pytest.fixture(scope="module", autouse=True)
def world() -> Iterator[World]:
    """What fails is not printed: a printed traceback would read, and so call, canned objects."""
    with canned_resolvers(CORE) as world, canned_streams(CORE, world), capture_logs():
        yield world


def kinds_of(stream: Stream) -> set[str]:
    """What there was in it: answers, with errors or without, a refusal, an end."""
    return {f"{kind} with errors" if '"errors":' in text else kind for kind, text in stream}


@CANCELLED
@pytest.mark.parametrize("name", OFFICIAL)
def test_an_official_subscription_tells_what_graphql_core_tells(name: str) -> None:
    text = TEXTS[name]
    compared = 0
    for run in range(RUNS):
        for actor in ACTORS:
            writer = Writer(CORE, Random(f"{name} {run}"), a_context(actor))
            operation = Operation(text, writer.sent_to(parse(text)))
            streams = streams_of(operation, actor)
            if streams is not None:
                _compare(*streams, operation)
                compared += len(streams[0])
    assert compared > RUNS


@CANCELLED
def test_so_does_any_other() -> None:
    seen = Counter[str]()

    @settings(max_examples=EXAMPLES, database=None)
    @given(random=st.randoms(use_true_random=True), actor=st.sampled_from(ACTORS))
    def compare(random: Random, actor: Actor) -> None:
        operation = _subscription(random, actor)
        streams = streams_of(operation, actor)
        if streams is not None:
            _compare(*streams, operation)
            seen.update(kinds_of(streams[0]))

    compare()
    assert seen.keys() >= {"next", "next with errors", "complete"}


def _compare(found: Stream, expected: Stream, operation: Operation) -> None:
    """The same stream. Where columns are filled, several errors that make the same place null may differ."""
    if found == expected:
        return
    assert has_columns(Plan(schema, parse(operation.text))), operation
    for (kind, text), (expected_kind, expected_text) in zip(found, expected, strict=True):
        assert kind == expected_kind, operation
        if text != expected_text:
            assert kind == "next", operation
            answer, expected_answer = orjson.loads(text), orjson.loads(expected_text)
            assert answer["data"] == expected_answer["data"], operation
            assert _nulls(answer) == _nulls(expected_answer), operation


def _nulls(answer: dict[str, Any]) -> set[tuple[str | int, ...]]:
    return null_places(answer["data"], (error.get("path") for error in answer["errors"]))


def _subscription(random: Random, actor: Actor) -> Operation:
    """One that is valid and within the limits: others are refused before it comes to a plan."""
    while True:
        operation = Writer(CORE, random, a_context(actor)).operation("subscription")
        if not validation_errors(CORE, parse(operation.text)):
            return operation
