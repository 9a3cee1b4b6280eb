"""What orders and their payments may be, as enums of the schema."""

import strawberry

from app.orders.states import Mover, OrderState
from app.payments.model import PaymentMethod

strawberry.enum(OrderState, description="Where an order stands.")
strawberry.enum(Mover, description="Who moved an order: the member, the store's staff, or time.")
strawberry.enum(PaymentMethod, description="How an order is paid, beside points.")

__all__ = ["Mover", "OrderState", "PaymentMethod"]
