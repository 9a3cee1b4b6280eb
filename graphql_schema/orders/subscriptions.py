"""Orders as they change."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from app.orders.errors import OrderNotFound
from graphql_schema.context import Info
from graphql_schema.listening import listened
from graphql_schema.node import key_of, optional_key_of
from graphql_schema.orders.types import Order, load_order, order_node


@strawberry.type
class OrderSubscriptions:
    @strawberry.subscription(
        description=(
            "An order: first as it is, and then whenever it has changed. For the member who ordered, and the "
            "store's staff."
        )
    )
    async def order_changed(
        self,
        info: Info,
        order_id: Annotated[strawberry.ID, strawberry.argument(description="The order.")],
    ) -> AsyncGenerator[Order, None]:
        node = await load_order(key_of(order_id, "Order", ["orderId"]), info)
        if node is None:
            raise OrderNotFound(path=["orderId"])
        async for order in listened(info.context, info.context.services.order_watch.watch_order(node.order)):
            yield order_node(order)

    @strawberry.subscription(
        description=(
            "The orders of a store: first all that are open, then each that has changed, the ended ones too. "
            "For the store's staff, and headquarters."
        )
    )
    async def counter_order_changed(
        self,
        info: Info,
        store_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The store; that of the staff member's device when null."),
        ] = None,
    ) -> AsyncGenerator[list[Order], None]:
        staff = info.context.require_staff()
        store = optional_key_of(store_id, "Store", ["storeId"])
        watch = info.context.services.order_watch.watch_store(staff, store)
        async for orders in listened(info.context, watch):
            yield [order_node(order) for order in orders]
