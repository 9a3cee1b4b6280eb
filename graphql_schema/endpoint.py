"""`/graphql`: finds out who calls, runs the operation, and writes the answer."""

from typing import Any

import orjson
from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, process_result
from strawberry.types import ExecutionResult

from app.auth.actor import ANONYMOUS, Actor
from app.auth.errors import TokenExpired, TokenRefused
from app.services import Services
from app.shared.i18n import DEFAULT_LANGUAGE, Language, preferred_language
from graphql_schema.context import Context
from graphql_schema.errors import error_answers
from graphql_schema.schema import schema

_TOKEN_TEXTS = {
    TokenRefused.code: {
        Language.JA: "アクセストークンが正しくありません。",
        Language.EN: "The access token is not valid.",
    },
    TokenExpired.code: {
        Language.JA: "アクセストークンの有効期限が切れています。",
        Language.EN: "The access token has expired.",
    },
}


class GraphQLEndpoint(GraphQL[Context, None]):
    """GraphQL over HTTP. A token that is not good is answered with 401, never taken for no token."""

    def __init__(self, graphiql: str | None = None) -> None:
        """With GraphiQL's page, a browser that opens the address is shown it."""
        super().__init__(schema, graphql_ide="graphiql" if graphiql else None, subscription_protocols=())
        self._graphiql = graphiql

    async def render_graphql_ide(self, request: Request) -> Response:
        return HTMLResponse(self._graphiql)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response: Response
        try:
            request.state.context = await _context(request)
            response = await self.run(request, context=request.state.context)
        except TokenRefused as error:
            response = _unauthorized(error, request)
        except HTTPException as error:
            response = PlainTextResponse(error.reason, status_code=error.status_code)
        await response(scope, receive, send)

    async def process_result(
        self, request: Request | WebSocket, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """The answer, its errors told as they may leave the house."""
        if result.errors:
            context: Context = request.state.context
            result.errors = error_answers(result.errors, context.language)
        return process_result(result)

    def decode_json(self, data: str | bytes) -> object:
        """A JSON object, or the array of a batch; Strawberry answers ValueErrors with 400."""
        value = orjson.loads(data)
        if not isinstance(value, dict | list):
            raise HTTPException(400, "The request body must be a JSON object")
        return value

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data)


async def _context(request: Request) -> Context:
    services: Services = request.app.state.services
    return Context(
        services=services,
        actor=await _actor(request, services),
        accepted_language=preferred_language(request.headers.get("accept-language")),
        now=services.clock.now(),
    )


async def _actor(request: Request, services: Services) -> Actor:
    """Whoever the bearer token names (RFC 6750), while the session lives. Raises TokenRefused."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return ANONYMOUS
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise TokenRefused
    actor = services.access_tokens.verify(token.strip(), services.clock.now())
    if not await services.sessions.is_live(actor.session_id):
        raise TokenRefused
    return actor


def _unauthorized(error: TokenRefused, request: Request) -> Response:
    language = preferred_language(request.headers.get("accept-language")) or DEFAULT_LANGUAGE
    body: dict[str, Any] = {
        "errors": [{"message": _TOKEN_TEXTS[error.code][language], "extensions": {"code": error.code}}]
    }
    return Response(
        orjson.dumps(body),
        status_code=401,
        media_type="application/json",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
