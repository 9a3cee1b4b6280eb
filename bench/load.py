"""The load: callers who each keep one HTTP/1.1 connection and wait for an answer before they ask again."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import httptools

GRACE_SECONDS = 60.0  # for the answers that are due when a round's time is up
SHOWN_BYTES = 500
REFUSED = b'"errors":[{'


class UnexpectedAnswer(Exception):
    """An answer was not 200, or lacks what tells a good one; what was measured is worth nothing."""


@dataclass(frozen=True, slots=True)
class Round:
    """The latency of each answer and how long the round lasted until its last answer, all in seconds."""

    latencies: list[float]
    seconds: float


@dataclass(frozen=True, slots=True)
class Span:
    """How long a round lasts: so many seconds, and longer for too few answers, though not for ever."""

    seconds: float
    least_answers: int = 0
    most_seconds: float = 0.0

    def is_over(self, passed: float, answers: Callable[[], int]) -> bool:
        return passed >= self.seconds and (passed >= self.most_seconds or answers() >= self.least_answers)


class Caller(asyncio.Protocol):
    """Sends a request when the one before is answered, until the round is over or there is none left.

    A good answer has status 200, contains `marker`, and tells of no error.
    """

    def __init__(self, requests: Iterator[bytes], marker: bytes, is_over: Callable[[], bool]) -> None:
        self.latencies: list[float] = []
        self.answer = b""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._marker = marker
        self._is_over = is_over
        self._asked_at = 0.0
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"not HTTP: {error}")

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(f"the connection was closed: {error}")

    def on_message_begin(self) -> None:
        self.answer = b""

    def on_body(self, body: bytes) -> None:
        self.answer += body

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        status = self._parser.get_status_code()
        if status != 200 or self._marker not in self.answer or REFUSED in self.answer:
            self._fail(f"status {status}: {self.answer[:SHOWN_BYTES].decode(errors='replace')}")
            return
        self.latencies.append(now - self._asked_at)
        self._ask()

    def _ask(self) -> None:
        is_first = self._asked_at == 0.0  # which is sent however long it took all to connect
        request = next(self._requests, None) if is_first or not self._is_over() else None
        if request is None:
            self._end()
            return
        self._asked_at = time.perf_counter()
        self._transport.write(request)

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
        self._transport.close()

    def hang_up(self) -> None:
        """Ends at once, whatever is still due."""
        self._fail("given up")

    def _fail(self, reason: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(UnexpectedAnswer(reason))
        self._transport.close()


async def run_round(port: int, requests: Iterator[bytes], marker: bytes, callers: int, span: Span) -> Round:
    """Lets the callers ask for this long. Raises UnexpectedAnswer."""
    started_at = time.perf_counter()
    connected = await _call(port, requests, marker, callers, span)
    return Round(
        [latency for caller in connected for latency in caller.latencies], time.perf_counter() - started_at
    )


async def ask(port: int, request: bytes, marker: bytes) -> bytes:
    """The answer to one request. Raises UnexpectedAnswer."""
    (caller,) = await _call(port, iter([request]), marker, callers=1, span=Span(GRACE_SECONDS))
    return caller.answer


async def _call(
    port: int, requests: Iterator[bytes], marker: bytes, callers: int, span: Span
) -> list[Caller]:
    """The callers, when all of them have ended."""
    loop = asyncio.get_running_loop()
    started_at = time.monotonic()
    connected: list[Caller] = []

    def answers() -> int:
        return sum(len(caller.latencies) for caller in connected)

    def is_over() -> bool:
        return span.is_over(time.monotonic() - started_at, answers)

    try:
        async with asyncio.timeout(max(span.seconds, span.most_seconds) + GRACE_SECONDS):
            for _ in range(callers):
                _, caller = await loop.create_connection(
                    lambda: Caller(requests, marker, is_over), "127.0.0.1", port
                )
                connected.append(caller)
            await asyncio.gather(*(caller.ended for caller in connected))
    except TimeoutError:
        raise UnexpectedAnswer(f"none in {GRACE_SECONDS:g} s") from None
    finally:
        for caller in connected:
            caller.hang_up()
    return connected


def post(path: str, token: str | None, body: bytes) -> bytes:
    """A request as a client sends it, with its bearer token if it has one."""
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "Accept: application/json\r\n"
        "Content-Type: application/json\r\n"
        f"{authorization}"
        f"Content-Length: {len(body)}\r\n"
        "\r\n"
    )
    return head.encode() + body
