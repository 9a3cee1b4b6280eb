"""Looking at offers and segments."""

import strawberry

from app.shared.paging import PageRequest
from graphql_schema.connections import After, First, connection_of
from graphql_schema.context import Info
from graphql_schema.offers.types import OfferConnection, Segment, offer_node, segment_node


@strawberry.type
class OfferQueries:
    @strawberry.field(description="All offers, the newest first. For headquarters.")
    async def offers(self, info: Info, first: First = 20, after: After = None) -> OfferConnection:
        page = await info.context.services.offers.page(PageRequest(first, after))
        return connection_of(page, offer_node)

    @strawberry.field(description="All segments, at most 200. For headquarters.")
    async def segments(self, info: Info) -> list[Segment]:
        return [segment_node(each) for each in await info.context.services.offers.segments()]
