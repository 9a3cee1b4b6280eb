"""Reading messages and putting them away."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.inbox.types import (
    ArchiveInboxMessagesInput,
    ArchiveInboxMessagesResult,
    InboxMessagesArchived,
    InboxMessagesRead,
    ReadInboxMessagesInput,
    ReadInboxMessagesResult,
)
from graphql_schema.node import key_of


@strawberry.type
class InboxMutations:
    @strawberry.mutation(description="Marks messages as read, all of them or none. For members.")
    async def read_inbox_messages(self, info: Info, input: ReadInboxMessagesInput) -> ReadInboxMessagesResult:
        member_id = info.context.require_member().member_id
        unread = await info.context.services.inbox.read(member_id, keys_of_messages(input.message_ids))
        return InboxMessagesRead(unread_messages=unread)

    @strawberry.mutation(
        description="Puts messages away or brings them back, all of them or none. For members."
    )
    async def archive_inbox_messages(
        self, info: Info, input: ArchiveInboxMessagesInput
    ) -> ArchiveInboxMessagesResult:
        member_id = info.context.require_member().member_id
        unread = await info.context.services.inbox.archive(
            member_id, keys_of_messages(input.message_ids), input.is_archived
        )
        return InboxMessagesArchived(unread_messages=unread)


def keys_of_messages(message_ids: list[strawberry.ID]) -> list[str]:
    """The keys of messages in the input. Raises InvalidId."""
    return [key_of(each, "InboxMessage", ["input", "messageIds"]) for each in message_ids]
