"""The refusals of messages."""

from collections.abc import Iterable

from app.shared.errors import Refusal


class MessageNotSent(Refusal):
    """The message was not taken for delivery."""

    code = "MESSAGE_NOT_SENT"
    ja = "メッセージを送信できませんでした。しばらくしてから、もう一度お試しください。"
    en = "The message could not be sent. Please try again later."

    def __init__(self, *, path: Iterable[str] = (), reason: str = "") -> None:
        super().__init__(path=path)
        # For our logs alone: what went wrong, without the message, its destination or a secret.
        self.reason = reason
