"""Many who follow the same official subscription, and what each of them is told."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

import pytest
import uvicorn

from app.orders.model import Order
from graphql_schema.compiled.official import official_plans
from graphql_schema.compiled.plans import Plan, plan_of
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from graphql_schema.schema import schema
from tests.api.live import SocketClient, socket_to

ONE, COUNTER, INBOX = (TEXTS[name] for name in ("order_changed", "counter_order_changed", "inbox_changed"))


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


def resolver_of(kind: Any, name: str) -> Any:
    """Strawberry's own object for the resolver of a field, whose function tests replace."""
    (field,) = [each for each in kind.__strawberry_definition__.fields if each.python_name == name]
    return field.base_resolver
