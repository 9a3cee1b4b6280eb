"""Operations over WebSockets (graphql-transport-ws), under the same rules as over HTTP.

The token comes in the payload of `connection_init`, as `authorization`. When it ends, the connection is
closed with 4403 and a reason that says to come back with a new one.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, aclosing, suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import orjson
from graphql import GraphQLError
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from app.auth.actor import ANONYMOUS
from app.auth.errors import TokenRefused
from app.auth.leases import Lease
from app.shared.errors import TooManyConnections, TooManySubscriptions
from app.shared.processes.at_once import Begun
from app.telemetry.observation import observed
from graphql_schema.context import Context
from graphql_schema.documents import DocumentRefused, observe_document
from graphql_schema.errors import error_answers, unexpected
from graphql_schema.following import SLOW_SECONDS, CannotFollow
from graphql_schema.inventory.events import StockEvents
from graphql_schema.shared_subscriptions import SharedSubscription

if TYPE_CHECKING:
    from graphql_schema.view import GraphQLView

INITIALISATION_TIME = timedelta(seconds=10)
MAXIMUM_OF_A_CONNECTION = 20
MAXIMUM_MESSAGE_BYTES = 64 * 1024
MAXIMUM_ID_LENGTH = 100

FORBIDDEN = 4403
TRY_AGAIN_LATER = 1013
TOO_SLOW = "TOO_SLOW"


class Socket(ASGIWebSocketAdapter):
    """A WebSocket that carries JSON objects as text."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        with suppress(WebSocketDisconnect):
            while self.ws.application_state != WebSocketState.DISCONNECTED:
                yield _read(await self.ws.receive())

    async def send_json(self, message: Mapping[str, object]) -> None:
        await self.send_text(orjson.dumps(message).decode())

    async def send_text(self, text: str) -> None:
        """Sends it, or gives up on who has not taken what was sent for so long: she is to come back.

        Raises WebSocketDisconnected.
        """
        sending = self.begin_to_send(text)
        if not sending.is_done:
            await self.end_sending(sending)

    def begin_to_send(self, text: str) -> Begun:
        """Sends it as far as that goes without waiting. Raises WebSocketDisconnected."""
        try:
            return Begun(self.ws.send_text(text))
        except (WebSocketDisconnect, RuntimeError) as error:  # the latter when it was closed meanwhile
            raise WebSocketDisconnected from error

    async def end_sending(self, sending: Begun) -> None:
        """Sends the rest, as `send_text` does."""
        try:
            async with asyncio.timeout(SLOW_SECONDS):
                await sending
        except TimeoutError:
            with suppress(TimeoutError):
                async with asyncio.timeout(SLOW_SECONDS):
                    await self.close(TRY_AGAIN_LATER, TOO_SLOW)
            raise WebSocketDisconnected from None
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            await self.ws.close(code=code, reason=reason)


class SocketHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """One connection. Each operation has a context of its own, as if it came by itself."""

    lease: Lease
    _lease_end: "asyncio.Future[TokenRefused] | None" = None
    _closing: "asyncio.Task[None] | None" = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._place = ExitStack()  # among the connections of its caller
        self._shared: dict[str, SharedSubscription] = {}  # by the ids of their operations

    async def handle_connection_init(self, message: Any) -> None:
        authorization = _object(message, "payload").get("authorization")
        if not isinstance(authorization, str | None):
            await self.handle_invalid_message("authorization must be a string")
            return
        if not self.connection_init_received:
            try:
                await self._admit(authorization)
            except TokenRefused as error:
                await self.websocket.close(FORBIDDEN, error.code)
                return
            except TooManyConnections as refusal:
                await self.websocket.close(TRY_AGAIN_LATER, refusal.code)
                return
            except Exception as error:
                _, extensions = unexpected(error, self.context.language)
                await self.websocket.close(TRY_AGAIN_LATER, extensions["code"])
                return
        await super().handle_connection_init(message)
        self.connection_init_timeout_task = None  # who has begun may stay for hours

    async def _admit(self, authorization: str | None) -> None:
        """Finds out who calls, and has the connection closed when that ends.

        Raises TokenRefused, and TooManyConnections for who is known and has many already.
        """
        view = cast("GraphQLView", self.view)
        socket = cast(Socket, self.websocket).ws
        language = socket.headers.get("accept-language")
        self.context = await view.context_of(socket.scope, authorization, language)
        if self.context.actor != ANONYMOUS:
            connections = self.context.listeners.connections
            self._place.enter_context(connections.one_more(self.context.caller))
        self.lease = self.context.services.door.lease(self.context.actor, authorization)
        self._lease_end = self.lease.end()
        self._lease_end.add_done_callback(self._close_at_its_end)

    def _close_at_its_end(self, end: "asyncio.Future[TokenRefused]") -> None:
        if not end.cancelled():
            self._closing = asyncio.create_task(self.websocket.close(FORBIDDEN, end.result().code))

    async def handle_subscribe(self, message: Any) -> None:
        payload = _object(message, "payload")
        query, variables = payload.get("query"), payload.get("variables")
        operation_name, extensions = payload.get("operationName"), payload.get("extensions")
        if not (
            isinstance(message["id"], str)
            and len(message["id"]) <= MAXIMUM_ID_LENGTH
            and isinstance(query, str | None)
            and isinstance(variables, dict | None)
            and isinstance(operation_name, str | None)
            and isinstance(extensions, dict | None)
        ):
            await self.handle_invalid_message("Failed to parse message")
            return
        if self.connection_acknowledged and len(self.operations) >= MAXIMUM_OF_A_CONNECTION:
            refusal = TooManySubscriptions(maximum=MAXIMUM_OF_A_CONNECTION)
            await self._refuse(message["id"], refusal.code, refusal.message(self.context.language))
            return
        try:
            view = cast("GraphQLView", self.view)
            query = view.document(query, payload.get("documentId"), extensions, self.context.actor)
        except DocumentRefused as error:
            await self._refuse(message["id"], error.code, str(error))
            return
        message["payload"] = {**payload, "query": query}
        await super().handle_subscribe(message)

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        """Runs an operation to its end; its errors are told as they may leave the house."""
        now = self.context.services.clock.now()
        context = replace(self.context, now=now, let_in={}, let_in_ids=set())
        try:
            with observed(cast("GraphQLView", self.view).slow_seconds) as observation:
                observation.caller = context.actor
                observe_document(operation.query)
                if not await self._follow(operation, context):
                    await self._run(operation, context)
        except WebSocketDisconnected:
            return
        except Exception as error:
            message, extensions = unexpected(error, context.language)
            await operation.send_initial_errors([GraphQLError(message, extensions=extensions)])

    async def _follow(self, operation: Operation[Context, None], context: Context) -> bool:
        """Runs an official subscription by its plan; false where there is none. Whoever is told is let in."""
        request = {"query": operation.query, "variables": operation.variables}
        request["operationName"] = operation.operation_name
        following = cast("GraphQLView", self.view).following(request, context)
        if following is None:
            return False
        try:
            events = await following.events()
        except CannotFollow as error:
            await operation.send_initial_errors(error.errors)
            return True
        if isinstance(events, StockEvents):
            shared = self._shared[operation.id] = SharedSubscription(self, operation, following)
            await shared.begin(events)
            return True
        begin = f'{{"id":{orjson.dumps(operation.id).decode()},"type":"next","payload":'
        async with aclosing(following.bodies(events)) as bodies:
            async for body in bodies:
                if not await self.is_let_in():
                    return True
                await cast(Socket, self.websocket).send_text(f"{begin}{body}}}")
                del body  # until the next one comes, which may take hours
        await operation.send_operation_message({"id": operation.id, "type": "complete"})
        return True

    async def is_let_in(self) -> bool:
        """Whether the caller may still listen; the connection is closed if not."""
        if self.lease.is_known_to_last():
            return True
        refused = await self.lease.refused()
        if refused is not None:
            await self.websocket.close(FORBIDDEN, refused.code)
        return refused is None

    async def _run(self, operation: Operation[Context, None], context: Context) -> None:
        results = await self.schema.stream(
            operation.query,
            variable_values=operation.variables,
            context_value=context,
            operation_name=operation.operation_name,
        )
        async with aclosing(results):
            async for each in results:
                result = cast(ExecutionResult, each)  # nothing is delivered in increments here
                if result.errors:
                    result.errors = error_answers(
                        result.errors, context.language, hints=context.may_introspect
                    )
                if isinstance(result, PreExecutionError):
                    await operation.send_initial_errors(result.errors or [])
                    return
                await operation.send_next(result)
        await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _refuse(self, id: str, code: str, message: str) -> None:
        refusal = GraphQLError(message, extensions={"code": code})
        await self.send_message({"id": id, "type": "error", "payload": [refusal.formatted]})

    async def handle_complete(self, message: Any) -> None:
        if isinstance(message["id"], str):
            await super().handle_complete(message)
        else:
            await self.handle_invalid_message("Failed to parse message")

    async def cleanup_operation(self, operation_id: str) -> None:
        if shared := self._shared.pop(operation_id, None):
            shared.leave()
        await super().cleanup_operation(operation_id)

    def forget_id(self, id: str) -> None:
        self._shared.pop(id, None)
        super().forget_id(id)

    async def shutdown(self) -> None:
        if self._lease_end is not None:
            self._lease_end.cancel()
        with self._place:
            await super().shutdown()


def _read(received: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object in a message of the client."""
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received.get("code", 1005), received.get("reason"))
    text = received.get("text")
    if text is None:
        raise NonTextMessageReceived
    if len(text.encode("utf-8", "surrogatepass")) > MAXIMUM_MESSAGE_BYTES:
        raise NonJsonMessageReceived
    try:
        message = orjson.loads(text)
    except ValueError:
        raise NonJsonMessageReceived from None
    if not isinstance(message, dict):
        raise NonJsonMessageReceived
    return message


def _object(message: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object in this field of a message; an empty one where there is none."""
    value = message.get(name)
    return value if isinstance(value, dict) else {}
