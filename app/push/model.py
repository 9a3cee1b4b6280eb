"""Push: messages that make a device speak up, through the services of those who made it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.inbox.model import MessageClass


class PushPlatform(StrEnum):
    """By whose service a device is reached: Firebase Cloud Messaging, or Apple's."""

    FCM = "FCM"
    APNS = "APNS"


@dataclass(frozen=True, slots=True)
class PushDevice:
    """A member's device that takes pushes while its session lives; its token names it to the service.

    `time_zone` is its own clock's, where the app has told it.
    """

    session_id: str
    member_id: str
    platform: PushPlatform
    token: str = field(repr=False)
    time_zone: str | None
    registered_at: datetime


class PushState(StrEnum):
    """How far a push has come. SENT means that the service has taken it."""

    PENDING = "PENDING"
    SENT = "SENT"
    DROPPED = "DROPPED"


@dataclass(frozen=True, slots=True)
class PushWish:
    """That a member shall be told of a message of her inbox on all of her devices, not before `due_at`.

    Of pushes with the same `collapse_key`, a device that was away shows the last one. Marketing keeps the
    quiet hours of `time_zone`, or else those of the device's own. `needs_location`: she is told for
    where she is, and only while she allows us to know it.
    """

    member_id: str
    message_id: str
    message_class: MessageClass
    collapse_key: str
    due_at: datetime
    expires_at: datetime
    time_zone: str | None = None
    needs_location: bool = False


@dataclass(frozen=True, slots=True)
class Push:
    """A push on its way to one device. `claim` names who tries it; `tries` counts."""

    id: str
    session_id: str
    member_id: str
    platform: PushPlatform
    message_id: str
    message_class: MessageClass
    collapse_key: str
    time_zone: str | None
    needs_location: bool
    expires_at: datetime
    tries: int
    claim: str | None


@dataclass(frozen=True, slots=True)
class PushNote:
    """What a device is to show. `data` is for the app: it names the message, and the order it is about."""

    id: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    picture_url: str | None
    data: dict[str, str]
    collapse_key: str
    is_urgent: bool
    sent_at: datetime
    expires_at: datetime


class PushOutcome(StrEnum):
    """What a service said to a push: taken, no such device any more, not now, or never."""

    SENT = "SENT"
    TOKEN_INVALID = "TOKEN_INVALID"  # noqa: S105
    LATER = "LATER"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """What came of a try. `retry_after` is how long the service wants to be left alone, if it said so."""

    outcome: PushOutcome
    reason: str = ""
    retry_after: timedelta | None = None
