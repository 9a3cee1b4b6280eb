"""Looking at what purchases earn."""

import strawberry

from app.shared.paging import PageRequest
from graphql_schema.connections import After, First, connection_of
from graphql_schema.context import Info
from graphql_schema.point_rules.types import (
    PointCampaignConnection,
    PointRules,
    point_campaign_node,
    point_rules_node,
)


@strawberry.type
class PointRulesQueries:
    @strawberry.field(description="What purchases earn now. For headquarters.")
    async def point_rules(self, info: Info) -> PointRules:
        return point_rules_node(await info.context.services.point_rules.current())

    @strawberry.field(description="All point campaigns, the newest first. For headquarters.")
    async def point_campaigns(
        self, info: Info, first: First = 20, after: After = None
    ) -> PointCampaignConnection:
        page = await info.context.services.point_rules.campaigns(PageRequest(first, after))
        return connection_of(page, point_campaign_node)
