"""A request that is sent again happens once and gets the first answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.points.errors import InsufficientPoints
from app.shared.clock import Clock
from app.shared.database import Database, Document, Session
from app.shared.errors import Refusal
from app.shared.events import EVENTS, Event, EventLog
from app.shared.idempotency import (
    IDEMPOTENCY_KEYS,
    Idempotency,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    IdempotentRequest,
)
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
