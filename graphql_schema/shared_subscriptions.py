"""Subscriptions that many share: who follows one over a WebSocket needs no task while nothing happens.

An event comes to all who follow the same in one turn. Its answer is made once (`compiled.shared_answers`),
and then each is told at once: if her lease is known to last, she may read all of it, and her connection takes
it without waiting. Only for her who has to be waited for there is a task; what she misses comes as one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, cast

import orjson
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import Operation

from app.inventory.shared_watch import StockWatcher
from app.telemetry.observation import counted_subscription
from graphql_schema.compiled.shared_answers import SharedAnswer
from graphql_schema.context import Context
from graphql_schema.following import Following
from graphql_schema.inventory.events import StockEvents, shown
from graphql_schema.inventory.levels import StockLevel

if TYPE_CHECKING:
    from graphql_schema.sockets import Socket, SocketHandler


class SharedSubscription:
    """One caller's, until she leaves or there is nothing more to come."""

    __slots__ = (
        "_begin",
        "_event",
        "_following",
        "_handler",
        "_operation",
        "_place",
        "_socket",
        "_variables",
        "_watcher",
    )

    def __init__(
        self, handler: "SocketHandler", operation: Operation[Context, None], following: Following
    ) -> None:
        self._handler = handler
        self._socket = cast("Socket", handler.websocket)
        self._operation = operation
        self._following = following
        self._begin = f'{{"id":{orjson.dumps(operation.id).decode()},"type":"next","payload":'
        self._event: list[StockLevel] | None = None  # what she is being told
        self._place = ExitStack()  # among those who listen
        self._variables = copy_context()
        self._watcher: StockWatcher

    async def begin(self, events: StockEvents) -> None:
        """Has her told from here on. What goes wrong is told too."""
        context = self._following.context
        try:
            self._place.enter_context(context.listeners.subscriptions.one_more(context.caller))
            self._place.enter_context(counted_subscription())
            self._watcher = await events.begin()
        except Exception as error:
            await self._fail(error)
            return
        self._place.callback(self._watcher.leave)
        self._watcher.on_news = self._look
        self._look()

    def leave(self) -> None:
        """From here on she is told nothing."""
        self._event = None
        self._place.close()

    def _look(self) -> None:
        """Tells her what is new; while she is being told something, that has to wait."""
        if self._event is not None:
            return
        try:
            told = self._watcher.take()
        except Exception as error:
            self._begin_task(partial(self._fail, error))
            return
        if told is None:
            return
        self._event = shown(told.what)
        self._following.context.renew(told.moment)
        answer = self._following.answer_for_all(self._event)
        if answer is None:
            self._begin_task(self._tell_alone)
        elif answer.made.done():
            self._tell(answer)
        else:
            answer.made.add_done_callback(lambda _: self._tell(answer))

    def _tell(self, answer: SharedAnswer) -> None:
        """Gives her an answer that was made for all, if nothing has to be waited for."""
        if self._event is None:
            return  # she left meanwhile
        body = answer.body_for(self._following.context)
        if body is None or not self._handler.lease.is_known_to_last():
            self._begin_task(self._tell_alone)
            return
        try:
            sending = self._socket.begin_to_send(f"{self._begin}{body}}}")
        except WebSocketDisconnected:
            self.leave()
            return
        if sending.is_done:
            self._event = None
            self._look()
        else:
            self._begin_task(partial(self._socket.end_sending, sending))

    async def _tell_alone(self) -> None:
        """Tells her, whatever has to be waited for."""
        if self._event is None or not await self._handler.is_let_in():
            self.leave()
            return
        body = await self._following.body(self._event)
        await self._socket.send_text(f"{self._begin}{body}}}")

    async def _fail(self, error: Exception) -> None:
        """Tells her what went wrong, and that nothing more comes."""
        with suppress(WebSocketDisconnected):
            await self._socket.send_text(f"{self._begin}{self._following.failure(error)}}}")
        self.leave()  # before the id may be another's
        with suppress(WebSocketDisconnected):
            await self._operation.send_operation_message({"id": self._operation.id, "type": "complete"})

    def _begin_task(self, act: Callable[[], Awaitable[None]]) -> None:
        self._operation.task = asyncio.create_task(self._run(act), context=self._variables)

    async def _run(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except WebSocketDisconnected:
            self.leave()
        except Exception as error:
            await self._fail(error)
        else:
            self._event = None
            self._look()
