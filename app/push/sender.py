"""What hands pushes over to a service."""

from datetime import timedelta
from typing import Protocol

import httpx

from app.push.model import PushAnswer, PushNote, PushOutcome

SEND_SECONDS = 10.0
TOO_MANY = 429
SERVER_FAILS = 500
MAXIMUM_REASON_LENGTH = 100


class PushSender(Protocol):
    """Sends to the devices of one platform."""

    async def send(self, token: str, note: PushNote) -> PushAnswer:
        """What the service said; LATER also when nothing was heard of it, for then it may have been sent."""
        ...

    async def close(self) -> None:
        """Ends the connections; the next push opens them again."""
        ...


def is_passing(status: int) -> bool:
    """Whether the same may work in a moment."""
    return status == TOO_MANY or status >= SERVER_FAILS


def later(answer: httpx.Response) -> PushAnswer:
    """Not now, by the answer; it may say when."""
    wanted = answer.headers.get("retry-after", "")
    seconds = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else None
    retry_after = timedelta(seconds=seconds) if seconds is not None else None
    return PushAnswer(PushOutcome.LATER, f"status {answer.status_code}", retry_after)


def plain(reason: object) -> str:
    """A service's reason as it may stand in the log."""
    text = str(reason)
    return text[:MAXIMUM_REASON_LENGTH] if text.isascii() and text.isprintable() else "unreadable"
