"""Recommendations, each with its reasons. Readable by whoever asked for them."""

from collections.abc import Collection, Sequence

import strawberry

from app.recommendations import model
from app.recommendations.texts import reason_text
from app.shared.i18n import Language
from graphql_schema.catalog.types import (
    Category,
    Product,
    Sku,
    load_categories,
    load_skus,
    product_node,
    sku_node,
)
from graphql_schema.columns import column
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
_ABOUT_CATEGORIES = {model.ReasonKind.LIKED_CATEGORY}


@strawberry.type(description="A reason why something is recommended. Readable by whoever asked.")
class RecommendationReason:
    reason: strawberry.Private[model.Reason]

    @strawberry.field(description="The kind of reason.")
    def kind(self) -> model.ReasonKind:
        return self.reason.kind

    @strawberry.field(description="Its part of the score, 0 to 1.")
    def weight(self) -> float:
        return self.reason.weight

    @column(description="The SKU that it goes with; null for other kinds, or when it is gone.")
    @staticmethod
    async def sku(reasons: Sequence["RecommendationReason"], info: Info) -> Sequence[Sku | Exception | None]:
        return await load_skus([each.about(_ABOUT_SKUS) for each in reasons], info.context)

    @column(description="The category that she likes; null for other kinds, or when it is gone.")
    @staticmethod
    async def category(reasons: Sequence["RecommendationReason"], info: Info) -> Sequence[Category | None]:
        return await load_categories([each.about(_ABOUT_CATEGORIES) for each in reasons], info)

    @strawberry.field(description="The brand that she likes; null for other kinds.")
    def brand(self) -> str | None:
        return self.reason.about if self.reason.kind is model.ReasonKind.LIKED_BRAND else None

    @column(description="The reason in words, in the language of the request.")
    @staticmethod
    async def text(reasons: Sequence["RecommendationReason"], info: Info) -> Sequence[str | Exception]:
        skus = await load_skus([each.about(_ABOUT_SKUS) for each in reasons], info.context)
        categories = await load_categories([each.about(_ABOUT_CATEGORIES) for each in reasons], info)
        return [
            _text_of(reason.reason, sku, category, info.context.language)
            for reason, sku, category in zip(reasons, skus, categories, strict=True)
        ]

    def about(self, kinds: Collection[model.ReasonKind]) -> str | None:
        """The id of what it is about, for a reason of one of these kinds."""
        return self.reason.about if self.reason.kind in kinds else None


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


def _text_of(
    reason: model.Reason, sku: Sku | Exception | None, category: Category | None, language: Language
) -> str | Exception:
    if isinstance(sku, Exception):
        return sku
    if sku is not None:
        about = sku.of_product.names[language]
    elif category is not None:
        about = category.category.names[language]
    else:
        about = reason.about or ""
    return reason_text(reason.kind, about, language)
