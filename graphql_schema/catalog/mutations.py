"""Bringing the catalogue up to date."""

import strawberry

from graphql_schema.catalog.types import category_node, product_node
from graphql_schema.catalog.upsert_types import (
    CategoriesUpserted,
    CategoryRow,
    ProductRow,
    ProductsUpserted,
    UpsertCategoriesInput,
    UpsertCategoriesResult,
    UpsertProductsInput,
    UpsertProductsResult,
)
from graphql_schema.context import Info
from graphql_schema.results import user_errors


@strawberry.type
class CatalogMutations:
    @strawberry.mutation(
        description=(
            "Adds products, or changes those with the same code. A bad row is refused with its reasons, and "
            "the others go in; the same content again changes nothing, so a batch may be sent again. For "
            "headquarters and partners with the scope catalog:write."
        )
    )
    async def upsert_products(self, info: Info, input: UpsertProductsInput) -> UpsertProductsResult:
        rows = await info.context.services.catalog.upsert_products(
            [product.to_model() for product in input.products], info.context.require_partner_or_staff()
        )
        return ProductsUpserted(
            rows=[
                ProductRow(
                    row=number,
                    outcome=row.outcome,
                    product=product_node(row.product) if row.product else None,
                    errors=user_errors(row.refusals, info.context.language),
                )
                for number, row in enumerate(rows)
            ]
        )

    @strawberry.mutation(
        description=(
            "Adds categories, or changes and moves those with the same code, with all below them. A bad row "
            "is refused with its reasons, and the others go in; the same content again changes nothing. For "
            "headquarters and partners with the scope catalog:write."
        )
    )
    async def upsert_categories(self, info: Info, input: UpsertCategoriesInput) -> UpsertCategoriesResult:
        rows = await info.context.services.catalog.upsert_categories(
            [category.to_model() for category in input.categories], info.context.require_partner_or_staff()
        )
        return CategoriesUpserted(
            rows=[
                CategoryRow(
                    row=number,
                    outcome=row.outcome,
                    category=category_node(row.category) if row.category else None,
                    errors=user_errors(row.refusals, info.context.language),
                )
                for number, row in enumerate(rows)
            ]
        )
