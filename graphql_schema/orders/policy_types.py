"""Pickup policies: how stores prepare orders. Readable by the store's staff and headquarters."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.orders import slots
from graphql_schema.results import Rejected


@strawberry.type(description="A stretch of time in which a store prepares nothing.")
class PickupClosure:
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    reason: str | None = strawberry.field(description="Why, for the staff.")


@strawberry.type(
    description="How a store prepares orders. Readable by the staff of the store, and by headquarters."
)
class PickupPolicy:
    store_id: strawberry.Private[str]
    version: int = strawberry.field(
        description="Grows with every change, pauses aside; a change of an older version is refused."
    )
    slot_minutes: int = strawberry.field(description="How long a slot is, in minutes.")
    capacity: int = strawberry.field(description="Work units that the store can prepare for a slot.")
    lead_minutes: int = strawberry.field(
        description="Minutes that an order needs before its slot begins: then its cut-off is."
    )
    grace_minutes: int = strawberry.field(description="Minutes that an order waits after its slot's end.")
    no_shows_until_payment_first: int | None = strawberry.field(
        description=(
            "A member who left so many orders uncollected in 90 days pays by card; 0: everybody does; null: "
            "nobody has to."
        )
    )
    closures: list[PickupClosure] = strawberry.field(
        description="The closures to come, at most 100, the earliest first."
    )
    paused_until: datetime | None = strawberry.field(
        description="Until when no orders are taken, which may be past; null: never paused, or ended."
    )


@strawberry.input(description="A stretch of time in which a store prepares nothing.")
class PickupClosureInput:
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends: after it begins, within 400 days.")
    reason: str | None = strawberry.field(
        default=None, description="Why, for the staff; 1 to 100 characters that can be shown."
    )


@strawberry.input(description="How a store is to prepare orders. A field left out stays.")
class ChangePickupPolicyInput:
    store_id: strawberry.ID = strawberry.field(description="The store.")
    version: int = strawberry.field(description="The version that is changed: an older one is refused.")
    slot_minutes: int | None = strawberry.field(
        default=None, description="5 to 240 minutes that divide a day."
    )
    capacity: int | None = strawberry.field(default=None, description="0 to 10,000 work units a slot.")
    lead_minutes: int | None = strawberry.field(default=None, description="0 to 1,440 minutes.")
    grace_minutes: int | None = strawberry.field(default=None, description="0 to 10,080 minutes.")
    no_shows_until_payment_first: int | None = strawberry.field(
        default=strawberry.UNSET, description="0 to 100 orders; null: nobody has to pay first."
    )
    closures: list[PickupClosureInput] | None = strawberry.field(
        default=None, description="All closures to come, at most 100, in place of those there were."
    )


@strawberry.type(description="The store prepares orders in this way from now on.")
class PickupPolicyUpdated:
    policy: PickupPolicy = strawberry.field(description="The policy as it is now.")


ChangePickupPolicyResult = Annotated[
    PickupPolicyUpdated | Rejected, strawberry.union("ChangePickupPolicyResult")
]


def policy_node(store_id: str, policy: slots.PickupPolicy) -> PickupPolicy:
    return PickupPolicy(
        store_id=store_id,
        version=policy.version,
        slot_minutes=policy.slot_minutes,
        capacity=policy.capacity,
        lead_minutes=policy.lead_minutes,
        grace_minutes=policy.grace_minutes,
        no_shows_until_payment_first=policy.no_shows_until_payment_first,
        closures=[
            PickupClosure(starts_at=each.starts_at, ends_at=each.ends_at, reason=each.reason)
            for each in policy.closures
        ],
        paused_until=policy.paused_until,
    )
