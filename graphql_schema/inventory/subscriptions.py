"""Stock as it changes."""

from collections.abc import AsyncIterable
from functools import partial
from typing import Annotated

import strawberry

from app.shared.geo import GeoPoint
from graphql_schema.context import Info
from graphql_schema.inventory.events import StockEvents
from graphql_schema.inventory.levels import StockLevel
from graphql_schema.inventory.queries import Near, RadiusMeters, SkuId
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
    def stock_changed(
        self,
        info: Info,
        sku_ids: Annotated[list[strawberry.ID], strawberry.argument(description="1 to 20 SKUs.")],
        store_ids: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(description="Only at these stores, up to 100; at all when null."),
        ] = None,
    ) -> AsyncIterable[list[StockLevel]]:
        stores = None if store_ids is None else [key_of(each, "Store", ["storeIds"]) for each in store_ids]
        skus = [key_of(each, "Sku", ["skuIds"]) for each in sku_ids]
        watch = info.context.services.stock_watch
        begin = partial(watch.begin, info.context.actor, skus, stores)
        return StockEvents(info.context, begin)

    @strawberry.subscription(
        description=(
            "A SKU's stock levels at the stores around a place, the nearest 100: first all there are, then "
            "each of which more or fewer pieces are available than were told last. For everybody; of a "
            "product that is not published, for staff, and partners with a scope to write stock or the "
            "catalogue."
        )
    )
    def stock_near(
        self, info: Info, sku_id: SkuId, near: Near, radius_meters: RadiusMeters = 20_000
    ) -> AsyncIterable[list[StockLevel]]:
        sku = key_of(sku_id, "Sku", ["skuId"])
        place = GeoPoint(near.latitude, near.longitude)
        watch = info.context.services.stock_watch
        begin = partial(watch.begin_near, info.context.actor, sku, place, radius_meters)
        return StockEvents(info.context, begin)
