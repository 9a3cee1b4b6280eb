"""The development outbox: messages that nobody delivers are kept where a developer can read them."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.messages.model import Message, MessageChannel
from app.shared.clock import Clock
from app.shared.mongodb.database import CollectionDefinition, Database, Document
from app.shared.mongodb.documents import MOMENT, STRING, document, one_of

KEPT_FOR = timedelta(days=1)
NEWEST = 50

DEVELOPMENT_OUTBOX = CollectionDefinition(
    "development_outbox",
    validator=document(
        _id=STRING,
        channel=one_of(MessageChannel),
        destination=STRING,
        subject=STRING,
        text=STRING,
        sent_at=MOMENT,
    ),
    indexes=[IndexModel([("sent_at", 1)], expireAfterSeconds=int(KEPT_FOR.total_seconds()))],
)


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A message and when it was sent."""

    message: Message
    sent_at: datetime


class DevelopmentOutbox:
    """Takes messages of every channel and keeps them for a day, for all server processes to show."""

    channels = frozenset(MessageChannel)

    def __init__(self, database: Database, clock: Clock) -> None:
        self._messages = database.collection(DEVELOPMENT_OUTBOX)
        self._clock = clock

    async def send(self, message: Message) -> None:
        with suppress(DuplicateKeyError):  # sent again, it is the same message
            await self._messages.insert_one(_document_of(message, self._clock.now()))

    async def newest(self) -> list[OutboxEntry]:
        """The last 50 messages, the newest first."""
        found = await self._messages.find(
            {}, sort=[("sent_at", DESCENDING), ("_id", DESCENDING)], limit=NEWEST
        )
        return [_entry_from(each) for each in found]


def _document_of(message: Message, sent_at: datetime) -> Document:
    return {
        "_id": message.id,
        "channel": message.channel.value,
        "destination": message.destination,
        "subject": message.subject,
        "text": message.text,
        "sent_at": sent_at,
    }


def _entry_from(found: Document) -> OutboxEntry:
    message = Message(
        MessageChannel(found["channel"]),
        found["destination"],
        found["subject"],
        found["text"],
        id=found["_id"],
    )
    return OutboxEntry(message, found["sent_at"])
