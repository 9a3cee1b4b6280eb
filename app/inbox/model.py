"""The inbox: what a member was told, and what she made of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.shared.i18n import Language


class MessageClass(StrEnum):
    """Why a member is told something: for her own business with us, or to interest her in ours."""

    SERVICE = "SERVICE"
    MARKETING = "MARKETING"


class InboxStep(StrEnum):
    """How far a message has come to a member: by the field that keeps since when."""

    SENT = "sent_at"
    DELIVERED = "delivered_at"
    READ = "read_at"


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """What happened, told to the member whom it concerns, once: by the event's id and type."""

    source_id: str
    kind: str
    member_id: str
    message_class: MessageClass
    titles: dict[Language, str]
    texts: dict[Language, str]
    told_at: datetime
    order_id: str | None = None
    coupon_id: str | None = None


@dataclass(frozen=True, slots=True)
class InboxMessage:
    """A message as it lies in a member's inbox. Its `id` is that of the event or news that it tells of."""

    id: str
    member_id: str
    message_class: MessageClass
    titles: dict[Language, str]
    texts: dict[Language, str]
    picture_url: str | None
    order_id: str | None
    told_at: datetime
    read_at: datetime | None = None
    is_archived: bool = False
    coupon_id: str | None = None


@dataclass(frozen=True, slots=True)
class InboxMark:
    """What a member made of news: news itself is kept once, for all."""

    news_id: str
    read_at: datetime | None
    is_archived: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """How many members were sent a push of a message, have shown it on a device, and have read it."""

    sent: int = 0
    delivered: int = 0
    opened: int = 0


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """The messages of one kind that were told on one day, each counted once for each member."""

    day: date
    message_class: MessageClass
    kind: str
    told: int
    reach: Reach


@dataclass(frozen=True, slots=True)
class InboxState:
    """An inbox at a glance: how many messages are unread, and the newest of all."""

    unread: int
    newest: InboxMessage | None
