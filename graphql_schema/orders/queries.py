"""Looking at orders and pickup slots."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from app.shared.paging import PageRequest
from graphql_schema.connections import After, First, connection_of
from graphql_schema.context import Info
from graphql_schema.node import key_of, optional_key_of
from graphql_schema.orders.inputs import OrderStates
from graphql_schema.orders.policy_types import PickupPolicy, policy_node
from graphql_schema.orders.types import (
    Order,
    OrderConnection,
    PickupSlot,
    load_order,
    order_node,
    slot_node,
)

ItsStore = Annotated[strawberry.ID, strawberry.argument(description="The store.")]


@strawberry.type
class OrderQueries:
    @strawberry.field(
        description="The order with this id; null when there is none that the caller may read. For everybody."
    )
    async def order(self, info: Info, id: strawberry.ID) -> Order | None:
        return await load_order(key_of(id, "Order", ["id"]), info)

    @strawberry.field(
        description=(
            "A store's pickup slots on a day of its calendar that have not ended, up to 7 days ahead. "
            "For everybody."
        )
    )
    async def pickup_slots(
        self,
        info: Info,
        store_id: ItsStore,
        date: Annotated[date, strawberry.argument(description="The day.")],
    ) -> list[PickupSlot]:
        slots = await info.context.services.pickup_slots.on(key_of(store_id, "Store", ["storeId"]), date)
        return [slot_node(slot) for slot in slots]

    @strawberry.field(
        description="Until when a store takes no orders; null while it takes them. For everybody."
    )
    async def orders_paused_until(self, info: Info, store_id: ItsStore) -> datetime | None:
        return await info.context.services.pickup_slots.paused_until(key_of(store_id, "Store", ["storeId"]))

    @strawberry.field(
        description="How a store prepares orders. For the staff of the store, and headquarters."
    )
    async def pickup_policy(self, info: Info, store_id: ItsStore) -> PickupPolicy:
        staff = info.context.require_staff()
        key = key_of(store_id, "Store", ["storeId"])
        return policy_node(key, await info.context.services.pickup_policies.of_store(staff, key))

    @strawberry.field(
        description=(
            "The orders of a store in these states, or all open ones, those of the earliest slots first. For "
            "the store's staff, and headquarters."
        )
    )
    async def counter_orders(
        self,
        info: Info,
        store_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The store; that of the staff member's device when null."),
        ] = None,
        states: OrderStates = None,
        first: First = 20,
        after: After = None,
    ) -> OrderConnection:
        staff = info.context.require_staff()
        store = optional_key_of(store_id, "Store", ["storeId"])
        page = await info.context.services.counter.at_store(
            staff, states or (), PageRequest(first, after), store
        )
        return connection_of(page, order_node)
