"""An event's answer is made once for all who are to get the same: and for nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

import pytest
import uvicorn
from starlette.websockets import WebSocket

from app.auth.partners import Scope
from app.auth.roles import Role
from app.inventory.obtaining import AvailabilityLevel
from app.orders.model import Order
from app.orders.states import OrderState
from app.services import Services
from app.shared.database import Database
from graphql_schema.compiled.execution import Execution
from graphql_schema.compiled.official import official_plans
from graphql_schema.compiled.plans import Plan, plan_of
from graphql_schema.compiled.shared_answers import SharedExecution
from graphql_schema.inventory.levels import StockLevel
from graphql_schema.node import encode_id, key_of
from graphql_schema.orders.types import OrderedItem
from graphql_schema.schema import schema
from tests.api.conftest import OPERATIONS, Caller
from tests.api.live import SocketClient, events_of, socket_to
from tests.api.live_stock import CHANGED, KEY, NEAR, WATCH
from tests.arrangements import a_shift, add_skus, add_stores
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.integration.shop import Shop
from tests.integration.stockroom import Stockroom
from tests.patience import PATIENCE_SECONDS

ONE, COUNTER, INBOX = (
    (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")
    for name in ("order_changed", "counter_order_changed", "inbox_changed")
)
ACCEPTED = OrderState.ACCEPTED


@pytest.fixture
async def stockroom(services: Services, database: Database, clock: MovableClock) -> Stockroom:
    await add_stores(database, a_store(id="here"), a_store(id="elsewhere"))
    await add_skus(database, "umbrella")
    stockroom = Stockroom(services, clock)
    await stockroom.stock(KEY, 5)
    return stockroom


@pytest.fixture
async def shop(services: Services, clock: MovableClock) -> Shop:
    return await Shop.open(services, clock)


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


def compile_too(monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    """Has this document run by a plan, as if it were an official operation."""
    monkeypatch.setitem(cast(dict[str, Plan], official_plans()), text, plan_of(schema, text))
    return text


@asynccontextmanager
async def listening(
    server: uvicorn.Server, query: str, variables: dict[str, Any], *callers: tuple[str | None, str]
) -> AsyncIterator[list[SocketClient]]:
    """These callers, each a token and a language, with the first event behind them, whatever it is."""
    async with AsyncExitStack() as connections:
        clients = []
        for token, language in callers:
            headers = {"Accept-Language": language}
            client = await connections.enter_async_context(socket_to(server, additional_headers=headers))
            await client.begin(token)
            await client.subscribe(query, variables, id=f"her own {len(clients)}")
            assert (await client.receive())["type"] == "next"
            clients.append(client)
        yield clients


async def answer(client: SocketClient) -> Any:
    """What the next event's answer has as its data, or the code of the error."""
    message = await client.receive()
    assert message["type"] == "next", message
    payload = message["payload"]
    return payload["errors"][0]["extensions"]["code"] if payload.get("errors") else payload["data"]


def about(order: Order) -> dict[str, Any]:
    return {"orderId": encode_id("Order", order.id)}


async def test_an_event_is_answered_once_for_all(
    server: uvicorn.Server, stockroom: Stockroom, member: Caller, other_member: Caller, runs: list[str]
) -> None:
    everybody = [(None, "ja"), (member.token, "ja"), (other_member.token, "ja"), (None, "ja")]
    async with (
        listening(server, CHANGED, WATCH, *everybody) as clients,
        events_of(server, CHANGED, WATCH, member.token) as page,
    ):
        await page.next()
        runs.clear()
        await stockroom.hold((KEY, 2))
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
        await shop.move(order, ACCEPTED)
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
        await shop.move(order, ACCEPTED)
        assert await answer(counter) == "FORBIDDEN"
        for client in (phone, tablet):
            told = (await answer(client))["orderChanged"]
            assert told == {"state": "ACCEPTED", "pickupCode": order.pickup_code}
        assert sorted(runs) == ["all", "one"]


