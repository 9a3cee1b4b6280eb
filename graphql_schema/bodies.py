"""A request's body: how large it may be."""

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

MAXIMUM_BODY_BYTES = 64 * 1024
MAXIMUM_BATCH_BODY_BYTES = 4 * 1024 * 1024  # a batch of 500 rows


class BodyTooLarge(Exception):
    """The request's body passes its limit, in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"A body has at most {limit} bytes.")


class LimitedBody:
    """A request's body as it is received, up to a limit; who calls may have a larger one."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._received = 0
        self._whole: bytes | None = None
        self.limit = MAXIMUM_BODY_BYTES

    async def whole(self) -> bytes:
        """All of it; `receive` gives it once more. Raises BodyTooLarge and ClientDisconnect."""
        parts: list[bytes] = []
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        self._whole = parts[0] if len(parts) == 1 else b"".join(parts)
        return self._whole

    async def receive(self) -> Message:
        """The next part. Raises BodyTooLarge."""
        if self._whole is not None:
            whole, self._whole = self._whole, None
            return {"type": "http.request", "body": whole, "more_body": False}
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self.limit:
            raise BodyTooLarge(self.limit)
        return message
