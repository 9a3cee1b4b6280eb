"""Subscriptions as Server-Sent Events (graphql-sse, distinct connections mode)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import cast

import orjson
from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from app.auth.errors import TokenRefused
from app.auth.leases import Lease
from app.shared.i18n import Language
from graphql_schema.errors import TOKEN_TEXTS, unexpected
from graphql_schema.following import SLOW_SECONDS, CannotFollow, Following


async def until_it_ends(
    events: AsyncGenerator[str, None], lease: Lease, leaving: asyncio.Event, language: Language
) -> AsyncGenerator[str, None]:
    """The events, until there are no more or the caller may no longer listen, which a last one says.

    When this server leaves, the stream breaks off without a word: the client is to ask another one.
    """
    told: asyncio.Queue[tuple[str, bool]] = asyncio.Queue(maxsize=1)  # an event, and whether it is the last

    async def tell() -> None:
        try:
            async with aclosing(events):
                async for event in events:
                    if refused := await lease.refused():
                        await told.put((_refusal(refused, language), True))
                        return
                    await told.put((event, False))
        except Exception as error:
            unexpected(error, language)
        await told.put(("", True))

    async def end() -> None:
        await told.put((_refusal(await lease.end(), language), True))

    async def leave() -> None:
        await leaving.wait()
        await told.put(("", True))

    tasks = [asyncio.create_task(act()) for act in (tell, end, leave)]
    try:
        is_last = False
        while not is_last:
            event, is_last = await told.get()
            yield event
    finally:
        for task in tasks:
            task.cancel()


class EventStream(StreamingResponse):
    """Events until there are no more, or until the client has taken none of what was sent for so long.

    Then the answer breaks off, and the server closes the connection: the client is to come back.
    """

    async def stream_response(self, send: Send) -> None:
        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(SLOW_SECONDS):
                await send(message)

        async with aclosing(cast(AsyncGenerator[str, None], self.body_iterator)):
            with suppress(TimeoutError):
                await super().stream_response(send_in_time)


@dataclass(frozen=True, slots=True)
class Written:
    """An answer that is JSON already, its errors among it."""

    text: str
    errors: None = None


async def written(following: Following) -> AsyncGenerator[Written, None]:
    """What is followed, answer by answer."""
    try:
        bodies = await following.begin()
    except CannotFollow as refused:
        answer = {"errors": [error.formatted for error in refused.errors]}
        yield Written(orjson.dumps(answer).decode())
        return
    async with aclosing(bodies):
        async for body in bodies:
            yield Written(body)


def _refusal(error: TokenRefused, language: Language) -> str:
    message = TOKEN_TEXTS[error.code][language]
    answer = orjson.dumps({"errors": [{"message": message, "extensions": {"code": error.code}}]}).decode()
    return f"event: next\r\ndata: {answer}\r\n\r\nevent: complete\r\ndata: \r\n\r\n"