async def test_what_keepers_of_stock_read_is_not_told_to_others(
    server: uvicorn.Server,
    services: Services,
    stockroom: Stockroom,
    member: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "subscription ($skuIds: [ID!]!) { stockChanged(skuIds: $skuIds) { available onHand } }"
    compile_too(monkeypatch, text)
    partner, _ = await services.partners.create("Till", [Scope.STOCK_WRITE])
    till = services.partners.grant(partner, None).token.text
    elsewhere = await a_shift(services, Role.COUNTER, "elsewhere")
    here = await a_shift(services, Role.COUNTER, "here")
    tokens = [till, None, member.token, here.access_token, elsewhere.access_token]
    async with listening(server, text, WATCH, *((token, "ja") for token in tokens)) as clients:
        await stockroom.hold((KEY, 2))
        known = {"stockChanged": [{"available": 3, "onHand": 5}]}
        told = [await answer(client) for client in clients]
        assert told == [known, "UNAUTHENTICATED", "FORBIDDEN", known, "FORBIDDEN"]


@pytest.mark.parametrize("is_socket", [True, False])
async def test_who_was_signed_out_is_told_nothing_more(
    server: uvicorn.Server,
    stockroom: Stockroom,
    member: Caller,
    other_member: Caller,
    monkeypatch: pytest.MonkeyPatch,
    is_socket: bool,
) -> None:
    """Though nobody has looked after her session since: it is looked at before each event."""
    monkeypatch.setattr("app.auth.door.CHECK_SECONDS", 3_600)
    async with AsyncExitStack() as connections:
        callers = [(other_member.token, "ja")] + [(member.token, "ja")] * is_socket
        clients = await connections.enter_async_context(listening(server, CHANGED, WATCH, *callers))
        page = await connections.enter_async_context(events_of(server, CHANGED, WATCH, member.token))
        await page.next()
        await member.send("mutation { signOut { __typename } }")
        await stockroom.hold((KEY, 2))
        assert (await answer(clients[0]))["stockChanged"][0]["available"] == 3
        if is_socket:
            assert await clients[1].closing() == (4403, "TOKEN_INVALID")
        told = await page.event()
        assert told is not None
        assert told[1]["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"
        assert "data" not in told[1]


async def test_an_error_for_some_is_an_error_for_them_alone(
    server: uvicorn.Server, shop: Shop, member: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.place(key_of(member.member_id, "Member", []), shop.wish((0, 1)))
    clerk = await a_shift(shop.services, Role.COUNTER, shop.store.id)
    resolver = _resolver(OrderedItem, "name")
    name = resolver.wrapped_func

    def broken_in_english(item: OrderedItem, info: Any, locale: str | None = None) -> Any:
        if info.context.language == "en":
            raise RuntimeError("no dictionary")
        return name(item, info, locale)

    monkeypatch.setattr(resolver, "wrapped_func", broken_in_english)
    compile_too(monkeypatch, ONE)
    callers = [(member.token, "en"), (clerk.access_token, "en"), (clerk.access_token, "ja")]
    async with listening(server, ONE, about(order), *callers) as (one, two, other):
        await shop.move(order, ACCEPTED)
        ids = set()
        for client in (one, two):
            (error,) = (await client.receive())["payload"]["errors"]
            assert error["extensions"]["code"] == "INTERNAL_ERROR"
            ids.add(error["extensions"]["errorId"])
        assert len(ids) == 2
        assert (await answer(other))["orderChanged"]["state"] == "ACCEPTED"


async def test_a_resolver_that_asks_who_calls_after_all_is_never_shared(
    server: uvicorn.Server, stockroom: Stockroom, member: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it has declared: where answers are made for all there is nobody to be asked about."""

    def by_caller(level: StockLevel, info: Any) -> AvailabilityLevel:
        is_known = hasattr(info.context.actor, "member_id")
        return AvailabilityLevel.IN_STOCK if is_known else AvailabilityLevel.OUT

    monkeypatch.setattr(_resolver(StockLevel, "level"), "wrapped_func", by_caller)
    compile_too(monkeypatch, CHANGED)
    async with listening(server, CHANGED, WATCH, (None, "ja"), (member.token, "ja")) as clients:
        await stockroom.hold((KEY, 2))
        levels = [(await answer(each))["stockChanged"][0]["level"] for each in clients]
        assert levels == ["OUT", "IN_STOCK"]


async def test_who_leaves_while_the_answer_is_made_takes_it_from_nobody(
    server: uvicorn.Server, shop: Shop, member: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.place(key_of(member.member_id, "Member", []), shop.wish((0, 1)))
    is_made, may_end = asyncio.Event(), asyncio.Event()
    run = Plan.run

    async def slow(plan: Plan, execution: Execution) -> Any:
        if isinstance(execution, SharedExecution):
            is_made.set()
            await may_end.wait()
        return await run(plan, execution)

    callers = [(member.token, "ja")] * 3
    async with listening(server, ONE, about(order), *callers) as clients:
        monkeypatch.setattr(Plan, "run", slow)
        await shop.move(order, ACCEPTED)
        await asyncio.wait_for(is_made.wait(), PATIENCE_SECONDS)
        for number in (0, 2):
            await clients[number].connection.close()
        may_end.set()
        assert (await answer(clients[1]))["orderChanged"]["state"] == "ACCEPTED"


async def test_who_takes_nothing_is_told_to_come_back_and_delays_nobody(
    server: uvicorn.Server, stockroom: Stockroom, member: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphql_schema.sockets.SLOW_SECONDS", 0.2)
    send = WebSocket.send_text
    stuck: list[WebSocket] = []

    async def send_unless_stuck(socket: WebSocket, text: str) -> None:
        if '"her own 0"' in text:
            stuck.append(socket)
            await asyncio.Event().wait()
        await send(socket, text)

    async with listening(server, CHANGED, WATCH, (member.token, "ja"), (member.token, "ja")) as (slow, other):
        monkeypatch.setattr(WebSocket, "send_text", send_unless_stuck)
        for left in (4, 3):
            await stockroom.hold((KEY, 1))
            assert (await answer(other))["stockChanged"][0]["available"] == left
        assert await slow.closing() == (1013, "TOO_SLOW")
        assert len(stuck) == 1
        await stockroom.hold((KEY, 1))
        assert (await answer(other))["stockChanged"][0]["available"] == 2


def _resolver(kind: Any, name: str) -> Any:
    (field,) = [each for each in kind.__strawberry_definition__.fields if each.python_name == name]
    return field.base_resolver


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
