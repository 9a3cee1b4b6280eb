"""The application on a real socket, and clients who follow what changes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from app.commands.serve import server_config
from app.main import create_application
from app.services import Services
from app.shared.settings.model import Settings
from tests.listeners import take_no_more
from tests.patience import PATIENCE_SECONDS

PROTOCOL: Any = "graphql-transport-ws"


async def until(condition: Callable[[], bool]) -> None:
    """Waits for what nobody tells."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(settings: Settings, services: Services) -> AsyncIterator[uvicorn.Server]:
    """A server on a free port of the loopback address, with the services of the test."""
    application = create_application(settings)
    application.state.services = services
    config = server_config(application, settings)
    config.lifespan = "off"
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config.port = listener.getsockname()[1]
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await until(lambda: server.started)
            yield server
        finally:
            application.state.leaving.set()
            if not server.should_exit:  # a server that was asked to end has closed its socket
                await take_no_more(listener.fileno())
            server.should_exit = True
            await task


class SocketClient:
    """Somebody who speaks graphql-transport-ws."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def send(self, type: str, **fields: Any) -> None:
        await self.connection.send(orjson.dumps({"type": type, **fields}).decode())

    async def receive(self) -> dict[str, Any]:
        text = await asyncio.wait_for(self.connection.recv(), PATIENCE_SECONDS)
        assert isinstance(text, str)
        message: dict[str, Any] = orjson.loads(text)
        return message

    async def begin(self, token: str | None = None) -> None:
        payload = {"authorization": f"Bearer {token}"} if token else {}
        await self.send("connection_init", payload=payload)
        assert await self.receive() == {"type": "connection_ack"}

    async def subscribe(self, query: str, variables: dict[str, Any], id: str = "1", **fields: Any) -> None:
        await self.send("subscribe", id=id, payload={"query": query, "variables": variables, **fields})

    async def next(self, id: str = "1") -> dict[str, Any]:
        """The data of the subscription's next event."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("next", id), message
        assert "errors" not in message["payload"], message
        data: dict[str, Any] = message["payload"]["data"]
        return data

    async def errors(self, id: str = "1") -> list[str]:
        """The codes of the errors with which the subscription ends before it begins."""
        message = await self.receive()
        assert (message["type"], message["id"]) == ("error", id), message
        return [error["extensions"]["code"] for error in message["payload"]]

    async def closing(self) -> tuple[int | None, str | None]:
        """The code and the reason with which the server closes."""
        await asyncio.wait_for(self.connection.wait_closed(), PATIENCE_SECONDS)
        return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def socket_to(server: uvicorn.Server, **options: Any) -> AsyncIterator[SocketClient]:
    uri = f"ws://127.0.0.1:{server.config.port}/graphql"
    options = {"subprotocols": [PROTOCOL], "compression": None, "open_timeout": PATIENCE_SECONDS, **options}
    async with connect(uri, **options) as connection:
        yield SocketClient(connection)


class EventClient:
    """Somebody who reads Server-Sent Events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def event(self) -> tuple[str, Any] | None:
        """The next event's name and data; None when the stream has ended."""
        name = ""
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                if line.startswith("data:"):
                    text = line.removeprefix("data:").strip()
                    return name, orjson.loads(text) if text else None
        return None

    async def next(self) -> dict[str, Any]:
        """The data of the next event."""
        event = await self.event()
        assert event is not None
        name, answer = event
        assert name == "next"
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data


@asynccontextmanager
async def events_of(
    server: uvicorn.Server,
    query: str,
    variables: dict[str, Any],
    token: str | None = None,
    method: str = "POST",
) -> AsyncIterator[EventClient]:
    headers = {"Accept": "text/event-stream"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    uri = f"http://127.0.0.1:{server.config.port}/graphql"
    body: dict[str, Any] = {"json": {"query": query, "variables": variables}}
    if method == "GET":
        body = {"params": {"query": query, "variables": orjson.dumps(variables).decode()}}
    async with (
        httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client,
        client.stream(method, uri, headers=headers, **body) as response,
    ):
        yield EventClient(response)


async def last_words(events: EventClient) -> str:
    """The code of the error with which the stream ends."""
    told = await events.event()
    assert told is not None
    assert await events.event() == ("complete", None)
    assert await events.event() is None
    code: str = told[1]["errors"][0]["extensions"]["code"]
    return code
