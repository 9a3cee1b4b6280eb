"""Looking at what offers have brought."""

from typing import Annotated

import strawberry

from graphql_schema.context import Info
from graphql_schema.node import key_of
from graphql_schema.offer_reports.types import OfferReport

OfferId = Annotated[strawberry.ID, strawberry.argument(description="The offer.")]
AttributionDays = Annotated[
    int, strawberry.argument(description="How many days count after a member first got it, 1 to 60.")
]


@strawberry.type
class OfferReportQueries:
    @strawberry.field(
        description=(
            "What an offer has brought by now: its coupons, and how those who were given it by a rule did "
            "against those who were held out. For headquarters."
        )
    )
    async def offer_report(
        self, info: Info, offer_id: OfferId, attribution_days: AttributionDays = 14
    ) -> OfferReport:
        key = key_of(offer_id, "Offer", ["offerId"])
        return OfferReport(report=await info.context.services.offer_reports.report(key, attribution_days))
