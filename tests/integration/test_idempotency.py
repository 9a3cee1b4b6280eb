"""A request that is sent again happens once and gets the first answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.news.errors import TooMuchNews
from app.points.errors import InsufficientPoints
from app.shared.clock import Clock
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.events import EVENTS, Event, EventLog
from app.shared.idempotency import (
    IDEMPOTENCY_KEYS,
    Idempotency,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    IdempotentRequest,
)
from app.shared.mongodb.database import Database, Document, Session
from tests.conftest import NOON_IN_TOKYO

Work = Callable[[Session], Awaitable[Document]]


def a_request(key: str = "key-00000001", caller: str = "member", **content: Any) -> IdempotentRequest:
    return IdempotentRequest(caller, "act", key, content or {"amount": 1})


@pytest.fixture
def idempotency(database: Database, clock: Clock) -> Idempotency:
    return Idempotency(database, clock)


@pytest.fixture
def work(database: Database) -> Work:
    """Writes one event each time it takes effect."""

    async def act(session: Session) -> Document:
        event = Event("CheckedIn", "member", NOON_IN_TOKYO, {})
        await EventLog(database).append(event, session)
        return {"event_id": event.id}

    return act


@pytest.fixture
def refusing_work(database: Database, work: Work) -> Work:
    async def act(session: Session) -> Document:
        await work(session)
        raise InsufficientPoints(requested=5, balance=await database.collection(EVENTS).count({}))

    return act


async def forget(session: Session, refusal: Refusal) -> None:
    """Keeps nothing of a refusal."""


async def effects(database: Database) -> int:
    return await database.collection(EVENTS).count({})


async def test_the_first_answer_comes_again(idempotency: Idempotency, database: Database, work: Work) -> None:
    first = await idempotency.once(a_request(), work, forget)
    assert await idempotency.once(a_request(), work, forget) == first
    assert await effects(database) == 1


async def test_other_keys_callers_and_operations_are_other_requests(
    idempotency: Idempotency, database: Database, work: Work
) -> None:
    for request in (a_request(), a_request("key-00000002"), a_request(caller="another")):
        await idempotency.once(request, work, forget)
    await idempotency.once(IdempotentRequest("member", "other", "key-00000001", {"amount": 1}), work, forget)
    assert await effects(database) == 4


async def test_the_same_key_with_other_content_is_refused(
    idempotency: Idempotency, database: Database, work: Work
) -> None:
    await idempotency.once(a_request(amount=1), work, forget)
    with pytest.raises(IdempotencyKeyReused):
        await idempotency.once(a_request(amount=2), work, forget)
    assert await effects(database) == 1


async def test_32_callers_with_one_key_take_effect_once(
    idempotency: Idempotency, database: Database, work: Work
) -> None:
    answers = await asyncio.gather(*(idempotency.once(a_request(), work, forget) for _ in range(32)))
    assert await effects(database) == 1
    assert all(answer == answers[0] for answer in answers)


async def test_a_refusal_comes_again_and_leaves_no_effect(
    idempotency: Idempotency, database: Database, work: Work, refusing_work: Work
) -> None:
    stored: list[str] = []

    async def keep(session: Session, refusal: Refusal) -> None:
        stored.append(refusal.code)

    for each in (refusing_work, refusing_work, work):
        with pytest.raises(InsufficientPoints) as refused:
            await idempotency.once(a_request(), each, keep)
        assert refused.value.numbers == {"requested": 5, "balance": 0}
    assert stored == ["INSUFFICIENT_POINTS"]
    assert await effects(database) == 0


@pytest.mark.parametrize("in_the_way", [TooMuchNews(maximum=1), SeveralRefusals([InsufficientPoints()])])
async def test_whose_twin_is_in_the_way_gets_the_twins_answer(
    idempotency: Idempotency, database: Database, work: Work, in_the_way: Exception
) -> None:
    """The request looked for its answer before the same one, sent at once, took what both need."""
    answers: list[Document] = []

    async def look_late(session: Session) -> Document:
        answers.append(await idempotency.once(a_request(), work, forget))
        raise in_the_way

    answers.append(await idempotency.once(a_request(), look_late, forget))
    assert answers[0] == answers[1]
    assert await effects(database) == 1
    with pytest.raises(type(in_the_way)):
        await idempotency.once(a_request("key-00000002"), raising(in_the_way), forget)
    assert (await idempotency.once(a_request("key-00000002"), work, forget)) != answers[0]


def raising(refusal: Exception) -> Work:
    async def act(session: Session) -> Document:
        raise refusal

    return act


async def test_a_failure_can_be_tried_again(idempotency: Idempotency, database: Database, work: Work) -> None:
    async def fail(session: Session) -> Document:
        await work(session)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await idempotency.once(a_request(), fail, forget)
    assert await database.collection(IDEMPOTENCY_KEYS).count({}) == 0
    await idempotency.once(a_request(), work, forget)
    assert await effects(database) == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 129, "key\n0000000", "かぎかぎかぎかぎ", "key 0\x00000"])
def test_keys_have_bounds(key: str) -> None:
    with pytest.raises(IdempotencyKeyInvalid):
        a_request(key)
