"""Asking for recommendations."""

from typing import Annotated

import strawberry

from app.auth.actor import MemberActor
from app.recommendations.model import RecommendationPlace
from graphql_schema.context import Info
from graphql_schema.node import optional_key_of
from graphql_schema.recommendations.types import Recommendation


@strawberry.type
class RecommendationQueries:
    @strawberry.field(
        description=(
            "SKUs that the caller may like, each of another product, the best first: published ones, and of "
            "those what the store has before the rest. A member who allows PERSONALIZATION gets them by her "
            "interests; others get what is popular, and what goes with the product. For everybody."
        )
    )
    async def recommendations(
        self,
        info: Info,
        place: Annotated[RecommendationPlace, strawberry.argument(description="Where they are shown.")],
        store_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The store she is at or has chosen; STORE needs it."),
        ] = None,
        product_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The product she looks at; PRODUCT needs it."),
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many at the most: 1 to 50.")] = 10,
    ) -> list[Recommendation]:
        actor = info.context.actor
        found = await info.context.services.recommendations.recommend(
            actor.member_id if isinstance(actor, MemberActor) else None,
            place,
            optional_key_of(store_id, "Store", ["storeId"]),
            optional_key_of(product_id, "Product", ["productId"]),
            first,
        )
        return [Recommendation(recommendation=each) for each in found]
