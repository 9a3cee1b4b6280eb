"""Strawberry's view: reads whatever form a request has, and has graphql-core execute it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import orjson
from cross_web import AsyncHTTPRequestAdapter, HTTPException, StarletteRequestAdapter
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData, process_result
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from app.auth.actor import Actor, PartnerActor
from app.auth.partners import Scope as PartnerScope
from app.services import Services
from app.shared.errors import TooManyConnections
from app.shared.i18n import preferred_language
from app.telemetry.observation import note_caller
from graphql_schema.budget import Budget
from graphql_schema.compiled.official import Plans, followed_by_plan
from graphql_schema.compiled.shared_answers import SharedAnswers
from graphql_schema.context import Context
from graphql_schema.documents import observe_document, require_trusted, trusted_document
from graphql_schema.errors import tell
from graphql_schema.event_streams import EventStream, Written, until_it_ends, written
from graphql_schema.following import Following
from graphql_schema.listeners import Listeners
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

    @property
    def content_type(self) -> str | None:
        """In lower case, which Strawberry compares it in: media types have none of their own."""
        given = super().content_type
        return given.lower() if given else None


class GraphQLView(GraphQL[Context, None]):
    """Answers what has no plan: any document, GET, batches, Server-Sent Events and WebSockets."""

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

        Pages of the allowed origins may open WebSockets, so many from one address. What takes longer than so
        long over a WebSocket is logged. Subscriptions that have a plan are followed by it.
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
        self._shared_answers = SharedAnswers()
        self._budget = Budget()
        self._listeners = Listeners(connections_per_address)

    async def talk(self, socket: WebSocket) -> None:
        """Answers over a WebSocket until it is closed."""
        context = await self.context_of(socket.scope, None, socket.headers.get("accept-language"))
        try:
            with self._listeners.connections_of_addresses.one_more(context.network):
                await self.run(socket, context=context)
            await context.finish()
        except TooManyConnections as refusal:
            await socket.accept(GRAPHQL_TRANSPORT_WS_PROTOCOL)  # only who was let in can be told why
            await socket.close(TRY_AGAIN_LATER, refusal.code)

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

    async def context_of(
        self, scope: Scope, authorization: str | None, accept_language: str | None
    ) -> Context:
        """Who calls on this connection, and how. Raises TokenRefused."""
        services: Services = scope["app"].state.services
        actor = await services.door.actor(authorization)
        note_caller(actor)
        client = scope.get("client")
        return Context(
            services=services,
            actor=actor,
            accepted_language=preferred_language(accept_language),
            now=services.clock.now(),
            may_introspect=self._shows_itself or _reads_the_schema(actor),
            client_address=client[0] if client else "",
            budget=self._budget,
            listeners=self._listeners,
        )

    async def execute_operation(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData | list[GraphQLRequestData],
        context: Context,
        root_value: None,
        sub_response: Response,
    ) -> Any:
        """The result, or those of what is followed."""
        if isinstance(request_data, GraphQLRequestData) and request_data.protocol == "sse":
            wanted = {"query": request_data.query, "variables": request_data.variables}
            wanted["operationName"] = request_data.operation_name
            if following := self.following(wanted, context):
                return written(following)
        return await super().execute_operation(
            request, request_adapter, request_data, context, root_value, sub_response
        )

    def following(self, wanted: Mapping[str, Any], context: Context) -> Following | None:
        """Follows the official subscription that a request names; None for any other operation."""
        followed = followed_by_plan(self._plans, wanted, context)
        return Following(followed, context, self._shared_answers) if followed else None

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

        events = until_it_ends(cast(AsyncGenerator[str, None], stream()), lease, leaving, context.language)
        return EventStream(events, sub_response.status_code or 200, {**sub_response.headers, **headers})

    async def render_graphql_ide(self, request: Request) -> Response:
        return HTMLResponse(self._graphiql)

    async def process_result(
        self, request: Request | WebSocket, result: ExecutionResult | Written
    ) -> GraphQLHTTPResponse:
        """The answer, its errors told as they may leave the house."""
        if isinstance(result, Written):
            return cast(GraphQLHTTPResponse, result)
        request.state.failed_before_execution = _failed_before_execution(result.data, result.errors)
        if not result.errors:
            return process_result(result)
        context: Context = request.state.context
        answer = tell(result, context.language, hints=context.may_introspect)
        if request.state.failed_before_execution:
            del answer["data"]
        return cast(GraphQLHTTPResponse, answer)

    def decode_json(self, data: str | bytes) -> object:
        """A JSON object, or the array of a batch; Strawberry answers ValueErrors with 400."""
        value = orjson.loads(data)
        if not isinstance(value, dict | list):
            raise HTTPException(400, "The request body must be a JSON object")
        return value

    def encode_json(self, data: object) -> bytes:
        return data.text.encode() if isinstance(data, Written) else orjson.dumps(data)


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
