"""`/graphql`: finds out who calls, has the operation run, and writes the answer (GraphQL over HTTP).

It stands before both engines, as bare ASGI. A posted operation that has a plan is answered here, and nothing
is made for it that its answer does not need; the view answers everything else. Nobody can tell which of the
two it was.
"""

from typing import Any

import orjson
from cross_web import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from app.auth.actor import Actor, PartnerActor, StaffActor
from app.auth.errors import TokenRefused
from app.shared.i18n import DEFAULT_LANGUAGE, preferred_language
from app.telemetry.observation import Outcome, note, note_rejection, observed
from graphql_schema.bodies import MAXIMUM_BATCH_BODY_BYTES, BodyTooLarge, LimitedBody
from graphql_schema.compiled.official import Plans, answer_by_plan
from graphql_schema.context import Context
from graphql_schema.documents import DocumentRefused
from graphql_schema.errors import TOKEN_TEXTS, tell, unexpected
from graphql_schema.media_types import is_plain_json, mark_media_type, media_type_of
from graphql_schema.view import GraphQLView

SERVER_ERROR = 500
NO_STORE = (b"cache-control", b"no-store")  # answers hold tokens and what is hers


class Headers:
    """The headers of a request that say how it is to be answered; of several alike, the first."""

    __slots__ = ("accept", "authorization", "content_type", "language")

    def __init__(self, scope: Scope) -> None:
        found: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        authorization, language = found.get(b"authorization"), found.get(b"accept-language")
        self.authorization = authorization.decode("latin-1") if authorization is not None else None
        self.language = language.decode("latin-1") if language is not None else None
        self.accept = found.get(b"accept", b"").decode("latin-1").lower()
        self.content_type = found.get(b"content-type", b"").decode("latin-1").lower()


class GraphQLEndpoint:
    """Answers in the media type that the caller accepts; without a wish, in `application/json`.

    In `application/graphql-response+json`, a request that fails before it is executed has status 400. A
    token that is not good is answered with 401, never taken for no token.
    """

    def __init__(self, view: GraphQLView, slow_seconds: float = 1.0, plans: Plans | None = None) -> None:
        """Operations that have a plan are run by it. Those that take longer than so long are logged."""
        self._view = view
        self._slow_seconds = slow_seconds
        self._plans = plans or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._view.talk(WebSocket(scope, receive, send))
            return
        headers, body = Headers(scope), LimitedBody(receive)
        context: Context | None = None
        with observed(self._slow_seconds):
            try:
                context = await self._view.context_of(scope, headers.authorization, headers.language)
                if _sends_batches(context.actor):
                    body.limit = MAXIMUM_BATCH_BODY_BYTES
                answer = await self._by_plan(scope, headers, body, context)
                response = await self._by_view(scope, body, context) if answer is None else None
            except ClientDisconnect:
                return  # nobody is there any more to be answered
            except Exception as error:
                answer, response = None, _failure_of(error, headers)
        if answer is not None:
            await _write(answer, headers, send)
        elif response is not None:
            response.headers.setdefault("Cache-Control", "no-store")
            mark_media_type(response, headers.accept, scope.get("state", {}))
            await response(scope, receive, send)
        if context is not None and context.shown_coupons:
            await context.finish()

    async def _by_plan(
        self, scope: Scope, headers: Headers, body: LimitedBody, context: Context
    ) -> bytes | None:
        """The answer to an operation that has a plan; None when the view is to answer."""
        is_posted = scope["method"] == "POST" and is_plain_json(headers.content_type, headers.accept)
        if not self._plans or not is_posted:
            return None
        try:
            wanted = orjson.loads(await body.whole())
        except ValueError:
            return None
        result = await answer_by_plan(self._plans, wanted, context)
        if result is None:
            return None
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:  # each has a path: the operation was executed
            answer = tell(result, context.language, hints=context.may_introspect)
        answer["extensions"] = result.extensions
        return orjson.dumps(answer)

    async def _by_view(self, scope: Scope, body: LimitedBody, context: Context) -> Response:
        request = Request(scope, body.receive)
        request.state.context = context
        return await self._view.run(request, context=context)


async def _write(answer: bytes, headers: Headers, send: Send) -> None:
    """Sends the answer of a plan."""
    described = [
        (b"content-length", str(len(answer)).encode()),
        (b"content-type", media_type_of(headers.accept)),
        NO_STORE,
    ]
    await send({"type": "http.response.start", "status": 200, "headers": described})
    await send({"type": "http.response.body", "body": answer})


def _sends_batches(actor: Actor) -> bool:
    return isinstance(actor, PartnerActor | StaffActor)


def _failure_of(error: Exception, headers: Headers) -> Response:
    """How a request is answered that could not be run: to a caller whose language may not be known."""
    language = preferred_language(headers.language) or DEFAULT_LANGUAGE
    match error:
        case TokenRefused():
            response = _failure(401, TOKEN_TEXTS[error.code][language], {"code": error.code})
            response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            return response
        case BodyTooLarge():
            return _failure(413, str(error), {"code": "BODY_TOO_LARGE"})
        case DocumentRefused():
            return _failure(400, str(error), {"code": error.code})
        case HTTPException():
            return _failure(error.status_code, error.reason, {"code": "BAD_REQUEST"})
    message, extensions = unexpected(error, language)
    return _failure(503 if extensions["code"] == "UNAVAILABLE" else 500, message, extensions)


def _failure(status: int, message: str, extensions: dict[str, str]) -> Response:
    if status < SERVER_ERROR:
        note_rejection(extensions["code"])
    note(Outcome.REFUSED)
    body = {"errors": [{"message": message, "extensions": extensions}]}
    return Response(orjson.dumps(body), status_code=status, media_type="application/json")
