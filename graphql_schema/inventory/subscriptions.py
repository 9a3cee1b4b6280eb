"""Stock as it changes."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from app.shared.geo import GeoPoint
from graphql_schema.context import Info
from graphql_schema.inventory.levels import StockLevel
from graphql_schema.inventory.queries import Near, RadiusMeters, SkuId
from graphql_schema.listening import listened
from graphql_schema.node import key_of


@strawberry.type
class InventorySubscriptions:
    @strawberry.subscription(
        description=(
            "The stock levels of SKUs: first all there are, then each of which more or fewer pieces are "
            "available than were told last. For everybody; of products that are not published, for staff, "
            "and partners with a scope to write stock or the catalogue."
        )
    )
    async def stock_changed(
        self,
        info: Info,
        sku_ids: Annotated[list[strawberry.ID], strawberry.argument(description="1 to 20 SKUs.")],
        store_ids: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(description="Only at these stores, up to 100; at all when null."),
        ] = None,
    ) -> AsyncGenerator[list[StockLevel], None]:
        stores = None if store_ids is None else [key_of(each, "Store", ["storeIds"]) for each in store_ids]
        watch = info.context.services.stock_watch.watch(
            info.context.actor,
            [key_of(each, "Sku", ["skuIds"]) for each in sku_ids],
            stores,
        )
        async for levels in listened(info, watch):
            yield [StockLevel(stock=level) for level in levels]

    @strawberry.subscription(
        description=(
            "A SKU's stock levels at the stores around a place, the nearest 100: first all there are, then "
            "each of which more or fewer pieces are available than were told last. For everybody; of a "
            "product that is not published, for staff, and partners with a scope to write stock or the "
            "catalogue."
        )
    )
    async def stock_near(
        self, info: Info, sku_id: SkuId, near: Near, radius_meters: RadiusMeters = 20_000
    ) -> AsyncGenerator[list[StockLevel], None]:
        watch = info.context.services.stock_watch.watch_near(
            info.context.actor,
            key_of(sku_id, "Sku", ["skuId"]),
            GeoPoint(near.latitude, near.longitude),
            radius_meters,
        )
        async for levels in listened(info, watch):
            yield [StockLevel(stock=level) for level in levels]
