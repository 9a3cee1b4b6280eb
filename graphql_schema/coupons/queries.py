"""Looking at what offers would do."""

from typing import Annotated

import strawberry

from app.shared.money import yen
from graphql_schema.context import Info
from graphql_schema.coupons.types import OfferPreview
from graphql_schema.money import money_of
from graphql_schema.node import key_of


@strawberry.type
class CouponQueries:
    @strawberry.field(
        description=(
            "How many members would get an offer now, which, and what it costs: of all members, or of a "
            "sample. For headquarters."
        )
    )
    async def preview_offer(
        self, info: Info, offer_id: Annotated[strawberry.ID, strawberry.argument(description="The offer.")]
    ) -> OfferPreview:
        preview = await info.context.services.coupons.previews.preview(key_of(offer_id, "Offer", ["offerId"]))
        cost = preview.cost_if_all_use
        return OfferPreview(
            examined=preview.examined,
            is_exact=preview.is_exact,
            eligible=preview.eligible,
            error_points=preview.error_points,
            sample=list(preview.sample),
            cost_if_all_use=money_of(yen(cost)) if cost is not None else None,
            formula=preview.formula[info.context.language],
        )
