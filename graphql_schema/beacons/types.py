"""Beacons, and what phones that come near them are told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.beacons import model
from app.recommendations import beacons
from graphql_schema.columns import column
from graphql_schema.context import Info
from graphql_schema.coupons.types import Coupon, shown_coupon
from graphql_schema.node import key_of
from graphql_schema.recommendations.types import Recommendation
from graphql_schema.results import Rejected
from graphql_schema.stores.types import Store, load_stores

strawberry.enum(
    model.BeaconMoment,
    description=(
        "What a sighting means: ENTERED, that she came near; DWELT, once, that she stays for 3 minutes; or "
        "NOTHING new. She has left when the beacon was not seen for 10 minutes."
    ),
)


@strawberry.type(
    description=(
        "A beacon in a store, and what stands near it. Readable by the store's managers and headquarters."
    )
)
class PlacedBeacon:
    store_id: strawberry.Private[str]
    uuid: str = strawberry.field(description="The UUID that it sends.")
    major: int = strawberry.field(description="The major number that it sends, 0 to 65,535.")
    minor: int = strawberry.field(description="The minor number that it sends, 0 to 65,535.")
    category_codes: list[str] = strawberry.field(description="Codes of the categories near it, at most 10.")
    sku_codes: list[str] = strawberry.field(description="Codes of the SKUs near it, at most 10.")

    @column(description="The store it stands in.")
    @staticmethod
    async def store(beacons: Sequence["PlacedBeacon"], info: Info) -> Sequence[Store | Exception | None]:
        return await load_stores([each.store_id for each in beacons], info)


@strawberry.input(description="That a phone received a beacon.")
class BeaconSightedInput:
    uuid: str = strawberry.field(description="The UUID that it sends.")
    major: int = strawberry.field(description="The major number that it sends, 0 to 65,535.")
    minor: int = strawberry.field(description="The minor number that it sends, 0 to 65,535.")
    rssi: int = strawberry.field(
        description="How strongly, -127 to 20 dBm; what is weaker than -85 is not near and means nothing."
    )
    at: datetime = strawberry.field(description="When; what is older than 2 minutes means nothing.")

    def to_model(self) -> model.BeaconSighting:
        return model.BeaconSighting(model.BeaconKey(self.uuid, self.major, self.minor), self.rssi, self.at)


@strawberry.type(
    description=(
        "What a sighting means. NOTHING also without the consent LOCATION, and for a beacon that is not ours."
    )
)
class BeaconSighted:
    sighted: strawberry.Private[beacons.BeaconSighted]

    @property
    def store_id(self) -> str | None:
        return self.sighted.beacon.store_id if self.sighted.beacon else None

    @strawberry.field(description="What it means.")
    def moment(self) -> model.BeaconMoment:
        return self.sighted.moment

    @column(description="The store she is in; null when it means nothing.")
    @staticmethod
    async def store(sightings: Sequence["BeaconSighted"], info: Info) -> Sequence[Store | Exception | None]:
        return await load_stores([each.store_id for each in sightings], info)

    @strawberry.field(description="What stands near and she may like, the best first, at most 5.")
    def recommendations(self) -> list[Recommendation]:
        return [Recommendation(recommendation=each) for each in self.sighted.recommendations]

    @strawberry.field(description="Coupons that she was given for coming near, at most 2.")
    async def coupons(self, info: Info) -> list[Coupon]:
        wallet = info.context.services.coupons.wallet
        return [shown_coupon(each, info) for each in await wallet.with_terms(self.sighted.coupons)]


@strawberry.input(description="A beacon to place in a store.")
class PlaceBeaconInput:
    uuid: str = strawberry.field(description="The UUID that it sends.")
    major: int = strawberry.field(description="The major number that it sends, 0 to 65,535.")
    minor: int = strawberry.field(description="The minor number that it sends, 0 to 65,535.")
    store_id: strawberry.ID = strawberry.field(description="The store.")
    category_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The categories that stand near it, at most 10."
    )
    sku_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The SKUs that stand near it, at most 10."
    )

    def to_model(self) -> model.Beacon:
        return model.Beacon(
            model.BeaconKey(self.uuid, self.major, self.minor),
            key_of(self.store_id, "Store", ["input", "storeId"]),
            tuple(key_of(each, "Category", ["input", "categoryIds"]) for each in self.category_ids),
            tuple(key_of(each, "Sku", ["input", "skuIds"]) for each in self.sku_ids),
        )


@strawberry.type(description="The beacon stands in the store.")
class BeaconPlaced:
    beacon: PlacedBeacon = strawberry.field(description="The beacon.")


@strawberry.input(description="A beacon to take away from a store.")
class RemoveBeaconInput:
    uuid: str = strawberry.field(description="The UUID that it sends.")
    major: int = strawberry.field(description="The major number that it sends, 0 to 65,535.")
    minor: int = strawberry.field(description="The minor number that it sends, 0 to 65,535.")
    store_id: strawberry.ID = strawberry.field(description="The store.")


@strawberry.type(description="The beacon is taken away.")
class BeaconRemoved:
    removed_at: datetime = strawberry.field(description="When it was taken away.")


BeaconSightedResult = Annotated[BeaconSighted | Rejected, strawberry.union("BeaconSightedResult")]
PlaceBeaconResult = Annotated[BeaconPlaced | Rejected, strawberry.union("PlaceBeaconResult")]
RemoveBeaconResult = Annotated[BeaconRemoved | Rejected, strawberry.union("RemoveBeaconResult")]


def beacon_node(beacon: model.Beacon) -> PlacedBeacon:
    return PlacedBeacon(
        store_id=beacon.store_id,
        uuid=beacon.key.uuid,
        major=beacon.key.major,
        minor=beacon.key.minor,
        category_codes=list(beacon.category_ids),
        sku_codes=list(beacon.sku_ids),
    )
