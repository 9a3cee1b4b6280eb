"""Finding products."""

from typing import Annotated

import strawberry

from app.auth.actor import MemberActor
from app.catalog.errors import ExactlyOneNeeded
from app.catalog.search_query import ProductFilter as Wishes
from app.catalog.search_query import ProductRequest, ProductSort
from app.shared.paging import PageRequest
from graphql_schema.catalog.search_types import (
    ProductConnection,
    ProductFilter,
    SearchSuggestion,
    suggestion_node,
)
from graphql_schema.catalog.types import Category, Product, category_node, product_node
from graphql_schema.connections import After, First
from graphql_schema.context import Info
from graphql_schema.node import key_of


@strawberry.type
class CatalogQueries:
    @strawberry.field(
        description=(
            "Products by words in Japanese or English, in whole or in part, or by a JAN or code; when none "
            "has all the words, those that come near them, as when a word is misspelt. Only published ones. "
            "For everybody; a member who allows PERSONALIZATION finds her searches in `recentSearches`."
        )
    )
    async def products(
        self,
        info: Info,
        query: Annotated[
            str | None,
            strawberry.argument(description="At most 100 characters; none for all products."),
        ] = None,
        filter: Annotated[
            ProductFilter | None, strawberry.argument(description="Only products that meet these wishes.")
        ] = None,
        sort: Annotated[
            ProductSort, strawberry.argument(description="The order of the list.")
        ] = ProductSort.RELEVANCE,
        first: First = 20,
        after: After = None,
    ) -> ProductConnection:
        request = ProductRequest(query, filter.to_model() if filter else Wishes(), sort)
        found = await info.context.services.product_search.search(request, PageRequest(first, after))
        if isinstance(info.context.actor, MemberActor) and after is None:
            await info.context.services.search_history.remember(info.context.actor.member_id, request)
        return ProductConnection(
            page=found.page,
            to_node=product_node,
            request=request,
            leniency=found.leniency,
        )

    @strawberry.field(
        description="One published product, named in exactly one way; null when there is none. For everybody."
    )
    async def product(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        jan: Annotated[str | None, strawberry.argument(description="The JAN of one of its SKUs.")] = None,
        sku: Annotated[
            str | None, strawberry.argument(description="The retailer's own code of one of its SKUs.")
        ] = None,
    ) -> Product | None:
        if sum(name is not None for name in (id, jan, sku)) != 1:
            raise ExactlyOneNeeded
        catalog = info.context.services.catalog
        if id is not None:
            found = await catalog.product(key_of(id, "Product", ["id"]))
        elif jan is not None:
            found = await catalog.product_by_jan(jan)
        else:
            found = await catalog.product_by_sku(sku or "")
        return product_node(found) if found else None

    @strawberry.field(
        description=(
            "What may be meant by the beginning of a query, categories and brands first. For everybody."
        )
    )
    async def suggest(
        self,
        info: Info,
        prefix: Annotated[
            str, strawberry.argument(description="What was typed so far; at most 100 characters.")
        ],
        first: Annotated[
            int, strawberry.argument(description="How many suggestions at the most: 1 to 20.")
        ] = 10,
    ) -> list[SearchSuggestion]:
        found = await info.context.services.product_search.suggest(prefix, first)
        return [suggestion_node(each, info) for each in found]

    @strawberry.field(description="The topmost categories, in the retailer's order. For everybody.")
    async def categories(self, info: Info) -> list[Category]:
        tree = await info.context.services.catalog.categories()
        return [category_node(each) for each in tree.children(None)]
