"""Setting what purchases earn. For headquarters."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.node import key_of
from graphql_schema.point_rules.types import (
    EndPointCampaignInput,
    EndPointCampaignResult,
    PointCampaignEnded,
    PointCampaignStarted,
    PointRulesSet,
    SetPointRulesInput,
    SetPointRulesResult,
    StartPointCampaignInput,
    StartPointCampaignResult,
    campaign_of,
    point_campaign_node,
    point_rules_node,
    rules_of,
)
from graphql_schema.repetition import request_of


@strawberry.type
class PointRulesMutations:
    @strawberry.mutation(
        description=(
            "Sets what purchases earn from now on; what was bought before earns by the rules of then. For "
            "headquarters."
        )
    )
    async def set_point_rules(self, info: Info, input: SetPointRulesInput) -> SetPointRulesResult:
        staff = info.context.require_staff()
        wanted = rules_of(input, info.context.now)
        return PointRulesSet(
            rules=point_rules_node(await info.context.services.point_rules.set_rules(staff, wanted))
        )

    @strawberry.mutation(
        description=(
            "Makes a campaign: what is bought while it runs, and recorded from now on, earns more points. At "
            "most 200 that have not ended. For headquarters."
        )
    )
    async def start_point_campaign(
        self, info: Info, input: StartPointCampaignInput
    ) -> StartPointCampaignResult:
        staff = info.context.require_staff()
        request = request_of(info, "startPointCampaign", input)
        campaign = await info.context.services.point_rules.start_campaign(staff, campaign_of(input), request)
        return PointCampaignStarted(campaign=point_campaign_node(campaign))

    @strawberry.mutation(description="Ends a campaign now. For headquarters.")
    async def end_point_campaign(self, info: Info, input: EndPointCampaignInput) -> EndPointCampaignResult:
        staff = info.context.require_staff()
        campaign_id = key_of(input.campaign_id, "PointCampaign", ["input", "campaignId"])
        campaign = await info.context.services.point_rules.end_campaign(staff, campaign_id)
        return PointCampaignEnded(campaign=point_campaign_node(campaign))
