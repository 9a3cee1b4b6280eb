"""The bench's rows that need no MongoDB: the home screen in memory, and what traces cost."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from starlette.types import ASGIApp

from bench import canned, engine, home, tracing_cost
from bench.home import APPLICATION, ENGINE, Screen, _home_screens, home_table, settings_of_home
from bench.load import Span, post
from bench.official.calls import Call
from bench.servers import Server
from bench.tracing_cost import PERCENT, tracing_costs
from bench.tracing_cost import table as tracing_table
from graphql_schema import budget
from graphql_schema.compiled.official import official_plans
from tests.listeners import take_no_more

BODY = b'{"data":{"me":{"pointsAwarded":10,"discount":10}}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


async def answer_of(application: ASGIApp, query: str, bearer: str = "") -> Any:
    """The data that the application answers a query with."""
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        headers = {"Authorization": f"Bearer {bearer}"}
        return (await client.post("/graphql", json={"query": query}, headers=headers)).json()["data"]


@pytest.fixture
def garbage_as_it_was() -> Iterator[None]:
    """The application says how garbage is collected in its process."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("garbage_as_it_was")
async def test_the_whole_application_answers_as_its_plain_route(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "CAPACITY", budget.CAPACITY)  # what it changes is changed back
    monkeypatch.setitem(cast(dict[str, Any], official_plans()), canned.HOME, None)  # it adds one for this
    settings = [settings_of_home(name, tmp_path) for name in APPLICATION.servers]
    assert [each.compiled_operations for each in settings] == ["off", "on", "off"]
    applications = [canned.plain_application(), *map(canned.graphql_application, settings[1:])]
    answers = []
    for each in applications:
        async with each.router.lifespan_context(each):
            answers.append(await answer_of(each, canned.HOME, canned.token(settings[0])))
    assert answers == [answers[0]] * 3
    assert len(answers[0]["me"]["checkIns"]["edges"]) == len(canned.VISITS.items)


def test_the_engine_alone_answers_as_its_plain_route() -> None:
    applications = [engine.application(kind) for kind in ("plain", "plans", "stock")]
    answers = [asyncio.run(answer_of(each, engine.HOME)) for each in applications]
    assert answers == [answers[0]] * 3
    assert len(answers[0]["me"]["coupons"]["edges"]) == len(engine.COUPONS.edges)


@asynccontextmanager
async def servers_of(names: Iterable[str]) -> AsyncIterator[list[Server]]:
    """Servers of these names, all of them this process, that give the same answer to everything."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(int(head.rpartition(b"Content-Length: ")[2]))
                writer.write(ANSWER)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listening:
        (socket,) = listening.sockets
        yield [Server(name, socket.getsockname()[1], os.getpid()) for name in names]
        await take_no_more(socket.fileno())


@pytest.mark.parametrize("screen", [ENGINE, APPLICATION])
async def test_a_home_screen_is_told_beside_the_plain_route(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "WARM_UP", Span(0.0))
    async with servers_of(screen.servers) as servers:
        request = post("/graphql", "token", b"{}")
        screens = await _home_screens(servers, request, screen.marker, callers=2, rounds=2, seconds=0.01)
    assert [row[0] for row in home_table(screen, screens).rows] == list(screen.servers)
    assert screens[0].ratio == 1
    assert all(each.requests_per_second > 0 and each.p99_milliseconds > 0 for each in screens)


async def test_what_traces_cost_is_told_by_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing_cost, "WARM_UP", Span(0.0))
    async with servers_of(PERCENT) as servers:
        calls = [Call("token", {"number": number}) for number in range(2)]
        costs = await tracing_costs(servers, "home", calls, callers=2, rounds=2, seconds=0.01)
    assert [row[:2] for row in tracing_table(costs).rows] == [
        ("home", "none"),
        ("home", "1 %"),
        ("home", "100 %"),
    ]
    assert all(each.requests > 0 and each.processor_milliseconds > 0 for each in costs)
