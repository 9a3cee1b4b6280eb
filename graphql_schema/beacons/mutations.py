"""Placing beacons, and telling that one was seen."""

import strawberry

from app.beacons.model import BeaconKey
from graphql_schema.beacons.types import (
    BeaconPlaced,
    BeaconRemoved,
    BeaconSighted,
    BeaconSightedInput,
    BeaconSightedResult,
    PlaceBeaconInput,
    PlaceBeaconResult,
    RemoveBeaconInput,
    RemoveBeaconResult,
    beacon_node,
)
from graphql_schema.context import Info
from graphql_schema.node import key_of


@strawberry.type
class BeaconMutations:
    @strawberry.mutation(
        description=(
            "Tells that the phone received a beacon, and gives what stands near it as she comes near and "
            "once more as she stays. Without her consent LOCATION nothing comes of it and nothing is kept. "
            "For members."
        )
    )
    async def beacon_sighted(self, info: Info, input: BeaconSightedInput) -> BeaconSightedResult:
        member_id = info.context.require_member().member_id
        sighted = await info.context.services.beacon_recommendations.sighted(member_id, input.to_model())
        return BeaconSighted(sighted=sighted)

    @strawberry.mutation(
        description=(
            "Places a beacon in a store, or says anew what stands near it. For the store's managers and "
            "headquarters."
        )
    )
    async def place_beacon(self, info: Info, input: PlaceBeaconInput) -> PlaceBeaconResult:
        actor = info.context.require_staff()
        return BeaconPlaced(
            beacon=beacon_node(await info.context.services.beacons.place(actor, input.to_model()))
        )

    @strawberry.mutation(
        description="Takes a beacon away from a store. For the store's managers and headquarters."
    )
    async def remove_beacon(self, info: Info, input: RemoveBeaconInput) -> RemoveBeaconResult:
        key = BeaconKey(input.uuid, input.major, input.minor)
        store_id = key_of(input.store_id, "Store", ["input", "storeId"])
        await info.context.services.beacons.remove(info.context.require_staff(), key, store_id)
        return BeaconRemoved(removed_at=info.context.now)
