"""Server-Sent Events for who takes nothing of them."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
from starlette.types import Message

from graphql_schema.event_streams import EventStream
from tests.patience import PATIENCE_SECONDS


async def test_who_takes_no_event_for_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphql_schema.event_streams.SLOW_SECONDS", 0.05)
    is_over = asyncio.Event()
    sent: list[Message] = []

    async def events() -> AsyncGenerator[str, None]:
        try:
            yield "data: 1\r\n\r\n"
            yield "data: 2\r\n\r\n"
        finally:
            is_over.set()

    async def receive() -> Message:
        await asyncio.Event().wait()  # she stays
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()
        sent.append(message)

    async with asyncio.timeout(PATIENCE_SECONDS):
        await EventStream(events())({"type": "http"}, receive, send)
    assert is_over.is_set()
    assert [message["type"] for message in sent] == ["http.response.start"]
