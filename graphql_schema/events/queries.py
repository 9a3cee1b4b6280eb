"""Reading events."""

import strawberry

from app.shared.paging import PageRequest
from graphql_schema.connections import After, Connection, First, connection_of
from graphql_schema.context import Info
from graphql_schema.events.types import Event, event_node


@strawberry.type
class EventQueries:
    @strawberry.field(
        description=(
            "The events that the partner may see, the oldest first. Who goes on from the last cursor misses "
            "none. For partners with the scope events:read."
        )
    )
    async def events(self, info: Info, first: First = 20, after: After = None) -> Connection[Event]:
        partner = info.context.require_partner()
        page = await info.context.services.events.page(partner, PageRequest(first, after))
        return connection_of(page, event_node)
