"""`/graphql`: finds out who calls, runs the operation, and writes the answer (GraphQL over HTTP)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException, StarletteRequestAdapter
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData, process_result
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from app.auth.actor import Actor, PartnerActor, StaffActor
from app.auth.errors import TokenRefused
from app.auth.partners import Scope as PartnerScope
from app.services import Services
from app.shared.errors import TooManyConnections
from app.shared.i18n import DEFAULT_LANGUAGE, Language, preferred_language
from app.telemetry.observation import Outcome, note, observed
from graphql_schema.bodies import MAXIMUM_BATCH_BODY_BYTES, BodyTooLarge, LimitedBody
from graphql_schema.budget import Budget
from graphql_schema.compiled.official import Plans, answer_by_plan
from graphql_schema.context import Context
from graphql_schema.documents import DocumentRefused, observe_document, require_trusted, trusted_document
from graphql_schema.errors import TOKEN_TEXTS, error_answers, unexpected
from graphql_schema.event_streams import until_it_ends
from graphql_schema.listeners import Listeners
from graphql_schema.media_types import is_plain_json, mark_media_type
from graphql_schema.schema import schema
from graphql_schema.sockets import (
    INITIALISATION_TIME,
    MAXIMUM_OF_A_CONNECTION,
    TRY_AGAIN_LATER,
    Socket,
    SocketHandler,
)


class CallersRequest(StarletteRequestAdapter):
    """A request as Strawberry reads it, and who sent it."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.context: Context = request.state.context


