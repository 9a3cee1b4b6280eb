"""Recommendations, each with its reasons. Readable by whoever asked for them."""

import strawberry

from app.recommendations import model
from app.recommendations.texts import reason_text
from graphql_schema.catalog.types import (
    Category,
    Product,
    Sku,
    load_category,
    load_sku,
    product_node,
    sku_node,
)
from graphql_schema.context import Info

strawberry.enum(
    model.RecommendationPlace,
    description=(
        "Where recommendations are shown: on the app's HOME, for a visit to a STORE, or beside a PRODUCT, "
        "where what goes with that comes first."
    ),
)
strawberry.enum(
    model.ReasonKind,
    name="RecommendationReasonKind",
    description=(
        "Why something is recommended: liked by those who like a SKU that she likes or looks at, of a "
        "category or a brand that she likes, popular, or right beside her."
    ),
)

_ABOUT_SKUS = {model.ReasonKind.RELATED_TO_LIKED, model.ReasonKind.RELATED_TO_PRODUCT}


@strawberry.type(description="A reason why something is recommended. Readable by whoever asked.")
class RecommendationReason:
    reason: strawberry.Private[model.Reason]

    @strawberry.field(description="The kind of reason.")
    def kind(self) -> model.ReasonKind:
        return self.reason.kind

    @strawberry.field(description="Its part of the score, 0 to 1.")
    def weight(self) -> float:
        return self.reason.weight

    @strawberry.field(description="The SKU that it goes with; null for other kinds, or when it is gone.")
    async def sku(self, info: Info) -> Sku | None:
        about = self.reason.about
        return await load_sku(about, info.context) if about and self.reason.kind in _ABOUT_SKUS else None

    @strawberry.field(description="The category that she likes; null for other kinds, or when it is gone.")
    async def category(self, info: Info) -> Category | None:
        about = self.reason.about
        is_one = self.reason.kind is model.ReasonKind.LIKED_CATEGORY
        return await load_category(about, info) if about and is_one else None

    @strawberry.field(description="The brand that she likes; null for other kinds.")
    def brand(self) -> str | None:
        return self.reason.about if self.reason.kind is model.ReasonKind.LIKED_BRAND else None

    @strawberry.field(description="The reason in words, in the language of the request.")
    async def text(self, info: Info) -> str:
        language = info.context.language
        sku, category = await self.sku(info), await self.category(info)
        if sku is not None:
            about = sku.of_product.names[language]
        elif category is not None:
            about = category.category.names[language]
        else:
            about = self.reason.about or ""
        return reason_text(self.reason.kind, about, language)


@strawberry.type(description="A SKU that the caller may like. Readable by whoever asked.")
class Recommendation:
    recommendation: strawberry.Private[model.Recommendation]

    @strawberry.field(description="The SKU.")
    def sku(self) -> Sku:
        return sku_node(self.recommendation.sku, self.recommendation.product)

    @strawberry.field(description="Its product.")
    def product(self) -> Product:
        return product_node(self.recommendation.product)

    @strawberry.field(
        description=(
            "Pieces that can be had now at the store that was named, or else at the one that she visits "
            "most; null when there is neither."
        )
    )
    def available(self) -> int | None:
        return self.recommendation.available

    @strawberry.field(description="Why it is shown, the weightiest reason first, at most 4.")
    def reasons(self) -> list[RecommendationReason]:
        return [RecommendationReason(reason=each) for each in self.recommendation.reasons]
