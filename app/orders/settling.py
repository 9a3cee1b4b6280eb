"""Settles what an order owes its payment: taking the money, letting it go, or giving it back.

Each is written down in the transaction that decides it, and done afterwards, when it may be tried as often as
need be: gateways do each once.
"""

from dataclasses import replace

import structlog

from app.orders.errors import PaymentLetGo
from app.orders.model import DuePayment, DuePaymentKind, Order
from app.orders.placing import order_event
from app.orders.repository import OrderRepository
from app.orders.sweeping import each_by_itself
from app.payments.errors import PaymentPending, PaymentStateChanged
from app.payments.model import PaymentMethod
from app.payments.service import PaymentService
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.events import EventLog
from app.shared.mongodb.database import Database, Session
from app.shared.processes.tasks import was_cancelled

AT_ONCE = 50

log = structlog.get_logger(__name__)


class OrderSettling:
    """Does what is due, right after it was decided or in the next sweep."""

    def __init__(self, database: Database, payments: PaymentService, events: EventLog, clock: Clock) -> None:
        self._database = database
        self._orders = OrderRepository(database)
        self._payments = payments
        self._events = events
        self._clock = clock

    async def require_money(self, order: Order, session: Session) -> None:
        """Whether the money for an order paid by card is there to be taken. Raises PaymentLetGo."""
        if order.payment_id is None or order.payment_method is not PaymentMethod.CARD:
            return
        payment = await self._payments.get(order.payment_id, session)
        if payment is None or not payment.holds_money_at(self._clock.now()):
            raise PaymentLetGo(path=["input", "isPaidAtStore"])

    async def settle(self, order: Order) -> None:
        """Does what is due for this order; what cannot be done now stays due."""
        for due in order.due_payments:
            try:
                await self._do(order, due)
            except PaymentStateChanged as error:
                if due.kind is DuePaymentKind.CAPTURE:
                    await self._lose(order.id, due)
                    continue
                log.warning("payment_still_due", order_id=order.id, kind=due.kind.value, code=error.code)
                return
            except Refusal as error:
                log.warning("payment_still_due", order_id=order.id, kind=due.kind.value, code=error.code)
                return
            await self._orders.remove_due_payment(order.id, due.key)

    async def sweep(self) -> int:
        """Does what is due, and says for how many orders something was; what stays due hinders no other."""
        number, after = 0, ""
        while not was_cancelled() and (orders := await self._orders.with_due_payments(after, AT_ONCE)):
            await each_by_itself(orders, self.settle, "order_not_settled")
            number += len(orders)
            after = orders[-1].id
        return number

    async def _lose(self, order_id: str, due: DuePayment) -> None:
        """Notes that the bank has let go of the money, though the order was handed over: it is owed."""
        log.error("order_not_paid", order_id=order_id, amount=due.amount)

        async def act(session: Session) -> None:
            order = await self._orders.get(order_id, session)
            if order is None or due not in order.due_payments:
                return  # somebody else was first
            left = tuple(each for each in order.due_payments if each != due)
            after = replace(order, version=order.version + 1, due_payments=left, amount_owed=due.amount)
            await self._orders.replace(after, session)
            await self._events.append(order_event("OrderPaymentLost", after, self._clock.now()), session)

        await self._database.transaction(act)

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