class GraphQLEndpoint(GraphQL[Context, None]):
    """Answers in the media type that the caller accepts; without a wish, in `application/json`.

    In `application/graphql-response+json`, a request that fails before it is executed has status 400. A
    token that is not good is answered with 401, never taken for no token.
    """

    request_adapter_class = CallersRequest
    websocket_adapter_class = Socket
    graphql_transport_ws_handler_class = SocketHandler

    def __init__(
        self,
        connections_per_address: int,
        allowed_origins: Sequence[str] = (),
        graphiql: str | None = None,
        slow_seconds: float = 1.0,
        plans: Plans | None = None,
    ) -> None:
        """With GraphiQL's page, a browser is shown it, the schema can be read, and any query can be sent.

        Pages of the allowed origins may open WebSockets, so many from one address. Operations that have a
        plan are run by it.
        """
        super().__init__(
            schema,
            graphql_ide="graphiql" if graphiql else None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            connection_init_wait_timeout=INITIALISATION_TIME,
            max_subscriptions_per_connection=MAXIMUM_OF_A_CONNECTION,
            allowed_origins=allowed_origins,
        )
        self._graphiql = graphiql
        self.slow_seconds = slow_seconds
        self._shows_itself = graphiql is not None
        self._plans = plans or {}
        self._budget = Budget()
        self._listeners = Listeners(connections_per_address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._talk(WebSocket(scope, receive, send))
        else:
            await self._answer(scope, receive, send)

    async def _talk(self, socket: WebSocket) -> None:
        context = await self.context_of(socket, None)
        try:
            with self._listeners.connections_of_addresses.one_more(context.network):
                await self.run(socket, context=context)
            await context.finish()
        except TooManyConnections as refusal:
            await socket.accept(GRAPHQL_TRANSPORT_WS_PROTOCOL)  # only who was let in can be told why
            await socket.close(TRY_AGAIN_LATER, refusal.code)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = LimitedBody(receive)
        request = Request(scope, body.receive)
        with observed(self.slow_seconds):
            response = await self._response_to(request, body)
        if response is None:
            return  # nobody is there any more to be answered
        response.headers.setdefault("Cache-Control", "no-store")  # answers hold tokens and what is hers
        mark_media_type(response, request)
        await response(scope, receive, send)
        context: Context | None = getattr(request.state, "context", None)
        if context is not None:
            await context.finish()

    async def _response_to(self, request: Request, body: LimitedBody) -> Response | None:
        """The answer; None when who asked has gone."""
        try:
            request.state.context = await self.context_of(request, request.headers.get("authorization"))
            if _sends_batches(request.state.context.actor):
                body.limit = MAXIMUM_BATCH_BODY_BYTES
            return await self._by_plan(request) or await self.run(request, context=request.state.context)
        except TokenRefused as error:
            return _unauthorized(error, request)
        except BodyTooLarge as error:
            return _failure(413, str(error), {"code": "BODY_TOO_LARGE"})
        except DocumentRefused as error:
            return _failure(400, str(error), {"code": error.code})
        except ClientDisconnect:
            return None
        except HTTPException as error:
            return _failure(error.status_code, error.reason, {"code": "BAD_REQUEST"})
        except Exception as error:
            message, extensions = unexpected(error, _language(request))
            status = 503 if extensions["code"] == "UNAVAILABLE" else 500
            return _failure(status, message, extensions)

    async def _by_plan(self, request: Request) -> Response | None:
        """The answer to an operation that has a plan; None when graphql-core is to answer."""
        if not self._plans or not is_plain_json(request):
            return None
        try:
            wanted = orjson.loads(await request.body())
        except ValueError:
            return None
        result = await answer_by_plan(self._plans, wanted, request.state.context)
        if result is None:
            return None
        body = self.encode_json(await self.process_result(request, result))
        return Response(body, media_type="application/json")

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        """The request, with the text of the document it names by a hash. Raises DocumentRefused."""
        data = await super().parse_http_body(request)
        if isinstance(data, list):
            return data
        document_id = await _document_id(request) if data.query is None else None
        actor = cast(CallersRequest, request).context.actor
        text = self.document(data.query, document_id, data.extensions, actor)
        observe_document(text)
        return replace(data, query=text)

    def document(
        self, query: str | None, document_id: object, extensions: Mapping[str, Any] | None, actor: Actor
    ) -> str | None:
        """The text of the document that is to be run for this caller. Raises DocumentRefused."""
        if query is None:
            return trusted_document(document_id, extensions)
        if not self._shows_itself and not isinstance(actor, PartnerActor):
            require_trusted(query)
        return query

    async def context_of(self, connection: HTTPConnection, authorization: str | None) -> Context:
        """Who calls on this connection, and how. Raises TokenRefused."""
        services: Services = connection.app.state.services
        actor = await services.door.actor(authorization)
        return Context(
            services=services,
            actor=actor,
            accepted_language=preferred_language(connection.headers.get("accept-language")),
            now=services.clock.now(),
            may_introspect=self._shows_itself or _reads_the_schema(actor),
            client_address=connection.client.host if connection.client else "",
            budget=self._budget,
            listeners=self._listeners,
        )

    async def create_streaming_response(
        self,
        request: Request | WebSocket,
        stream: Callable[[], AsyncIterator[str]],  # in truth, a generator
        sub_response: Response,
        headers: Mapping[str, str],
    ) -> Response:
        """The events of a subscription (Server-Sent Events), for as long as the caller may listen."""
        context: Context = request.state.context
        lease = context.services.door.lease(context.actor, request.headers.get("authorization"))
        leaving: asyncio.Event = request.app.state.leaving

        def events() -> AsyncIterator[str]:
            return until_it_ends(cast(AsyncGenerator[str, None], stream()), lease, leaving, context.language)

        return await super().create_streaming_response(request, events, sub_response, headers)

    async def render_graphql_ide(self, request: Request) -> Response:
        return HTMLResponse(self._graphiql)

    async def process_result(
        self, request: Request | WebSocket, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """The answer, its errors told as they may leave the house."""
        request.state.failed_before_execution = _failed_before_execution(result.data, result.errors)
        if result.errors:
            context: Context = request.state.context
            result.errors = error_answers(result.errors, context.language, hints=context.may_introspect)
        answer = process_result(result)
        if request.state.failed_before_execution:
            del answer["data"]
        return answer

    def decode_json(self, data: str | bytes) -> object:
        """A JSON object, or the array of a batch; Strawberry answers ValueErrors with 400."""
        value = orjson.loads(data)
        if not isinstance(value, dict | list):
            raise HTTPException(400, "The request body must be a JSON object")
        return value

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)


def _sends_batches(actor: Actor) -> bool:
    return isinstance(actor, PartnerActor | StaffActor)


def _reads_the_schema(actor: Actor) -> bool:
    return isinstance(actor, PartnerActor) and PartnerScope.SCHEMA_READ in actor.scopes


async def _document_id(request: AsyncHTTPRequestAdapter) -> object:
    if request.method == "GET":
        return request.query_params.get("documentId")
    body = orjson.loads(await request.get_body())
    return body.get("documentId")


def _failed_before_execution(data: Any, errors: list[GraphQLError] | None) -> bool:
    """Whether no field was resolved: then there is no data, and no error has a path."""
    return data is None and bool(errors) and all(error.path is None for error in errors or [])


def _unauthorized(error: TokenRefused, request: Request) -> Response:
    response = _failure(401, TOKEN_TEXTS[error.code][_language(request)], {"code": error.code})
    response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return response


def _language(request: Request) -> Language:
    """The language of a caller who is not known."""
    return preferred_language(request.headers.get("accept-language")) or DEFAULT_LANGUAGE


def _failure(status: int, message: str, extensions: dict[str, str]) -> Response:
    note(Outcome.REFUSED)
    body = {"errors": [{"message": message, "extensions": extensions}]}
    return Response(orjson.dumps(body), status_code=status, media_type="application/json")
