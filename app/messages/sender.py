"""What delivers messages."""

from typing import Protocol

from app.messages.model import Message, MessageChannel

SEND_SECONDS = 10.0  # somebody waits for it


class MessageSender(Protocol):
    """Hands messages over for delivery, by the channels it knows."""

    @property
    def channels(self) -> frozenset[MessageChannel]:
        """The channels by which it can deliver."""
        ...

    async def send(self, message: Message) -> None:
        """Returns when the message was taken for delivery; raises MessageNotSent when it was not.

        Once it returned, nobody can take the message back: never call it inside a transaction, which
        may run again.
        """
        ...
