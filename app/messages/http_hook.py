"""SMS by an HTTP hook: a service of the retailer's choice is asked to deliver it (Standard Webhooks)."""

import asyncio
import ssl

import httpx
import orjson

from app.messages.errors import MessageNotSent
from app.messages.model import Message, MessageChannel
from app.messages.sender import SEND_SECONDS
from app.shared.clock import Clock
from app.shared.standard_webhooks import signed_headers


class HttpHook:
    """Posts each message as signed JSON; only an answer of 2xx means that it was taken."""

    channels = frozenset({MessageChannel.SMS})

    def __init__(self, url: str, key: bytes, clock: Clock, seconds: float = SEND_SECONDS) -> None:
        self._url = url
        self._key = key
        self._clock = clock
        self._seconds = seconds
        self._tls = ssl.create_default_context()

    async def send(self, message: Message) -> None:
        try:
            body = _body_of(message)
            async with asyncio.timeout(self._seconds):
                headers = signed_headers([self._key], message.id, self._clock.now(), body)
                status = await self._post(body, headers)
        except (httpx.HTTPError, OSError, orjson.JSONEncodeError) as error:
            raise MessageNotSent(reason=type(error).__name__) from None
        if not 200 <= status < 300:
            raise MessageNotSent(reason=f"status {status}")

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        """The answer's status; its body, which may be of any length, is not read."""
        async with (
            httpx.AsyncClient(verify=self._tls, timeout=self._seconds, follow_redirects=False) as client,
            client.stream("POST", self._url, content=body, headers=headers) as answer,
        ):
            return answer.status_code


def _body_of(message: Message) -> bytes:
    return orjson.dumps(
        {
            "id": message.id,
            "channel": message.channel.value,
            "destination": message.destination,
            "text": message.text,
        }
    )
