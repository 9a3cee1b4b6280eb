"""Inbox entries as MongoDB keeps them: a member's own messages, and what she made of news."""

from collections.abc import Sequence
from datetime import date, timedelta

from pymongo import IndexModel, UpdateOne

from app.inbox.model import (
    InboxMark,
    InboxMessage,
    InboxStep,
    MessageClass,
    MessageCounts,
    OwnMessage,
    Reach,
)
from app.news.model import News
from app.shared.i18n import Language
from app.shared.ids import new_id
from app.shared.mongodb.database import CollectionDefinition, Document
from app.shared.mongodb.documents import BOOLEAN, MOMENT, STRING, document, nullable, one_of

KEPT_FOR = timedelta(days=180)
KIND_OF_NEWS = "News"
COUNTED = ("told_at", "message_class", "kind", *InboxStep)

_TEXTS = document(ja=STRING, en=STRING)

INBOX_ENTRIES = CollectionDefinition(
    "inbox_entries",
    validator=document(
        _id=STRING,
        member_id=STRING,
        source_id=STRING,
        message_class=one_of(MessageClass),
        kind=STRING,
        titles=nullable(_TEXTS),  # of news they are with the news
        texts=nullable(_TEXTS),
        order_id=nullable(STRING),
        coupon_id=nullable(STRING),
        told_at=MOMENT,
        sent_at=nullable(MOMENT),
        delivered_at=nullable(MOMENT),
        read_at=nullable(MOMENT),
        is_archived=BOOLEAN,
        kept_until=MOMENT,
    ),
    indexes=[
        # A member is told of each thing once, whoever tells her.
        IndexModel([("member_id", 1), ("source_id", 1)], unique=True),
        IndexModel(
            [("member_id", 1), ("message_class", 1), ("is_archived", 1), ("told_at", -1), ("source_id", -1)]
        ),
        IndexModel([("source_id", 1)]),
        # Counts of messages are read from the index alone.
        IndexModel([(name, 1) for name in COUNTED]),
        IndexModel([("kept_until", 1)], expireAfterSeconds=0),
    ],
)


def key_of(member_id: str, source_id: str) -> Document:
    return {"member_id": member_id, "source_id": source_id}


def document_of(message: OwnMessage) -> Document:
    return {
        "_id": new_id(),
        "member_id": message.member_id,
        "source_id": message.source_id,
        "message_class": message.message_class.value,
        "kind": message.kind,
        "titles": {language.value: text for language, text in message.titles.items()},
        "texts": {language.value: text for language, text in message.texts.items()},
        "order_id": message.order_id,
        "coupon_id": message.coupon_id,
        "told_at": message.told_at,
        "sent_at": None,
        "delivered_at": None,
        "read_at": None,
        "is_archived": False,
        "kept_until": message.told_at + KEPT_FOR,
    }


def message_from(found: Document) -> InboxMessage:
    return InboxMessage(
        id=found["source_id"],
        member_id=found["member_id"],
        message_class=MessageClass(found["message_class"]),
        titles={Language(language): text for language, text in found["titles"].items()},
        texts={Language(language): text for language, text in found["texts"].items()},
        picture_url=None,
        order_id=found["order_id"],
        told_at=found["told_at"],
        read_at=found["read_at"],
        is_archived=found["is_archived"],
        coupon_id=found["coupon_id"],
    )


def entries_of(member_id: str, news: Sequence[News]) -> list[UpdateOne]:
    """Makes the entries of news that the member has none of so far."""
    return [
        UpdateOne(
            key_of(member_id, each.id),
            {
                "$setOnInsert": {
                    "_id": new_id(),
                    "message_class": MessageClass.MARKETING.value,
                    "kind": KIND_OF_NEWS,
                    "titles": None,
                    "texts": None,
                    "order_id": None,
                    "coupon_id": None,
                    "told_at": each.starts_at,
                    "sent_at": None,
                    "delivered_at": None,
                    "read_at": None,
                    "is_archived": False,
                    "kept_until": each.ends_at + KEPT_FOR,
                }
            },
            upsert=True,
        )
        for each in news
    ]


def marks_from(found: Sequence[Document]) -> dict[str, InboxMark]:
    return {
        each["source_id"]: InboxMark(each["source_id"], each["read_at"], each["is_archived"])
        for each in found
    }


def counts_from(found: Document) -> MessageCounts:
    of = found["_id"]
    return MessageCounts(
        date.fromisoformat(of["day"]),
        MessageClass(of["message_class"]),
        of["kind"],
        found["told"],
        reach_from(found),
    )


def reach_from(found: Document) -> Reach:
    return Reach(found["sent_at"], found["delivered_at"], found["read_at"])
