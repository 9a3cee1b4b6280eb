"""Ordering ahead: what members do."""

from dataclasses import replace
from datetime import MAXYEAR, MINYEAR, datetime

import strawberry

from app.orders import checkout, wishes
from app.shared.errors import InvalidId
from graphql_schema.check_ins.types import position_of
from graphql_schema.context import Info
from graphql_schema.node import key_of
from graphql_schema.orders.inputs import (
    AnnounceArrivalInput,
    AnswerSubstitutionInput,
    OrderInput,
    PlaceOrderInput,
    QuoteOrderInput,
)
from graphql_schema.orders.money_types import totals_node
from graphql_schema.orders.results import (
    OrderPlaced,
    OrderQuote,
    OrderResult,
    OrderUpdated,
    PaymentToConfirm,
    PlaceOrderResult,
    QuoteOrderResult,
)
from graphql_schema.orders.types import coupon_nodes, line_node, order_node
from graphql_schema.results import user_error

ORDER_PATH = ["input", "orderId"]
SLOT_PATH = ["input", "pickupSlotId"]


@strawberry.type
class OrderMutations:
    @strawberry.mutation(
        description="What an order would cost, and all that is in its way; nothing is held. For members."
    )
    async def quote_order(self, info: Info, input: QuoteOrderInput) -> QuoteOrderResult:
        member_id = info.context.require_member().member_id
        quote = await info.context.services.orders.quote(member_id, wish_of(input))
        return OrderQuote(
            lines=[line_node(line) for line in quote.lines],
            totals=totals_node(quote.totals),
            coupons=coupon_nodes(quote.priced.coupons, quote.lines),
            problems=[user_error(each, info.context.language) for each in quote.problems],
            is_orderable=not quote.problems,
            quoted_at=quote.quoted_at,
        )

    @strawberry.mutation(
        description=(
            "Orders ahead: stock, slot and points are the order's, all together or none of it. Refused with "
            "all that is in the way, and with what works instead. For members."
        )
    )
    async def place_order(self, info: Info, input: PlaceOrderInput) -> PlaceOrderResult:
        member_id = info.context.require_member().member_id
        placed = await info.context.services.orders.place(
            member_id,
            replace(wish_of(input), is_of_cart=input.is_of_cart),
            input.payment_method,
            input.note,
            input.expected_total,
            input.idempotency_key,
            input.card_token,
        )
        if isinstance(placed, checkout.PaymentToConfirm):
            return PaymentToConfirm(client_secret=placed.client_secret)
        return OrderPlaced(order=order_node(placed))

    @strawberry.mutation(
        description="Cancels an order before it is prepared: what it held is free again. For members."
    )
    async def cancel_order(self, info: Info, input: OrderInput) -> OrderResult:
        member_id = info.context.require_member().member_id
        order_id = key_of(input.order_id, "Order", ORDER_PATH)
        order = await info.context.services.orders.cancel(member_id, order_id, input.version)
        return OrderUpdated(order=order_node(order))

    @strawberry.mutation(
        description="Tells the store that the member is there, by where her phone is. For members."
    )
    async def announce_arrival(self, info: Info, input: AnnounceArrivalInput) -> OrderResult:
        member_id = info.context.require_member().member_id
        order_id = key_of(input.order_id, "Order", ORDER_PATH)
        order = await info.context.services.orders.announce_arrival(
            member_id, order_id, position_of(input.location)
        )
        return OrderUpdated(order=order_node(order))

    @strawberry.mutation(
        description="Takes the substitute that the store offers, or does without the line. For members."
    )
    async def answer_substitution(self, info: Info, input: AnswerSubstitutionInput) -> OrderResult:
        member_id = info.context.require_member().member_id
        order_id = key_of(input.order_id, "Order", ORDER_PATH)
        order = await info.context.services.orders.answer_substitution(
            member_id, order_id, input.line_id, input.is_taken
        )
        return OrderUpdated(order=order_node(order))


def wish_of(input: QuoteOrderInput) -> wishes.OrderWish:
    """What is wished, its slot named by the id. Raises InvalidId."""
    store_id = key_of(input.store_id, "Store", ["input", "storeId"])
    slot_store_id, _, starts_at = key_of(input.pickup_slot_id, "PickupSlot", SLOT_PATH).partition("/")
    if slot_store_id != store_id:
        raise InvalidId(path=SLOT_PATH)
    try:
        slot_starts_at = datetime.fromisoformat(starts_at)
    except ValueError:
        raise InvalidId(path=SLOT_PATH) from None
    # At the ends of the calendar, a moment cannot be shown in every time zone.
    if slot_starts_at.tzinfo is None or not MINYEAR < slot_starts_at.year < MAXYEAR:
        raise InvalidId(path=SLOT_PATH)
    lines = tuple(
        wishes.WantedLine(key_of(line.sku_id, "Sku", ["input", "lines", str(number), "skuId"]), line.quantity)
        for number, line in enumerate(input.lines)
    )
    coupon_ids = tuple(
        key_of(each, "Coupon", ["input", "couponIds", str(number)])
        for number, each in enumerate(input.coupon_ids)
    )
    return wishes.OrderWish(
        store_id,
        lines,
        slot_starts_at,
        input.use_points,
        coupon_ids=coupon_ids,
        uses_best_coupons=input.use_best_coupons and not coupon_ids,
    )
