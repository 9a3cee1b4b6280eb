"""Changing how stores prepare orders."""

from dataclasses import replace
from typing import Any

import strawberry

from app.orders.slots import Closure, PickupPolicy
from graphql_schema.context import Info
from graphql_schema.node import key_of, optional_key_of
from graphql_schema.orders.inputs import PauseOrdersInput
from graphql_schema.orders.policy_types import (
    ChangePickupPolicyInput,
    ChangePickupPolicyResult,
    PickupPolicyUpdated,
    policy_node,
)
from graphql_schema.orders.results import OrdersPaused, PauseOrdersResult

STORE_PATH = ["input", "storeId"]


@strawberry.type
class PickupPolicyMutations:
    @strawberry.mutation(
        description=(
            "Changes how a store prepares orders, and when it prepares none; orders that are placed keep "
            "their slots. For the store's manager and headquarters."
        )
    )
    async def change_pickup_policy(
        self, info: Info, input: ChangePickupPolicyInput
    ) -> ChangePickupPolicyResult:
        staff = info.context.require_staff()
        store_id = key_of(input.store_id, "Store", STORE_PATH)
        changes = _changes_of(input)

        def changed(policy: PickupPolicy) -> PickupPolicy:
            return replace(policy, **changes)

        policy = await info.context.services.pickup_policies.change(staff, store_id, input.version, changed)
        return PickupPolicyUpdated(policy=policy_node(store_id, policy))

    @strawberry.mutation(
        description=(
            "The store takes no orders for a while, or does again. For the store's staff, and headquarters."
        )
    )
    async def pause_orders(self, info: Info, input: PauseOrdersInput) -> PauseOrdersResult:
        staff = info.context.require_staff()
        store_id = optional_key_of(input.store_id, "Store", STORE_PATH)
        policy = await info.context.services.pickup_policies.pause(staff, input.minutes, store_id)
        return OrdersPaused(paused_until=policy.paused_until)


def _changes_of(input: ChangePickupPolicyInput) -> dict[str, Any]:
    """What is given of the policy; null is a value for payment first alone."""
    given = {
        "slot_minutes": input.slot_minutes,
        "capacity": input.capacity,
        "lead_minutes": input.lead_minutes,
        "grace_minutes": input.grace_minutes,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if input.no_shows_until_payment_first is not strawberry.UNSET:
        changes["no_shows_until_payment_first"] = input.no_shows_until_payment_first
    if input.closures is not None:
        changes["closures"] = tuple(
            Closure(each.starts_at, each.ends_at, each.reason) for each in input.closures
        )
    return changes
