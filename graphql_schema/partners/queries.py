"""Looking at partners."""

import strawberry

from app.shared.paging import PageRequest
from graphql_schema.connections import After, First, connection_of
from graphql_schema.context import Info
from graphql_schema.partners.types import PartnerConnection, partner_node


@strawberry.type
class PartnerQueries:
    @strawberry.field(description="Partners in the order of their names. For headquarters.")
    async def partners(self, info: Info, first: First = 20, after: After = None) -> PartnerConnection:
        page = await info.context.services.partners.page(PageRequest(first, after))
        return connection_of(page, partner_node)
