"""Check-ins. Readable by the member herself."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import strawberry

from app.check_ins import model
from app.check_ins.service import arrival_of
from app.coupons.model import Coupon as IssuedCoupon
from app.shared.geo import GeoPoint
from graphql_schema.columns import column
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.coupons.types import Coupon, shown_coupon
from graphql_schema.node import Node, encode_id
from graphql_schema.results import Rejected
from graphql_schema.stores.types import Store, load_stores


@strawberry.type(description="A visit to a store registered from the phone. Readable by the member herself.")
class CheckIn(Node):
    check_in: strawberry.Private[model.CheckIn]

    @property
    def owner_id(self) -> str:
        return self.check_in.member_id

    @column(description="The store that was visited.")
    @staticmethod
    async def store(check_ins: Sequence["CheckIn"], info: Info) -> Sequence[Store | Exception | None]:
        return await load_stores([each.check_in.store_id for each in check_ins], info)

    @strawberry.field(description="When the check-in was accepted.")
    def checked_in_at(self) -> datetime:
        return self.check_in.checked_in_at

    @strawberry.field(description="The store's own calendar day, on which this was the one check-in there.")
    def store_day(self) -> date:
        return self.check_in.store_day

    @strawberry.field(description="How far from the store the phone was, in metres.")
    def distance_meters(self) -> int:
        return round(self.check_in.distance_meters)

    @strawberry.field(description="Points awarded for the visit.")
    def points_awarded(self) -> int:
        return self.check_in.points_awarded


CheckInConnection = Connection[CheckIn]


@strawberry.input(description="Where the phone is, as its positioning says.")
class GeoPositionInput:
    latitude: float = strawberry.field(description="Degrees, -90 to 90.")
    longitude: float = strawberry.field(description="Degrees, -180 to 180.")
    accuracy_meters: float = strawberry.field(
        description="The radius in metres within which the phone surely is; at most 150."
    )
    measured_at: datetime = strawberry.field(description="When it was measured; at most 2 minutes ago.")
    is_mock: bool = strawberry.field(default=False, description="Whether the phone says it is simulated.")


def position_of(location: GeoPositionInput) -> model.GeoPosition:
    """Where the phone says it is."""
    return model.GeoPosition(
        GeoPoint(location.latitude, location.longitude),
        location.accuracy_meters,
        location.measured_at,
        bool(location.is_mock),
    )


@strawberry.input(description="A wish to check in at a store.")
class CheckInInput:
    store_id: strawberry.ID = strawberry.field(description="The store.")
    location: GeoPositionInput = strawberry.field(description="Where the phone is.")
    idempotency_key: str = strawberry.field(
        description="Made by the caller for this one wish, 8 to 128 printable ASCII characters; kept 30 days."
    )


@strawberry.type(description="The visit is registered and its points are awarded.")
class CheckedIn:
    check_in: CheckIn = strawberry.field(description="The check-in.")
    points_awarded: int = strawberry.field(description="Points awarded for it.")
    point_balance: int = strawberry.field(description="Points she can spend right after it; below 0 in debt.")

    given: strawberry.Private[Sequence[IssuedCoupon] | None] = None  # where that is known already

    @strawberry.field(description="Coupons that came with it.")
    async def coupons(self, info: Info) -> list[Coupon]:
        wallet = info.context.services.coupons.wallet
        if self.given is not None:
            held = await wallet.with_terms(self.given)
        else:
            check_in = self.check_in.check_in
            held = await wallet.given_for(check_in.member_id, arrival_of(check_in).source)
        return [shown_coupon(each, info) for each in held]


CheckInResult = Annotated[CheckedIn | Rejected, strawberry.union("CheckInResult")]


def check_in_node(check_in: model.CheckIn) -> CheckIn:
    return CheckIn(id=encode_id("CheckIn", check_in.id), check_in=check_in)
