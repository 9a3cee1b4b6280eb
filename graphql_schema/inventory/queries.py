"""Finding out where a SKU can be had."""

from typing import Annotated

import strawberry

from app.shared.geo import Circle, GeoPoint
from app.shared.paging import PageRequest
from graphql_schema.connections import After, First
from graphql_schema.context import Info
from graphql_schema.inventory.availability import StoreAvailabilityConnection
from graphql_schema.inventory.types import availability_node
from graphql_schema.node import key_of
from graphql_schema.stores.types import GeoPointInput

SkuId = Annotated[strawberry.ID, strawberry.argument(description="The SKU.")]
Near = Annotated[GeoPointInput, strawberry.argument(description="Stores around this place.")]
RadiusMeters = Annotated[
    int, strawberry.argument(description="How far around `near`, in metres: 1 to 20,000,000.")
]


@strawberry.type
class InventoryQueries:
    @strawberry.field(
        description=(
            "What can be had of a SKU at the stores around a place, the nearest first. For everybody, while "
            "its product is published; for staff, and partners with a scope to write stock or the catalogue, "
            "at any time."
        )
    )
    async def availability(
        self,
        info: Info,
        sku_id: SkuId,
        near: Near,
        radius_meters: RadiusMeters = 20_000,
        first: First = 20,
        after: After = None,
    ) -> StoreAvailabilityConnection:
        sku_key, place = key_of(sku_id, "Sku", ["skuId"]), GeoPoint(near.latitude, near.longitude)
        page = await info.context.services.availability.near(
            info.context.actor, sku_key, place, radius_meters, PageRequest(first, after)
        )
        return StoreAvailabilityConnection(
            page=page,
            to_node=availability_node,
            sku_key=sku_key,
            around=Circle(place, radius_meters),
        )
