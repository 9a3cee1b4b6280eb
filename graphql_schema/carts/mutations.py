"""Filling and emptying the cart."""

import strawberry

from graphql_schema.carts.types import (
    CartResult,
    CartUpdated,
    ChooseCartStoreInput,
    ClearCartInput,
    SetCartLineInput,
    cart_node,
)
from graphql_schema.context import Info
from graphql_schema.node import key_of, optional_key_of


@strawberry.type
class CartMutations:
    @strawberry.mutation(
        description=(
            "Has so many pieces of a SKU in the cart, whatever there were, so that the same call again "
            "changes nothing; at most 50 lines. For members."
        )
    )
    async def set_cart_line(self, info: Info, input: SetCartLineInput) -> CartResult:
        member_id = info.context.require_member().member_id
        sku_id = key_of(input.sku_id, "Sku", ["input", "skuId"])
        carts = info.context.services.carts
        return CartUpdated(
            cart=cart_node(await carts.set_line(member_id, sku_id, input.quantity, input.version))
        )

    @strawberry.mutation(description="Says where the member thinks of picking up her cart. For members.")
    async def choose_cart_store(self, info: Info, input: ChooseCartStoreInput) -> CartResult:
        member_id = info.context.require_member().member_id
        store_id = optional_key_of(input.store_id, "Store", ["input", "storeId"])
        carts = info.context.services.carts
        return CartUpdated(cart=cart_node(await carts.choose_store(member_id, store_id, input.version)))

    @strawberry.mutation(description="Takes all lines out of the cart. For members.")
    async def clear_cart(self, info: Info, input: ClearCartInput) -> CartResult:
        member_id = info.context.require_member().member_id
        carts = info.context.services.carts
        return CartUpdated(cart=cart_node(await carts.clear(member_id, input.version)))
