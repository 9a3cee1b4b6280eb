"""A request's body: how large it may be."""

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
        self.limit = MAXIMUM_BODY_BYTES

    async def receive(self) -> Message:
        """The next part. Raises BodyTooLarge."""
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self.limit:
            raise BodyTooLarge(self.limit)
        return message
