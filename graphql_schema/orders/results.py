"""What the mutations of orders answer."""

from datetime import datetime
from typing import Annotated

import strawberry

from graphql_schema.orders.money_types import OrderTotals
from graphql_schema.orders.types import Order, OrderCoupon, OrderLine
from graphql_schema.results import Rejected, UserError


@strawberry.type(description="What an order would cost at this moment. Nothing is held by it.")
class OrderQuote:
    lines: list[OrderLine] = strawberry.field(description="The lines that can be sold, with their prices.")
    totals: OrderTotals = strawberry.field(description="What they cost.")
    coupons: list[OrderCoupon] = strawberry.field(description="The coupons that it would use.")
    problems: list[UserError] = strawberry.field(
        description="All that is in the way, with what works instead; empty when it can be ordered."
    )
    is_orderable: bool = strawberry.field(description="Whether nothing is in the way.")
    quoted_at: datetime = strawberry.field(description="The time of the reading.")


@strawberry.type(description="The order is placed, with all that it needs.")
class OrderPlaced:
    order: Order = strawberry.field(description="The order.")


@strawberry.type(
    description="The customer has to confirm the payment to her bank; then the same request is sent again."
)
class PaymentToConfirm:
    client_secret: str = strawberry.field(
        description="For the gateway's own software in the app. Readable by the caller, for this one payment."
    )


@strawberry.type(description="The order has changed.")
class OrderUpdated:
    order: Order = strawberry.field(description="The order as it is now.")


@strawberry.type(description="How the store takes orders from now on.")
class OrdersPaused:
    paused_until: datetime | None = strawberry.field(description="Until when it takes none; null: it does.")


QuoteOrderResult = Annotated[OrderQuote | Rejected, strawberry.union("QuoteOrderResult")]
PlaceOrderResult = Annotated[OrderPlaced | PaymentToConfirm | Rejected, strawberry.union("PlaceOrderResult")]
OrderResult = Annotated[OrderUpdated | Rejected, strawberry.union("OrderResult")]
PauseOrdersResult = Annotated[OrdersPaused | Rejected, strawberry.union("PauseOrdersResult")]
