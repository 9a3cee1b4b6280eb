"""The inbox. Readable by the member herself."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from app.inbox import model
from app.inbox.model import MessageClass
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.node import encode_id
from graphql_schema.results import Rejected

strawberry.enum(
    MessageClass,
    description=(
        "Why a member is told something: SERVICE, for her own business with the retailer, never with "
        "advertising; MARKETING, to interest her in something."
    ),
)


@strawberry.type(description="Something that a member was told. Readable by the member herself.")
class InboxMessage:
    message: strawberry.Private[model.InboxMessage]

    @property
    def owner_id(self) -> str:
        return self.message.member_id

    @strawberry.field(description="Names it in her inbox; opaque and stable.")
    def id(self) -> strawberry.ID:
        return encode_id("InboxMessage", self.message.id)

    @strawberry.field(description="Why she is told.")
    def message_class(self) -> MessageClass:
        return self.message.message_class

    @strawberry.field(description="At most 80 characters, in the caller's language.")
    def title(self, info: Info) -> str:
        return self.message.titles[info.context.language]

    @strawberry.field(description="At most 2,000 characters, in the caller's language.")
    def text(self, info: Info) -> str:
        return self.message.texts[info.context.language]

    @strawberry.field(description="An https address; null when there is no picture.")
    def picture_url(self) -> str | None:
        return self.message.picture_url

    @strawberry.field(description="The order that it is about; null when it is about none.")
    def order_id(self) -> strawberry.ID | None:
        return encode_id("Order", self.message.order_id) if self.message.order_id else None

    @strawberry.field(description="The coupon that it is about; null when it is about none.")
    def coupon_id(self) -> strawberry.ID | None:
        return encode_id("Coupon", self.message.coupon_id) if self.message.coupon_id else None

    @strawberry.field(description="When it happened, or the news began.")
    def told_at(self) -> datetime:
        return self.message.told_at

    @strawberry.field(description="When she first read it; null when she has not.")
    def read_at(self) -> datetime | None:
        return self.message.read_at

    @strawberry.field(description="Whether she put it away.")
    def is_archived(self) -> bool:
        return self.message.is_archived


@strawberry.type(description="How many members a message has come to. Readable by headquarters.")
class MessageReach:
    sent: int = strawberry.field(description="To whom a push of it was sent.")
    delivered: int = strawberry.field(description="Whose app has said that it was shown.")
    opened: int = strawberry.field(description="Who have read it, by the push or in the inbox.")


@strawberry.type(
    description=(
        "The messages of one kind that were told on one day: each counts once for each member and step, "
        "however many devices she has. Readable by headquarters."
    )
)
class MessageCounts:
    counts: strawberry.Private[model.MessageCounts]

    @strawberry.field(description="By the retailer's calendar; of news, the day on which it began.")
    def day(self) -> date:
        return self.counts.day

    @strawberry.field(description="Why members were told.")
    def message_class(self) -> MessageClass:
        return self.counts.message_class

    @strawberry.field(description="The type of the event that they tell of, such as OrderReady; or News.")
    def kind(self) -> str:
        return self.counts.kind

    @strawberry.field(description="In how many inboxes one lies; of news, those where it was sent or read.")
    def told(self) -> int:
        return self.counts.told

    @strawberry.field(description="How many of them have come how far.")
    def reach(self) -> MessageReach:
        return message_reach_node(self.counts.reach)


InboxMessageConnection = Connection[InboxMessage]


@strawberry.type(description="A member's inbox at a glance.")
class InboxChanged:
    unread_messages: int = strawberry.field(description="How many she has neither read nor put away.")
    newest: InboxMessage | None = strawberry.field(description="The newest that she has not put away.")


@strawberry.input(description="Messages that the member has read.")
class ReadInboxMessagesInput:
    message_ids: list[strawberry.ID] = strawberry.field(description="1 to 100 messages of her inbox.")


@strawberry.input(description="Messages that the member puts away, or brings back.")
class ArchiveInboxMessagesInput:
    message_ids: list[strawberry.ID] = strawberry.field(description="1 to 100 messages of her inbox.")
    is_archived: bool = strawberry.field(default=True, description="False brings them back.")


@strawberry.type(description="The messages are read.")
class InboxMessagesRead:
    unread_messages: int = strawberry.field(description="How many are still unread.")


@strawberry.type(description="The messages are put away, or back.")
class InboxMessagesArchived:
    unread_messages: int = strawberry.field(description="How many are unread now.")


ReadInboxMessagesResult = Annotated[InboxMessagesRead | Rejected, strawberry.union("ReadInboxMessagesResult")]
ArchiveInboxMessagesResult = Annotated[
    InboxMessagesArchived | Rejected, strawberry.union("ArchiveInboxMessagesResult")
]


def message_reach_node(reach: model.Reach) -> MessageReach:
    return MessageReach(sent=reach.sent, delivered=reach.delivered, opened=reach.opened)


def inbox_message_node(message: model.InboxMessage) -> InboxMessage:
    return InboxMessage(message=message)
