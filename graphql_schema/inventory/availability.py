"""Where a SKU can be had, with what there is where it cannot. Readable by everybody."""

import strawberry

from app.inventory import obtaining
from app.shared.geo import Circle
from graphql_schema.catalog.types import Product, Sku, product_node, sku_node
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.inventory.types import StoreAvailability, availability_node


@strawberry.type(description="Another SKU of the product, and where it can be had. Readable by everybody.")
class OtherSku:
    sku: Sku = strawberry.field(description="The other SKU.")
    at_store: StoreAvailability = strawberry.field(description="The nearest of the stores that has it.")


@strawberry.type(
    description="A page of stores, with what can be had of a SKU there, and what there is instead of nothing."
)
class StoreAvailabilityConnection(Connection[StoreAvailability]):
    sku_key: strawberry.Private[str]
    around: strawberry.Private[Circle]

    @strawberry.field(
        description=(
            "When no store of this page has a piece: up to 5 stores that have one, the nearest first, "
            "however far they are. Empty otherwise."
        )
    )
    async def elsewhere(self, info: Info) -> list[StoreAvailability]:
        if self._has_any():
            return []
        found = await info.context.services.availability.elsewhere(self.sku_key, self.around.center)
        return [availability_node(each) for each in found]

    @strawberry.field(
        description=(
            "When no store of this page has a piece: the product's other SKUs that one of its first 20 "
            "stores has, or, where there are no stores, one of the nearest 20. Empty otherwise."
        )
    )
    async def other_skus(self, info: Info) -> list[OtherSku]:
        if self._has_any():
            return []
        stores = [availability.found for availability, _ in self.page.items]
        found = await info.context.services.availability.other_skus(self.sku_key, self.around.center, stores)
        return [_other_sku(each) for each in found]

    @strawberry.field(
        description=(
            "When no store of this page has a piece: up to 10 other products of the category, those that "
            "stores in the circle have, or else popular ones. Empty otherwise."
        )
    )
    async def alternatives(self, info: Info) -> list[Product]:
        if self._has_any():
            return []
        found = await info.context.services.availability.alternatives(self.sku_key, self.around)
        return [product_node(product) for product in found]

    def _has_any(self) -> bool:
        return any(availability.available for availability, _ in self.page.items)


def _other_sku(other: obtaining.OtherSku) -> OtherSku:
    return OtherSku(sku=sku_node(other.sku, other.product), at_store=availability_node(other.at_store))
