"""A server that speaks like ours and misbehaves: it loses answers, ends tokens and drops sockets."""

import asyncio
import json
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.listeners import take_no_more

HASHES = {name: f"hash-of-{name}" for name in ("echo", "refresh_session", "told")}


@dataclass(frozen=True)
class Call:
    body: dict[str, Any]
    token: str | None
    language: str | None


class NaughtyServer:
    """Answers `echo` with its variables, renews tokens, and tells subscribers the newest number."""

    def __init__(self) -> None:
        self.calls: list[Call] = []  # but for renewals
        self.renewals: list[str] = []
        self.lists = 0
        self.line_tokens: list[str] = []
        self._to_lose = 0
        self._answers: list[dict[str, Any]] = []
        self._ended: set[str] = set()
        self._session_ended = False
        self._wait_seconds = 0.0
        self._ahead = timedelta(0)
        self._newest = 1
        self._refusal: str | None = None
        self._lines: set[WebSocket] = set()

    def lose(self, number: int) -> None:
        """The next answers, so many of them, never come; what was asked has happened."""
        self._to_lose = number

    def answer_next(self, body: dict[str, Any]) -> None:
        self._answers.append(body)

    def end_token(self, token: str) -> None:
        self._ended.add(token)

    def end_session(self) -> None:
        self._session_ended = True

    def wait(self, seconds: float) -> None:
        self._wait_seconds = seconds

    def run_ahead(self, seconds: int) -> None:
        self._ahead = timedelta(seconds=seconds)

    def refuse_lines(self, code: str) -> None:
        self._refusal = code

    async def tell(self, number: int) -> None:
        self._newest = number
        for line in list(self._lines):
            await line.send_json({"id": "1", "type": "next", "payload": {"data": {"told": number}}})

    async def drop_lines(self, code: int = 1012, newest: int | None = None) -> None:
        """Closes them; nobody hears of this newest number but who comes again, however soon that is."""
        self._newest = newest or self._newest
        lines, self._lines = self._lines, set()
        for line in lines:
            await line.close(code)

    async def __aenter__(self) -> "NaughtyServer":
        routes = [
            Route("/operations.json", self._list),
            Route("/graphql", self._answer, methods=["POST"]),
            WebSocketRoute("/graphql", self._line),
        ]
        everybody = Middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["Date"],
        )
        application = Starlette(routes=routes, middleware=[everybody])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        config = uvicorn.Config(application, log_level="warning", date_header=False)
        self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(self._server.serve([self._listener]))
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.drop_lines()
        await take_no_more(self._listener.fileno())
        self._server.should_exit = True
        await self._task

    async def _list(self, request: Request) -> Response:
        self.lists += 1
        return JSONResponse(HASHES)

    async def _answer(self, request: Request) -> Response:
        body = json.loads(await request.body())
        token = request.headers.get("authorization", "").removeprefix("Bearer ") or None
        if body["documentId"] == HASHES["refresh_session"]:
            answer = self._renew(body["variables"]["input"]["refreshToken"])
        else:
            self.calls.append(Call(body, token, request.headers.get("accept-language")))
            answer = self._answers.pop() if self._answers else {"data": {"echo": body["variables"]}}
        await asyncio.sleep(self._wait_seconds)
        if self._to_lose:
            self._to_lose -= 1
            return Response("<html>the network of a train</html>", status_code=502)
        date = format_datetime(datetime.now(UTC) + self._ahead, usegmt=True)
        return JSONResponse(answer, 401 if token in self._ended else 200, {"Date": date})

    def _renew(self, refresh_token: str) -> dict[str, Any]:
        self.renewals.append(refresh_token)
        if self._session_ended:
            errors = [{"code": "REFRESH_TOKEN_INVALID", "message": "over"}]
            return {"data": {"refreshSession": {"__typename": "Rejected", "errors": errors}}}
        tokens = {"accessToken": "access-1", "refreshToken": "refresh-1", "expiresAt": "2099-01-01T00:00:00Z"}
        return {"data": {"refreshSession": {"__typename": "SessionRefreshed", **tokens}}}

    async def _line(self, line: WebSocket) -> None:
        await line.accept("graphql-transport-ws")
        try:
            while True:
                await self._hear(line, await line.receive_json())
        except (WebSocketDisconnect, RuntimeError):  # the latter where we closed it
            self._lines.discard(line)

    async def _hear(self, line: WebSocket, message: dict[str, Any]) -> None:
        if message["type"] == "connection_init":
            self.line_tokens.append(message["payload"]["authorization"])
            await line.send_json({"type": "connection_ack"})
        elif message["type"] == "ping":
            await line.send_json({"type": "pong"})
        elif message["type"] == "subscribe" and self._refusal:
            errors = [{"message": "no", "extensions": {"code": self._refusal}}]
            await line.send_json({"id": "1", "type": "error", "payload": errors})
        elif message["type"] == "subscribe":
            self._lines.add(line)
            await line.send_json({"id": "1", "type": "next", "payload": {"data": {"told": self._newest}}})
