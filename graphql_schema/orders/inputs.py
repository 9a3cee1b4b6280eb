"""What callers give to order, and to change an order."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.orders import wishes
from graphql_schema.check_ins.types import GeoPositionInput
from graphql_schema.node import optional_key_of
from graphql_schema.orders.enums import OrderState, PaymentMethod

OrderStates = Annotated[
    list[OrderState] | None, strawberry.argument(description="Only orders in these states.")
]
Version = strawberry.field(
    default=None, description="The version that the caller has seen: an older one is refused."
)


@strawberry.input(description="Which orders are wanted; what is left out is no condition.")
class OrderFilter:
    states: list[OrderState] | None = strawberry.field(
        default=None, description="Those that are in one of these states at the moment of reading."
    )
    store_id: strawberry.ID | None = strawberry.field(
        default=None, description="Those that are picked up at this store."
    )
    placed_from: datetime | None = strawberry.field(
        default=None, description="Those that were placed at this moment or later."
    )
    placed_before: datetime | None = strawberry.field(
        default=None, description="Those that were placed before this moment."
    )


OrdersWanted = Annotated[OrderFilter | None, strawberry.argument(description="Which ones; none for all.")]


def filter_of(given: OrderFilter | None) -> wishes.OrderFilter:
    """The filter; raises InvalidId."""
    if given is None:
        return wishes.OrderFilter()
    return wishes.OrderFilter(
        frozenset(given.states or ()),
        optional_key_of(given.store_id, "Store", ["filter", "storeId"]),
        given.placed_from,
        given.placed_before,
    )


@strawberry.input(description="Pieces of a SKU that somebody wants to order.")
class OrderLineInput:
    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    quantity: int = strawberry.field(description="1 to 99 pieces.")


@strawberry.input(description="What a member thinks of ordering.")
class QuoteOrderInput:
    store_id: strawberry.ID = strawberry.field(description="Where it is picked up.")
    lines: list[OrderLineInput] = strawberry.field(description="1 to 50 SKUs.")
    pickup_slot_id: strawberry.ID = strawberry.field(description="One of the store's `pickupSlots`.")
    use_points: int = strawberry.field(default=0, description="Points to pay with; 1 point is worth 1 yen.")
    coupon_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Coupons to use: one, or up to 5 that are used together."
    )
    use_best_coupons: bool = strawberry.field(
        default=False,
        description="Whether to use those coupons that are worth most to her; a point counts as a yen.",
    )


@strawberry.input(description="What a member orders.")
class PlaceOrderInput(QuoteOrderInput):
    payment_method: PaymentMethod = strawberry.field(description="How the rest is paid.")
    idempotency_key: str = strawberry.field(
        description="Made for this one order: 8 to 128 printable ASCII characters; kept 30 days."
    )
    card_token: str | None = strawberry.field(
        default=None,
        description="By card: what the gateway's own software in the app made of it; never a card number.",
    )
    note: str | None = strawberry.field(
        default=None, description="What the store should know; at most 200 characters."
    )
    is_of_cart: bool = strawberry.field(
        default=False, description="Whether it is an order of her cart: then what is ordered leaves the cart."
    )
    expected_total: int | None = strawberry.field(
        default=None, description="The total in yen that the member has seen: another one is refused."
    )


@strawberry.input(description="An order, as the caller has seen it.")
class OrderInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    version: int | None = Version


@strawberry.input(description="An order, and why it is not to be.")
class RejectOrderInput(OrderInput):
    reason: str | None = strawberry.field(
        default=None, description="Why, for the member to read; at most 200 characters."
    )


@strawberry.input(description="The member is at the store.")
class AnnounceArrivalInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    location: GeoPositionInput = strawberry.field(description="Where the phone is.")


@strawberry.input(description="The member's answer to a substitute.")
class AnswerSubstitutionInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    line_id: strawberry.ID = strawberry.field(description="The line.")
    is_taken: bool = strawberry.field(
        description="Whether she takes it; otherwise she does without the line."
    )


@strawberry.input(description="A line that the store cannot supply.")
class RejectLineInput(OrderInput):
    line_id: strawberry.ID = strawberry.field(description="The line.")


@strawberry.input(description="A line that the store cannot supply, and what it offers instead.")
class SubstituteLineInput(RejectLineInput):
    sku_id: strawberry.ID = strawberry.field(description="The substitute.")
    quantity: int = strawberry.field(description="1 to 99 pieces.")


@strawberry.input(description="An order that is handed over, by its code or by itself.")
class CollectOrderInput:
    code: str | None = strawberry.field(
        default=None, description="The 20 digits that the member shows, or the 24 of her card."
    )
    order_id: strawberry.ID | None = strawberry.field(
        default=None, description="The order, where she shows neither."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description=(
            "Made for this one scan, which can be sent again with it when its answer got lost: 8 to 128 "
            "printable ASCII characters; kept 30 days."
        ),
    )
    is_paid_at_store: bool = strawberry.field(
        default=False,
        description="Whether it was paid at the till after all: then nothing is taken from the card.",
    )


@strawberry.input(description="Pieces of a line that come back.")
class RefundLineInput:
    line_id: strawberry.ID = strawberry.field(description="The line.")
    quantity: int = strawberry.field(description="Pieces, at most those that were not refunded before.")


@strawberry.input(description="Goods of a collected order that come back.")
class RefundOrderInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    lines: list[RefundLineInput] = strawberry.field(description="1 to 50 lines.")
    idempotency_key: str = strawberry.field(
        description="Made for this one refund: 8 to 128 printable ASCII characters; kept 30 days."
    )
    goes_on_shelf: bool = strawberry.field(
        default=True, description="Whether the goods can be sold again, and are stock of the store."
    )
    reason: str | None = strawberry.field(default=None, description="Why; at most 200 characters.")


@strawberry.input(description="A pause of a store's orders.")
class PauseOrdersInput:
    minutes: int = strawberry.field(description="For how long, in minutes: 1 to 1,440; 0 ends a pause.")
    store_id: strawberry.ID | None = strawberry.field(
        default=None, description="Which store, for headquarters; without it, the store of the device."
    )
