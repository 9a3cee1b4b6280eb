"""What is made for all is told to nobody who may not read it, and what fails for one fails for her alone."""

from contextlib import AsyncExitStack
from typing import Any

import pytest
import uvicorn

from app.auth.partners import Scope
from app.auth.roles import Role
from app.inventory.obtaining import AvailabilityLevel
from app.orders.states import OrderState
from app.services import Services
from graphql_schema.inventory.levels import StockLevel
from graphql_schema.node import key_of
from graphql_schema.orders.types import OrderedItem
from tests.api.callers import Caller
from tests.api.live import events_of
from tests.api.live_stock import CHANGED, KEY, WATCH
from tests.api.shared_listening import ONE, about, answer, compile_too, listening, resolver_of
from tests.arrangements import a_shift, add_stores
from tests.examples import a_store
from tests.integration.shop import Shop
from tests.integration.stockroom import Stockroom


async def test_what_keepers_of_stock_read_is_not_told_to_others(
    server: uvicorn.Server,
    services: Services,
    umbrellas: Stockroom,
    member: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "subscription ($skuIds: [ID!]!) { stockChanged(skuIds: $skuIds) { available onHand } }"
    compile_too(monkeypatch, text)
    partner, _ = await services.partners.create("Till", [Scope.STOCK_WRITE])
    till = services.partners.grant(partner, None).token.text
    await add_stores(services.database, a_store(id="elsewhere"))
    elsewhere = await a_shift(services, Role.COUNTER, "elsewhere")
    here = await a_shift(services, Role.COUNTER, "here")
    tokens = [till, None, member.token, here.access_token, elsewhere.access_token]
    async with listening(server, text, WATCH, *((token, "ja") for token in tokens)) as clients:
        await umbrellas.hold((KEY, 2))
        known = {"stockChanged": [{"available": 3, "onHand": 5}]}
        told = [await answer(client) for client in clients]
        assert told == [known, "UNAUTHENTICATED", "FORBIDDEN", known, "FORBIDDEN"]


@pytest.mark.parametrize("is_socket", [True, False])
async def test_who_was_signed_out_is_told_nothing_more(
    server: uvicorn.Server,
    umbrellas: Stockroom,
    member: Caller,
    other_member: Caller,
    monkeypatch: pytest.MonkeyPatch,
    is_socket: bool,
) -> None:
    """Though nobody has looked after her session since: it is looked at before each event."""
    monkeypatch.setattr("app.auth.leases.CHECK_SECONDS", 3_600)
    async with AsyncExitStack() as connections:
        callers = [(other_member.token, "ja")] + [(member.token, "ja")] * is_socket
        clients = await connections.enter_async_context(listening(server, CHANGED, WATCH, *callers))
        page = await connections.enter_async_context(events_of(server, CHANGED, WATCH, member.token))
        await page.next()
        await member.send("mutation { signOut { __typename } }")
        await umbrellas.hold((KEY, 2))
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
    resolver = resolver_of(OrderedItem, "name")
    name = resolver.wrapped_func

    def broken_in_english(item: OrderedItem, info: Any, locale: str | None = None) -> Any:
        if info.context.language == "en":
            raise RuntimeError("no dictionary")
        return name(item, info, locale)

    monkeypatch.setattr(resolver, "wrapped_func", broken_in_english)
    compile_too(monkeypatch, ONE)
    callers = [(member.token, "en"), (clerk.access_token, "en"), (clerk.access_token, "ja")]
    async with listening(server, ONE, about(order), *callers) as (one, two, other):
        await shop.move(order, OrderState.ACCEPTED)
        ids = set()
        for client in (one, two):
            (error,) = (await client.receive())["payload"]["errors"]
            assert error["extensions"]["code"] == "INTERNAL_ERROR"
            ids.add(error["extensions"]["errorId"])
        assert len(ids) == 2
        assert (await answer(other))["orderChanged"]["state"] == "ACCEPTED"


async def test_a_resolver_that_asks_who_calls_after_all_is_never_shared(
    server: uvicorn.Server, umbrellas: Stockroom, member: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it has declared: where answers are made for all there is nobody to be asked about."""

    def by_caller(level: StockLevel, info: Any) -> AvailabilityLevel:
        is_known = hasattr(info.context.actor, "member_id")
        return AvailabilityLevel.IN_STOCK if is_known else AvailabilityLevel.OUT

    monkeypatch.setattr(resolver_of(StockLevel, "level"), "wrapped_func", by_caller)
    compile_too(monkeypatch, CHANGED)
    async with listening(server, CHANGED, WATCH, (None, "ja"), (member.token, "ja")) as clients:
        await umbrellas.hold((KEY, 2))
        levels = [(await answer(each))["stockChanged"][0]["level"] for each in clients]
        assert levels == ["OUT", "IN_STOCK"]
