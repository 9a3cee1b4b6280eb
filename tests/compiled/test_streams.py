"""Subscriptions from their beginning to their end: what is told by plans is what graphql-core tells."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest
from graphql import parse
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.auth.actor import Actor
from graphql_schema.documents import HASHES, TRUSTED
from graphql_schema.limits import validation_errors
from graphql_schema.schema import schema
from tests.compiled.canned import World, canned_resolvers
from tests.compiled.comparing import CANCELLED
from tests.compiled.documents import Operation, Writer
from tests.compiled.examples import ACTORS, a_context
from tests.compiled.streams import Stream, canned_streams, streams_of

CORE = schema._schema
OFFICIAL = [name for name, hash in HASHES.items() if TRUSTED[hash].lstrip().startswith("subscription")]
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
    text = TRUSTED[HASHES[name]]
    compared = 0
    for run in range(RUNS):
        for actor in ACTORS:
            writer = Writer(CORE, Random(f"{name} {run}"), a_context(actor))
            streams = streams_of(Operation(text, writer.sent_to(parse(text))), actor)
            if streams is not None:
                assert streams[0] == streams[1], (name, actor, run)
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
            assert streams[0] == streams[1], operation
            seen.update(kinds_of(streams[0]))

    compare()
    assert seen.keys() >= {"next", "next with errors", "complete"}


def _subscription(random: Random, actor: Actor) -> Operation:
    """One that is valid and within the limits: others are refused before it comes to a plan."""
    while True:
        operation = Writer(CORE, random, a_context(actor)).operation("subscription")
        if not validation_errors(CORE, parse(operation.text)):
            return operation
