"""What every answer gets: an id that stands in the logs too, and headers that keep browsers careful."""

import re
import time
from collections.abc import Iterable
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.shared import logging
from app.shared.ids import names_of_requests
from app.shared.settings.model import Settings
from app.telemetry import tracing

if TYPE_CHECKING:
    from opentelemetry.trace import Span

REQUEST_ID = "X-Request-Id"
PROBES = {"/healthz", "/readyz", "/metrics"}

_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)

_REQUEST_ID = REQUEST_ID.lower().encode()

_NAMES = names_of_requests()

log = structlog.get_logger(__name__)


class EveryRequest:
    """Names each request, and logs how it ended if the settings want that.

    A caller's own `X-Request-Id` is kept when it is 8 to 64 letters, digits and . _ -
    """

    def __init__(self, application: ASGIApp, settings: Settings) -> None:
        self._application = application
        self._access_log = settings.access_log
        self._headers = {name.lower().encode(): value.encode() for name, value in _security_headers(settings)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        request_id = _request_id(scope["headers"])
        token = logging.REQUEST_ID.set(request_id)
        try:
            if scope["type"] == "websocket":
                await self._application(scope, receive, send)
            else:
                await self._answer(scope, receive, Answer(send, scope, self._headers, request_id))
        finally:
            logging.REQUEST_ID.reset(token)

    async def _answer(self, scope: Scope, receive: Receive, answer: "Answer") -> None:
        started_at = time.perf_counter()
        with tracing.request_span(scope["method"], scope["headers"]) as answer.span:
            try:
                await self._application(scope, receive, answer.send)
            except Exception as error:
                log.error("request_failed", path=scope["path"], exc_info=error)
                if answer.status:
                    raise  # half an answer is on its way already
                failure = PlainTextResponse("Internal Server Error\n", status_code=500)
                await failure(scope, receive, answer.send)
            finally:
                if self._access_log and scope["path"] not in PROBES:
                    log.info(
                        "request",
                        method=scope["method"],
                        path=scope["path"],
                        status=answer.status,
                        milliseconds=round((time.perf_counter() - started_at) * 1000, 1),
                    )


class Answer:
    """An answer on its way, with what all of them get. The status is 0 until it has begun."""

    __slots__ = ("_headers", "_request_id", "_scope", "_send", "span", "status")

    def __init__(self, send: Send, scope: Scope, headers: dict[bytes, bytes], request_id: str) -> None:
        self._send = send
        self._scope = scope
        self._headers = headers
        self._request_id = request_id
        self.span: Span | None = None
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            state = self._scope["app"].state
            # Pages go by the time that we go by, which in development may be another than the machine's.
            date = _http_date(int(state.services.clock.now().timestamp()))
            headers = [*message["headers"], (_REQUEST_ID, self._request_id.encode()), (b"date", date)]
            given = [name for name, _ in message["headers"]]
            if self._headers.keys().isdisjoint(given):
                headers += self._headers.items()
            else:
                headers += (each for each in self._headers.items() if each[0] not in given)
            if state.draining.is_set():
                headers.append((b"connection", b"close"))  # the caller's next request goes elsewhere
            message["headers"] = headers
            if self.span is not None:
                # By the route alone: what else is in the path may be somebody's secret.
                route = getattr(self._scope.get("route"), "path", None)
                tracing.describe_request(self.span, self._scope["method"], route, self.status)
        await self._send(message)


class Directly:
    """Hands what is asked of one path to its endpoint, before any route is looked at."""

    def __init__(self, application: ASGIApp, path: str, endpoint: ASGIApp) -> None:
        self.path = path
        self._application = application
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and scope["path"] == self.path:
            scope["route"] = self  # where Starlette's router leaves it too
            await self._endpoint(scope, receive, send)
        else:
            await self._application(scope, receive, send)


@lru_cache(maxsize=8)
def _http_date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


def _request_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, value in headers:
        if name == _REQUEST_ID and _GOOD_ID.fullmatch(given := value.decode("latin-1")):
            return given
    return next(_NAMES)


def _security_headers(settings: Settings) -> Iterable[tuple[str, str]]:
    yield "X-Content-Type-Options", "nosniff"
    yield "X-Frame-Options", "DENY"
    yield "Referrer-Policy", "no-referrer"
    yield "Cross-Origin-Opener-Policy", "same-origin"
    if not settings.is_development:
        yield "Strict-Transport-Security", "max-age=31536000"
