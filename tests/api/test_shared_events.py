"""An event's answer is made once for all who are to get the same: and for nobody else."""

from typing import Any

import pytest
import uvicorn

from app.auth.roles import Role
from app.orders.states import OrderState
from app.services import Services
from graphql_schema.compiled.execution import Execution
from graphql_schema.compiled.official import official_plans
from graphql_schema.compiled.plans import Plan, plan_of
from graphql_schema.compiled.shared_answers import SharedExecution
from graphql_schema.node import encode_id, key_of
from graphql_schema.schema import schema
from tests.api.callers import Caller
from tests.api.live import events_of
from tests.api.live_stock import CHANGED, KEY, NEAR, WATCH
from tests.api.shared_listening import COUNTER, INBOX, ONE, about, answer, compile_too, listening
from tests.arrangements import a_shift
from tests.conftest import MovableClock
from tests.integration.shop import Shop
from tests.integration.stockroom import Stockroom


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How each event was answered: for all, or for one alone."""
    kinds: list[str] = []
    run = Plan.run

    async def watched(plan: Plan, execution: Execution) -> Any:
        kinds.append("all" if isinstance(execution, SharedExecution) else "one")
        return await run(plan, execution)

    monkeypatch.setattr(Plan, "run", watched)
    return kinds


async def test_an_event_is_answered_once_for_all(
    server: uvicorn.Server, umbrellas: Stockroom, member: Caller, other_member: Caller, runs: list[str]
) -> None:
    everybody = [(None, "ja"), (member.token, "ja"), (other_member.token, "ja"), (None, "ja")]
    async with (
        listening(server, CHANGED, WATCH, *everybody) as clients,
        events_of(server, CHANGED, WATCH, member.token) as page,
    ):
        await page.next()
        runs.clear()
        await umbrellas.hold((KEY, 2))
        for number, client in enumerate(clients):
            message = await client.receive()
            assert message["id"] == f"her own {number}"
            assert message["payload"]["data"]["stockChanged"][0]["available"] == 3
        assert (await page.next())["stockChanged"][0]["available"] == 3
        assert runs == ["all"]


async def test_two_stores_counters_are_told_of_their_own(
    server: uvicorn.Server, services: Services, clock: MovableClock, runs: list[str]
) -> None:
    here, there = [await Shop.open(services, clock) for _ in range(2)]
    clerks = [await a_shift(services, Role.COUNTER, each.store.id) for each in (here, here, there)]
    callers = [(each.access_token, "ja") for each in clerks]
    async with listening(server, COUNTER, {}, *callers) as (one, two, other):
        runs.clear()
        mine = await here.place(await here.customer(), here.wish((0, 1)))
        assert await answer(one) == (told := await answer(two))
        assert [each["id"] for each in told["counterOrderChanged"]] == [encode_id("Order", mine.id)]
        assert runs == ["all"]
        theirs = await there.place(await there.customer(), there.wish((0, 1)))
        (order,) = (await answer(other))["counterOrderChanged"]
        assert order["id"] == encode_id("Order", theirs.id)
        for client in (one, two):
            await client.send("ping")
            assert await client.receive() == {"type": "pong"}  # and nothing before it


async def test_a_headquarters_that_follows_a_store_shares_with_its_counter(
    server: uvicorn.Server, shop: Shop, runs: list[str]
) -> None:
    clerk = await a_shift(shop.services, Role.COUNTER, shop.store.id)
    office = await a_shift(shop.services, Role.HEADQUARTERS)
    variables = {"storeId": encode_id("Store", shop.store.id)}
    callers = [(clerk.access_token, "ja"), (office.access_token, "ja")]
    async with listening(server, COUNTER, variables, *callers) as (one, two):
        runs.clear()
        await shop.place(await shop.customer(), shop.wish((0, 1)))
        assert await answer(one) == await answer(two)
        assert runs == ["all"]


async def test_each_is_told_in_her_language(
    server: uvicorn.Server, shop: Shop, member: Caller, runs: list[str]
) -> None:
    order = await shop.place(key_of(member.member_id, "Member", []), shop.wish((0, 1)))
    clerk = await a_shift(shop.services, Role.COUNTER, shop.store.id)
    callers = [(member.token, "ja"), (clerk.access_token, "en"), (clerk.access_token, "ja")]
    async with listening(server, ONE, about(order), *callers) as clients:
        runs.clear()
        await shop.move(order, OrderState.ACCEPTED)
        names = [(await answer(each))["orderChanged"]["lines"][0]["item"]["name"] for each in clients]
        assert names == [order.lines[0].item.names[language] for language in ("ja", "en", "ja")]
        assert len(set(names)) == 2
        assert runs == ["all", "all"]


async def test_who_may_not_read_all_of_it_is_answered_by_herself(
    server: uvicorn.Server, shop: Shop, member: Caller, monkeypatch: pytest.MonkeyPatch, runs: list[str]
) -> None:
    """The pickup code is for who ordered; the clerk who listens first gets no part in making her answer."""
    text = "subscription ($orderId: ID!) { orderChanged(orderId: $orderId) { state pickupCode } }"
    compile_too(monkeypatch, text)
    order = await shop.place(key_of(member.member_id, "Member", []), shop.wish((0, 1)))
    clerk = await a_shift(shop.services, Role.COUNTER, shop.store.id)
    callers = [(clerk.access_token, "ja"), (member.token, "ja"), (member.token, "ja")]
    async with listening(server, text, about(order), *callers) as (counter, phone, tablet):
        runs.clear()
        await shop.move(order, OrderState.ACCEPTED)
        assert await answer(counter) == "FORBIDDEN"
        for client in (phone, tablet):
            told = (await answer(client))["orderChanged"]
            assert told == {"state": "ACCEPTED", "pickupCode": order.pickup_code}
        assert sorted(runs) == ["all", "one"]


def test_which_official_subscriptions_are_shared() -> None:
    """That of the inbox is read by one member alone."""
    plans = official_plans()
    public = {text for text in (CHANGED, NEAR, ONE, COUNTER, INBOX) if plans[text].is_public}
    assert public == {CHANGED, NEAR, ONE, COUNTER}


@pytest.mark.parametrize(
    ("selected", "is_public"),
    [
        ("__typename id version", True),
        ("lines { item { name(locale: $locale) } }", True),
        ("pickupCode", True),  # each who gets it is asked
        ("id @skip(if: $no) store { id }", False),  # the store's resolver is given the whole request
        ("id store @include(if: $no) { id }", False),
        ("lines { item { sku { product { name } } } }", False),
    ],
)
def test_what_may_ask_who_calls_is_not_shared(selected: str, is_public: bool) -> None:
    variables = "$orderId: ID!, $locale: String, $no: Boolean = false"
    text = f"subscription ({variables}) {{ orderChanged(orderId: $orderId) {{ {selected} }} }}"
    assert plan_of(schema, text).is_public is is_public
