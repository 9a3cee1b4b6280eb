"""Counting what became of messages."""

from datetime import date
from typing import Annotated

import strawberry

from graphql_schema.context import Info
from graphql_schema.inbox.types import MessageCounts


@strawberry.type
class InboxQueries:
    @strawberry.field(
        description=(
            "What became of the messages of at most 31 days, by day and kind, the newest day first. Messages "
            "are kept for 180 days. For headquarters."
        )
    )
    async def message_counts(
        self,
        info: Info,
        first_day: Annotated[
            date | None, strawberry.argument(description="31 days before the last one, unless told.")
        ] = None,
        last_day: Annotated[date | None, strawberry.argument(description="Today, unless told.")] = None,
    ) -> list[MessageCounts]:
        counted = await info.context.services.inbox.counts(first_day, last_day)
        return [MessageCounts(counts=each) for each in counted]
