"""The pickup counter: what the staff of a store do with its orders."""

from collections import Counter

import strawberry

from app.orders.shown import ShownOrder
from app.orders.states import OrderState
from graphql_schema.context import Info
from graphql_schema.node import key_of
from graphql_schema.orders.inputs import (
    CollectOrderInput,
    OrderInput,
    RefundOrderInput,
    RejectLineInput,
    RejectOrderInput,
    SubstituteLineInput,
)
from graphql_schema.orders.mutations import ORDER_PATH
from graphql_schema.orders.results import OrderResult, OrderUpdated
from graphql_schema.orders.types import order_node


@strawberry.type
class CounterMutations:
    @strawberry.mutation(description="The store takes the order on. For the store's staff.")
    async def accept_order(self, info: Info, input: OrderInput) -> OrderResult:
        return await _move(info, input, OrderState.ACCEPTED)

    @strawberry.mutation(
        description="The store cannot do the order: what it held is free again. For the store's staff."
    )
    async def reject_order(self, info: Info, input: RejectOrderInput) -> OrderResult:
        return await _move(info, input, OrderState.REJECTED, input.reason)

    @strawberry.mutation(description="The store begins to prepare the order. For the store's staff.")
    async def start_preparing(self, info: Info, input: OrderInput) -> OrderResult:
        return await _move(info, input, OrderState.PREPARING)

    @strawberry.mutation(description="The order can be collected. For the store's staff.")
    async def mark_ready(self, info: Info, input: OrderInput) -> OrderResult:
        return await _move(info, input, OrderState.READY)

    @strawberry.mutation(
        description="Nobody has come for the order: what it held is free again. For the store's staff."
    )
    async def mark_no_show(self, info: Info, input: OrderInput) -> OrderResult:
        return await _move(info, input, OrderState.NO_SHOW)

    @strawberry.mutation(
        description=(
            "Hands the order over, by the code that the member shows, once, or by the order itself. For the "
            "store's staff."
        )
    )
    async def collect_order(self, info: Info, input: CollectOrderInput) -> OrderResult:
        staff = info.context.require_staff()
        order_id = key_of(input.order_id, "Order", ORDER_PATH) if input.order_id else None
        collected = await info.context.services.counter.collect(
            staff, input.code, order_id, input.idempotency_key, input.is_paid_at_store
        )
        return _shown(info, collected)

    @strawberry.mutation(
        description="Takes a line out; without any line left, the order is rejected. For the store's staff."
    )
    async def reject_line(self, info: Info, input: RejectLineInput) -> OrderResult:
        staff = info.context.require_staff()
        order_id = key_of(input.order_id, "Order", ORDER_PATH)
        order = await info.context.services.counter.reject_line(staff, order_id, input.line_id, input.version)
        return OrderUpdated(order=order_node(order))

    @strawberry.mutation(
        description=(
            "Offers another SKU for a line, kept aside until the member has answered; it costs her no more. "
            "For the store's staff."
        )
    )
    async def substitute_line(self, info: Info, input: SubstituteLineInput) -> OrderResult:
        staff = info.context.require_staff()
        order = await info.context.services.counter.offer_substitute(
            staff,
            key_of(input.order_id, "Order", ORDER_PATH),
            input.line_id,
            key_of(input.sku_id, "Sku", ["input", "skuId"]),
            input.quantity,
            input.version,
        )
        return OrderUpdated(order=order_node(order))

    @strawberry.mutation(
        description=(
            "Takes goods of a collected order back: points that paid for them return to their lots first, "
            "then money; points that they earned are withdrawn. For the store's staff."
        )
    )
    async def refund_order(self, info: Info, input: RefundOrderInput) -> OrderResult:
        staff = info.context.require_staff()
        pieces: Counter[str] = Counter()
        for line in input.lines:
            pieces[line.line_id] += line.quantity
        refunded = await info.context.services.order_refunding.refund(
            staff,
            key_of(input.order_id, "Order", ORDER_PATH),
            pieces,
            input.reason,
            input.goes_on_shelf,
            input.idempotency_key,
        )
        return _shown(info, refunded)


def _shown(info: Info, shown: ShownOrder) -> OrderUpdated:
    """The order; the products that were read with it are not read again."""
    for sku_id, product in shown.products.items():
        info.context.products_of_skus.know(sku_id, product)
    return OrderUpdated(order=order_node(shown.order))


async def _move(info: Info, input: OrderInput, target: OrderState, reason: str | None = None) -> OrderUpdated:
    staff = info.context.require_staff()
    order_id = key_of(input.order_id, "Order", ORDER_PATH)
    order = await info.context.services.counter.move(staff, order_id, target, input.version, reason)
    return OrderUpdated(order=order_node(order))
