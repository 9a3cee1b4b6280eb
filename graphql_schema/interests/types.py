"""Favourites, interests, and the events that apps report. Readable by the member herself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.favourites.model import FavouriteMark
from app.interests import model
from app.interests.rules import liked
from graphql_schema.catalog.types import Category, Sku, load_categories, load_skus
from graphql_schema.columns import column
from graphql_schema.context import Info
from graphql_schema.node import optional_key_of
from graphql_schema.results import Rejected

strawberry.enum(
    model.TrackedEventKind,
    description=(
        "What an app reports: VIEWED, that she looked at a SKU; FAVOURITED and UNFAVOURITED, that she marked "
        "one or took the mark away; SEARCHED, for a search that the app answered by itself, as searches by "
        "`products` are known already."
    ),
)


@strawberry.type(description="A SKU that the member marked. Readable by the member herself.")
class Favourite:
    owner_id: strawberry.Private[str]
    mark: strawberry.Private[FavouriteMark]

    @column(description="The SKU; null when it is not published any more.")
    @staticmethod
    async def sku(favourites: Sequence["Favourite"], info: Info) -> Sequence[Sku | Exception | None]:
        return await load_skus([each.mark.sku_id for each in favourites], info.context)

    @strawberry.field(description="When she marked it.")
    def marked_at(self) -> datetime:
        return self.mark.marked_at


@strawberry.type(description="How much a member likes a category. Readable by the member herself.")
class CategoryInterest:
    owner_id: strawberry.Private[str]
    category_id: strawberry.Private[str]
    weight: float = strawberry.field(description="How much, by now: 1 is worth a view at this moment.")

    @column(description="The category; null when it is gone.")
    @staticmethod
    async def category(interests: Sequence["CategoryInterest"], info: Info) -> Sequence[Category | None]:
        return await load_categories([each.category_id for each in interests], info)


@strawberry.type(description="How much a member likes a brand. Readable by the member herself.")
class BrandInterest:
    owner_id: strawberry.Private[str]
    brand: str = strawberry.field(description="The brand.")
    weight: float = strawberry.field(description="How much, by now: 1 is worth a view at this moment.")


@strawberry.type(description="How much a member likes a SKU. Readable by the member herself.")
class SkuInterest:
    owner_id: strawberry.Private[str]
    sku_id: strawberry.Private[str]
    weight: float = strawberry.field(description="How much, by now: 1 is worth a view at this moment.")

    @column(description="The SKU; null when it is not published any more.")
    @staticmethod
    async def sku(interests: Sequence["SkuInterest"], info: Info) -> Sequence[Sku | Exception | None]:
        return await load_skus([each.sku_id for each in interests], info.context)


@strawberry.type(
    description=(
        "What a member showed to like, the most first, halved by time: a SKU after 21 days, a category or a "
        "brand after 60. Empty unless she allows PERSONALIZATION. Readable by the member herself."
    )
)
class Interests:
    owner_id: strawberry.Private[str]
    interests: strawberry.Private[model.Interests]

    @strawberry.field(description="Categories, at most 40.")
    def categories(self, info: Info) -> list[CategoryInterest]:
        found = self._liked(model.InterestAspect.CATEGORY, info)
        return [CategoryInterest(owner_id=self.owner_id, category_id=key, weight=found[key]) for key in found]

    @strawberry.field(description="Brands, at most 40.")
    def brands(self, info: Info) -> list[BrandInterest]:
        found = self._liked(model.InterestAspect.BRAND, info)
        return [BrandInterest(owner_id=self.owner_id, brand=key, weight=found[key]) for key in found]

    @strawberry.field(description="SKUs, at most 100.")
    def skus(self, info: Info) -> list[SkuInterest]:
        found = self._liked(model.InterestAspect.SKU, info)
        return [SkuInterest(owner_id=self.owner_id, sku_id=key, weight=found[key]) for key in found]

    def _liked(self, aspect: model.InterestAspect, info: Info) -> Mapping[str, float]:
        return liked(self.interests, aspect, info.context.now)


@strawberry.input(description="Something that the member did in the app.")
class TrackedEventInput:
    id: str = strawberry.field(
        description=(
            "Made by the app for this one event, 8 to 64 letters, digits and . _ : - ; what comes again with "
            "the same id counts once."
        )
    )
    kind: model.TrackedEventKind = strawberry.field(description="What she did.")
    at: datetime = strawberry.field(
        description="When, by the phone's clock; what is 30 days older than `sentAt` is ignored."
    )
    sku_id: strawberry.ID | None = strawberry.field(
        default=None, description="The SKU that it is about; for all kinds but SEARCHED."
    )
    category_id: strawberry.ID | None = strawberry.field(
        default=None, description="The category that she searched in; for SEARCHED."
    )
    brand: str | None = strawberry.field(
        default=None, description="The brand that she searched for; for SEARCHED."
    )


@strawberry.input(description="What the member did in the app since it was reported last.")
class TrackEventsInput:
    sent_at: datetime = strawberry.field(
        description="What the phone's clock shows as this is sent: it puts a wrong clock right."
    )
    events: list[TrackedEventInput] = strawberry.field(description="1 to 100 events, in any order.")

    def to_model(self) -> model.TrackedBatch:
        return model.TrackedBatch(
            self.sent_at, tuple(_tracked(number, each) for number, each in enumerate(self.events))
        )


@strawberry.type(description="What became of the events: each was one of these.")
class EventsTracked:
    taken: int = strawberry.field(description="Events that count now.")
    repeated: int = strawberry.field(description="Events that had been taken before.")
    ignored: int = strawberry.field(description="Events about what does not exist, or that are too old.")
    without_consent: int = strawberry.field(
        description="Events that were not kept, for she does not allow PERSONALIZATION."
    )
    without_place: int = strawberry.field(
        description="Favourites among the events that found no place, for she has 200."
    )


TrackEventsResult = Annotated[EventsTracked | Rejected, strawberry.union("TrackEventsResult")]


def _tracked(number: int, event: TrackedEventInput) -> model.TrackedEvent:
    path = ["input", "events", str(number)]
    return model.TrackedEvent(
        id=event.id,
        kind=event.kind,
        at=event.at,
        sku_id=optional_key_of(event.sku_id, "Sku", [*path, "skuId"]),
        category_id=optional_key_of(event.category_id, "Category", [*path, "categoryId"]),
        brand=event.brand,
    )
