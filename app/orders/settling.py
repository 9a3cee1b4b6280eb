"""Settles what an order owes its payment: taking the money, letting it go, or giving it back.

Each is written down in the transaction that decides it, and done afterwards, when it may be tried as often as
need be: gateways do each once.
"""

import structlog

from app.orders.model import DuePayment, DuePaymentKind, Order
from app.orders.repository import OrderRepository
from app.payments.errors import PaymentPending
from app.payments.service import PaymentService
from app.shared.database import Database
from app.shared.errors import Refusal

AT_ONCE = 50

log = structlog.get_logger(__name__)


class OrderSettling:
    """Does what is due, right after it was decided or in the next sweep."""

    def __init__(self, database: Database, payments: PaymentService) -> None:
        self._orders = OrderRepository(database)
        self._payments = payments

    async def settle(self, order: Order) -> None:
        """Does what is due for this order; what cannot be done now stays due."""
        for due in order.due_payments:
            try:
                await self._do(order, due)
            except Refusal as error:
                log.warning("payment_still_due", order_id=order.id, kind=due.kind.value, code=error.code)
                return
            await self._orders.remove_due_payment(order.id, due.key)

    async def sweep(self) -> int:
        """Does what is due for up to 50 orders, and says how many had something due."""
        orders = await self._orders.with_due_payments(AT_ONCE)
        for order in orders:
            await self.settle(order)
        return len(orders)

    async def _do(self, order: Order, due: DuePayment) -> None:
        if order.payment_id is None:
            raise PaymentPending
        match due.kind:
            case DuePaymentKind.CAPTURE:
                await self._payments.capture(order.payment_id, due.amount)
            case DuePaymentKind.VOID:
                await self._payments.void(order.payment_id)
            case DuePaymentKind.REFUND:
                await self._payments.refund(order.payment_id, due.amount, due.key)
