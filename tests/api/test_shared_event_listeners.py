"""Those who follow the same: who leaves or is slow takes nothing from others, and nothing is kept of her."""

import asyncio
import gc
from typing import Any

import pytest
import uvicorn
from starlette.websockets import WebSocket

from app.orders.states import OrderState
from graphql_schema.compiled.execution import Execution
from graphql_schema.compiled.plans import Plan
from graphql_schema.compiled.shared_answers import SharedExecution
from graphql_schema.node import key_of
from graphql_schema.shared_subscriptions import SharedSubscription
from tests.api.callers import Caller
from tests.api.live import until
from tests.api.live_stock import CHANGED, KEY, WATCH
from tests.api.shared_listening import ONE, about, answer, listening
from tests.integration.shop import Shop
from tests.integration.stockroom import Stockroom
from tests.patience import PATIENCE_SECONDS


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
        await shop.move(order, OrderState.ACCEPTED)
        await asyncio.wait_for(is_made.wait(), PATIENCE_SECONDS)
        for number in (0, 2):
            await clients[number].connection.close()
        may_end.set()
        assert (await answer(clients[1]))["orderChanged"]["state"] == "ACCEPTED"


async def test_who_takes_nothing_is_told_to_come_back_and_delays_nobody(
    server: uvicorn.Server, umbrellas: Stockroom, member: Caller, monkeypatch: pytest.MonkeyPatch
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
            await umbrellas.hold((KEY, 1))
            assert (await answer(other))["stockChanged"][0]["available"] == left
        assert await slow.closing() == (1013, "TOO_SLOW")
        assert len(stuck) == 1
        await umbrellas.hold((KEY, 1))
        assert (await answer(other))["stockChanged"][0]["available"] == 2


async def test_a_slow_one_among_many_delays_none_and_gets_the_latest(
    server: uvicorn.Server, umbrellas: Stockroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """64 others hear of each change though she takes nothing; then she is told what is, once."""
    may_go_on, stuck = asyncio.Event(), []
    send = WebSocket.send_text

    async def send_late_to_her(socket: WebSocket, text: str) -> None:
        if '"her own 0"' in text and not may_go_on.is_set():
            stuck.append(text)
            await may_go_on.wait()
        await send(socket, text)

    async with listening(server, CHANGED, WATCH, *[(None, "ja")] * 5) as (slow, *others):
        for client in others:
            for number in range(15):
                await client.subscribe(CHANGED, WATCH, id=f"more {number}")
                await client.receive()
        monkeypatch.setattr(WebSocket, "send_text", send_late_to_her)
        for left in (4, 3, 2):
            await umbrellas.hold((KEY, 1))
            for client in others:
                for _ in range(16):
                    assert (await answer(client))["stockChanged"][0]["available"] == left
        may_go_on.set()
        told = [(await answer(slow))["stockChanged"][0]["available"] for _ in range(2)]
        assert told == [4, 2]
        assert len(stuck) == 1


async def test_nothing_is_kept_of_a_subscription_that_was_over_at_once(
    server: uvicorn.Server, umbrellas: Stockroom
) -> None:
    """Though its connection goes on, and the next ones have other ids."""

    def kept() -> int:
        gc.collect()
        return sum(isinstance(each, SharedSubscription) for each in gc.get_objects())

    async with listening(server, CHANGED, WATCH, (None, "ja")) as (client,):
        before = kept()
        for number in range(5):
            await client.subscribe(CHANGED, {"skuIds": []}, id=f"wrong {number}")
            assert await answer(client) == "STOCK_WATCH_INVALID"
            assert (await client.receive())["type"] == "complete"
        await until(lambda: kept() == before)
        assert before >= 1


async def test_nobody_has_a_task_while_nothing_happens(server: uvicorn.Server, umbrellas: Stockroom) -> None:
    async with listening(server, CHANGED, WATCH, (None, "ja")) as (client,):

        def told() -> set[str]:
            return {task.get_coro().__qualname__ for task in asyncio.all_tasks()}  # type: ignore[union-attr]

        await until(lambda: "SocketHandler.run_operation" not in told())
        await umbrellas.hold((KEY, 2))
        assert (await answer(client))["stockChanged"][0]["available"] == 3
        assert "SharedSubscription._run" not in told()
        await client.send("complete", id="her own 0")
        await client.subscribe(CHANGED, WATCH, id="her own 0")
        assert (await answer(client))["stockChanged"][0]["available"] == 3
