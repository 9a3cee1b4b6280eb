"""Looking at a store's beacons."""

from typing import Annotated

import strawberry

from graphql_schema.beacons.types import PlacedBeacon, beacon_node
from graphql_schema.context import Info
from graphql_schema.node import key_of


@strawberry.type
class BeaconQueries:
    @strawberry.field(
        description=(
            "The beacons of a store, of which there are dozens; none of one that is not hers to manage. For "
            "managers and headquarters."
        )
    )
    async def beacons(
        self, info: Info, store_id: Annotated[strawberry.ID, strawberry.argument(description="The store.")]
    ) -> list[PlacedBeacon]:
        actor = info.context.require_staff()
        found = await info.context.services.beacons.of_store(actor, key_of(store_id, "Store", ["storeId"]))
        return [beacon_node(each) for each in found]
