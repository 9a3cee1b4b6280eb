"""Lists of products that were searched for. Readable by everybody."""

from enum import Enum
from itertools import pairwise

import strawberry

from app.catalog import search_query, search_service
from app.catalog.search_service import PRICE_BOUNDS
from app.shared import geo
from graphql_schema.catalog.types import Category, Product, category_node, product_node
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.node import key_of
from graphql_schema.stores.types import GeoPointInput

strawberry.enum(search_query.ProductSort, description="In which order products are listed.")


@strawberry.input(description="A range of prices, both ends included.")
class PriceRangeInput:
    minimum: int | None = strawberry.field(default=None, description="In yen, tax included; 0 or more.")
    maximum: int | None = strawberry.field(
        default=None, description="In yen, tax included; 100,000,000 or less."
    )


@strawberry.input(description="All that is so near to a place.")
class CircleInput:
    point: GeoPointInput = strawberry.field(description="The place.")
    radius_meters: int = strawberry.field(default=20_000, description="In metres: 1 to 20,000,000.")

    def to_model(self) -> geo.Circle:
        return geo.Circle(geo.GeoPoint(self.point.latitude, self.point.longitude), self.radius_meters)


@strawberry.input(description="Which products are wanted: those that meet all of the wishes.")
class ProductFilter:
    category_id: strawberry.ID | None = strawberry.field(
        default=None, description="In this category or one below it."
    )
    brands: list[str] | None = strawberry.field(
        default=None, description="Of one of these brands; 20 at the most."
    )
    price_range: PriceRangeInput | None = strawberry.field(
        default=None, description="Some SKU may cost so much: the product's prices and the range overlap."
    )
    tags: list[str] | None = strawberry.field(
        default=None, description="With all of these tags; 20 at the most."
    )
    in_stock_at: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "This store has a piece of one of its SKUs now. So it is looked up for the first 1,000 products "
            "in the list's order, and for the 1,000 most popular ones that `facets` counts."
        ),
    )
    in_stock_near: CircleInput | None = strawberry.field(
        default=None,
        description=(
            "One of the 20 nearest stores in the circle has a piece now; looked up as `inStockAt` is. By "
            "relevance, the more of them have it the earlier it comes, and the list ends after 200 products."
        ),
    )

    def to_model(self) -> search_query.ProductFilter:
        prices = self.price_range
        return search_query.ProductFilter(
            category_id=self.category_id and key_of(self.category_id, "Category", ["filter", "categoryId"]),
            brands=tuple(self.brands or ()),
            tags=tuple(tag.lower() for tag in self.tags or ()),
            lowest_price=prices.minimum if prices else None,
            highest_price=prices.maximum if prices else None,
            in_stock_at=self.in_stock_at and key_of(self.in_stock_at, "Store", ["filter", "inStockAt"]),
            in_stock_near=self.in_stock_near.to_model() if self.in_stock_near else None,
        )


@strawberry.type(description="A brand, and how many of the products found it has.")
class BrandFacet:
    brand: str = strawberry.field(description="The brand's name, as `filter.brands` takes it.")
    count: int = strawberry.field(description="Products.")


@strawberry.type(description="A category, and how many of the products found stand in it or below it.")
class CategoryFacet:
    category: Category = strawberry.field(description="The category.")
    count: int = strawberry.field(description="Products.")


@strawberry.type(description="A band of prices, and how many of the products found begin in it.")
class PriceFacet:
    minimum: int = strawberry.field(description="The least price of the band in yen, tax included.")
    maximum: int | None = strawberry.field(description="The highest price in yen; null for the last band.")
    count: int = strawberry.field(description="Products whose lowest price is in the band.")


@strawberry.type(description="A tag, and how many of the products found have it.")
class TagFacet:
    tag: str = strawberry.field(description="The tag, as `filter.tags` takes it.")
    count: int = strawberry.field(description="Products.")


@strawberry.type(description="How many of the products found have which value: what to filter by next.")
class ProductFacets:
    facets: strawberry.Private[search_service.Facets]

    @strawberry.field(description="How many products there are on all pages.")
    def count(self) -> int:
        return self.facets.counts.total

    @strawberry.field(description="The 20 most frequent brands.")
    def brands(self) -> list[BrandFacet]:
        return [BrandFacet(brand=brand, count=count) for brand, count in self.facets.counts.brands]

    @strawberry.field(description="The categories that have any, each before those below it.")
    def categories(self) -> list[CategoryFacet]:
        return [
            CategoryFacet(category=category_node(each.category), count=each.count)
            for each in self.facets.categories
        ]

    @strawberry.field(description="The bands of prices that have any, the cheapest first.")
    def prices(self) -> list[PriceFacet]:
        ends = dict(pairwise(PRICE_BOUNDS[:-1]))
        return [
            PriceFacet(minimum=start, maximum=ends[start] - 1 if start in ends else None, count=count)
            for start, count in self.facets.counts.prices
        ]

    @strawberry.field(description="The 20 most frequent tags.")
    def tags(self) -> list[TagFacet]:
        return [TagFacet(tag=tag, count=count) for tag, count in self.facets.counts.tags]


@strawberry.type(
    description="A page of products, with what to filter by, and what there is instead of nothing."
)
class ProductConnection(Connection[Product]):
    request: strawberry.Private[search_query.ProductRequest]
    leniency: strawberry.Private[search_query.Leniency]

    @strawberry.field(description="Whether no product has all the words, and these are near to them.")
    def is_corrected(self) -> bool:
        return self.leniency is search_query.Leniency.FORGIVING and bool(self.page.items)

    @strawberry.field(description="How many of the products found have which value.")
    async def facets(self, info: Info) -> ProductFacets:
        found = await info.context.services.product_search.facets(self.request, self.leniency)
        return ProductFacets(facets=found)

    @strawberry.field(
        description=(
            "When nothing is found: up to 10 products that come nearest, or else popular ones of the "
            "category or of all. Empty otherwise."
        )
    )
    async def alternatives(self, info: Info) -> list[Product]:
        if self.page.items or self.page.has_previous:
            return []
        found = await info.context.services.product_search.alternatives(self.request)
        return [product_node(product) for product in found]


@strawberry.enum(description="What a suggestion is.")
class SuggestionKind(Enum):
    CATEGORY = "CATEGORY"
    BRAND = "BRAND"
    PRODUCT = "PRODUCT"


@strawberry.type(description="Something that may be meant by what was typed so far. Readable by everybody.")
class SearchSuggestion:
    text: str = strawberry.field(description="What to show, and to search for.")
    kind: SuggestionKind = strawberry.field(description="What it is.")
    category: Category | None = strawberry.field(description="The category, if it is one.")
    product: Product | None = strawberry.field(description="The product, if it is one.")


def suggestion_node(found: search_service.Suggestion, info: Info) -> SearchSuggestion:
    language = info.context.language
    if found.category:
        return SearchSuggestion(
            text=found.category.names[language],
            kind=SuggestionKind.CATEGORY,
            category=category_node(found.category),
            product=None,
        )
    if found.product:
        return SearchSuggestion(
            text=found.product.names[language],
            kind=SuggestionKind.PRODUCT,
            category=None,
            product=product_node(found.product),
        )
    return SearchSuggestion(text=found.brand or "", kind=SuggestionKind.BRAND, category=None, product=None)
