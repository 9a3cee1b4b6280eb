"""Each official operation sends as many commands to MongoDB as the table says, and no more."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from graphql import parse

from app.offers.model import Distribution, OfferMoment
from app.services import Services
from app.shared.mongodb.database import Database
from graphql_schema.compiled.official import official_plans
from graphql_schema.compiled.plans import Plan
from graphql_schema.documents import TEXTS
from graphql_schema.node import key_of
from graphql_schema.schema import schema
from tests.api.callers import Caller
from tests.api.most_commands import MOST_COMMANDS
from tests.api.official_calls import (
    STORES,
    variables_of,
)
from tests.api.prepared_calls import Cast, prepared
from tests.arrangements import a_code, add_stores, allow
from tests.compiled.comparing import by_graphql_core, told
from tests.compiled.recording import Recording, WatchedPlan, recorded_resolvers, same_calls
from tests.conftest import COMMANDS, MovableClock
from tests.offer_examples import a_published_offer


@pytest.fixture
def commands() -> list[str]:
    COMMANDS.clear()
    return COMMANDS


@pytest.fixture
def recording() -> Iterator[Recording]:
    with recorded_resolvers(schema._schema) as recording:
        yield recording


@pytest.fixture
def watched(name: str, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> WatchedPlan:
    """The operation's plan, which is watched."""
    text = TEXTS[name]
    plan = WatchedPlan(schema, parse(text))
    plan.recording = recording
    monkeypatch.setitem(cast(dict[str, Plan], official_plans()), text, plan)
    return plan


def test_the_table_names_every_official_operation_that_ends() -> None:
    ending = {name for name, text in TEXTS.items() if not text.startswith("subscription")}
    assert ending == set(MOST_COMMANDS)


@pytest.mark.parametrize("name", sorted(MOST_COMMANDS))
async def test_an_operation_sends_no_more_commands_than_the_table_says(
    name: str,
    member: Caller,
    till: Caller,
    headquarters: Caller,
    merchandiser: Caller,
    listener: Caller,
    services: Services,
    database: Database,
    clock: MovableClock,
    commands: list[str],
    watched: WatchedPlan,
    recording: Recording,
) -> None:
    cast = Cast(member, till, headquarters, merchandiser, listener)
    call = await prepared(name, cast, services, database, clock)
    commands.clear()
    data = await call.caller.send(TEXTS[name], call.variables)
    assert "'errors': [{" not in str(data), data
    assert len(commands) == MOST_COMMANDS[name], commands
    await _graphql_core_does_the_same(watched, recording, call.variables)


async def test_a_check_in_that_gives_a_coupon_decides_about_it_in_the_same_transaction(
    member: Caller, services: Services, database: Database, clock: MovableClock, commands: list[str]
) -> None:
    """Offers and categories are known already. The last one marks the coupon as seen, after the answer."""
    await add_stores(database, *STORES)
    await allow(services, key_of(member.member_id, "Member", []))
    await a_published_offer(services, distribution=Distribution.CHECK_IN)
    await member.send("{ me { id } }")
    await services.offers.given_at(OfferMoment.CHECK_IN)
    await services.catalog.categories()
    variables = await variables_of("check_in", member, services, clock)
    commands.clear()
    data = await member.send(TEXTS["check_in"], variables)
    assert len(data["checkIn"]["coupons"]) == 1
    written = [*["insert"] * 3, "update", "insert", "update", "commitTransaction"]
    assert commands == ["aggregate", *written, "update"]


async def test_signing_in_takes_less_than_half_of_it_where_no_guest_is_merged(
    anonymous: Caller, services: Services, commands: list[str]
) -> None:
    sign_in = TEXTS["sign_in"]
    for is_new, most in ((True, 14), (False, 12)):
        given = await a_code(services, "hana@example.com")
        commands.clear()
        variables = {"input": {"challengeId": given.challenge_id, "code": given.code}}
        data = await anonymous.send(sign_in, variables)
        assert data["signIn"]["isNew"] is is_new
        assert len(commands) == most, commands


async def _graphql_core_does_the_same(
    plan: WatchedPlan, recording: Recording, variables: dict[str, Any]
) -> None:
    """graphql-core calls the same and answers the same, when resolvers give it what they gave the plan."""
    calls = recording.replay()
    plan.ran_in.renew(plan.ran_in.services.clock.now())
    answer = await by_graphql_core(plan.document, variables, plan.ran_in)
    assert told(answer) == told(plan.result)
    assert same_calls(recording.calls, calls)
