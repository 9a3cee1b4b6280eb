"""A message: a short text for one destination."""

from dataclasses import dataclass, field
from enum import StrEnum

from app.shared.ids import new_id


class MessageChannel(StrEnum):
    """A way by which messages reach people."""

    EMAIL = "EMAIL"
    SMS = "SMS"


@dataclass(frozen=True, slots=True)
class Message:
    """What is told to whom; only email has a subject.

    Sent again with the same id, it is the same message. Its text may hold a one-time code and its
    destination tells of a person: neither shows when it is printed.
    """

    channel: MessageChannel
    destination: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    id: str = field(default_factory=new_id)
