"""The inbox as it changes."""

from collections.abc import AsyncGenerator

import strawberry

from graphql_schema.context import Info
from graphql_schema.inbox.types import InboxChanged, inbox_message_node
from graphql_schema.listening import listened


@strawberry.type
class InboxSubscriptions:
    @strawberry.subscription(
        description=(
            "The caller's inbox at a glance: first as it is, and then whenever that has changed; news is "
            "told of within 10 s. For members."
        )
    )
    async def inbox_changed(self, info: Info) -> AsyncGenerator[InboxChanged, None]:
        member_id = info.context.require_member().member_id
        async for state in listened(info.context, info.context.services.inbox.watch(member_id)):
            newest = inbox_message_node(state.newest) if state.newest else None
            yield InboxChanged(unread_messages=state.unread, newest=newest)
