"""Refunds of collected orders, line by line."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from app.auth.actor import StaffActor
from app.inventory.model import StockKey, StockLine
from app.inventory.service import StockService
from app.orders import rules
from app.orders.changing import OrderChanging, is_at
from app.orders.errors import OrderMoveIllegal, RefundInvalid
from app.orders.lines import with_returns
from app.orders.model import DuePayment, DuePaymentKind, Order, OrderRefund, RefundedLine
from app.orders.point_use import OrderPoints
from app.orders.pricing import refund_of
from app.orders.purchase import pieces_of
from app.orders.repository import OrderRepository
from app.orders.states import OrderState
from app.payments.model import PaymentMethod
from app.purchases.ordered import OrderPurchases
from app.shared.clock import Clock
from app.shared.database import Database, Document, Session
from app.shared.errors import Refusal
from app.shared.idempotency import Idempotency, IdempotentRequest


class OrderRefunding:
    """Takes goods back: points that paid for them first, then money; what they earned is withdrawn."""

    def __init__(
        self,
        database: Database,
        changing: OrderChanging,
        points: OrderPoints,
        purchases: OrderPurchases,
        stock: StockService,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._orders = OrderRepository(database)
        self._changing = changing
        self._points = points
        self._purchases = purchases
        self._stock = stock
        self._idempotency = idempotency
        self._clock = clock

    async def refund(
        self,
        staff: StaffActor,
        order_id: str,
        pieces: Mapping[str, int],
        reason: str | None,
        goes_on_shelf: bool,
        idempotency_key: str,
    ) -> Order:
        """Refunds so many pieces of these lines, once for each key; what goes on the shelf is stock again.

        Raises OrderNotFound, OrderMoveIllegal, OrderLineNotFound, RefundInvalid, NoteInvalid,
        IdempotencyKeyInvalid or IdempotencyKeyReused.
        """
        checked_reason = rules.checked_note(reason, "reason")
        if not 1 <= len(pieces) <= rules.MAXIMUM_LINES:
            raise RefundInvalid(path=["input", "lines"])
        content = {
            "order_id": order_id,
            "pieces": dict(pieces),
            "reason": reason,
            "goes_on_shelf": goes_on_shelf,
        }
        request = IdempotentRequest(f"store:{staff.store_id}", "refundOrder", idempotency_key, content)

        async def accept(session: Session) -> Document:
            order = await self._changing.require(order_id, is_at(staff), session)
            await self._refund(order, pieces, checked_reason, staff.staff_id, request.id, session)
            if goes_on_shelf:
                await self._stock.take_back(
                    staff, _stock_lines(order, pieces), f"refund:{request.id}", session
                )
            return {"order_id": order_id}

        await self._idempotency.once(request, accept, _nothing_to_store)
        return await self._changing.settled(order_id)

    async def _refund(
        self,
        order: Order,
        pieces: Mapping[str, int],
        reason: str | None,
        refunded_by: str,
        key: str,
        session: Session,
    ) -> Order:
        if order.state is not OrderState.COLLECTED:
            raise OrderMoveIllegal(state=order.state_at(self._clock.now()).value)
        now = self._clock.now()
        lines = with_returns(order.lines, pieces)
        given_back = refund_of(order, lines)
        await self._points.give_part_back(order, given_back.points, key, session)
        unearned, available_at, returned_event = await self._purchases.give_back(
            order.id, pieces_of(order, pieces), given_back.points, session
        )
        await self._points.take_back(order, unearned, available_at, key, session)
        due: tuple[DuePayment, ...] = ()
        if given_back.money and order.payment_method is PaymentMethod.CARD and not order.amount_owed:
            due = (DuePayment(DuePaymentKind.REFUND, given_back.money, key),)
        returned = tuple(RefundedLine(line_id, quantity) for line_id, quantity in sorted(pieces.items()))
        refund = OrderRefund(
            given_back.money, given_back.points, returned, given_back.taxes, refunded_by, now, reason
        )
        after = replace(
            order,
            lines=lines,
            version=order.version + 1,
            refunds=(*order.refunds, refund),
            due_payments=order.due_payments + due,
        )
        await self._changing.write(after, "OrderRefunded", session, [returned_event])
        return after


def _stock_lines(order: Order, pieces: Mapping[str, int]) -> list[StockLine]:
    """So many pieces of these lines, summed by SKU: a substitute may be that of another line too."""
    returned: Counter[str] = Counter()
    for line in order.lines:
        returned[line.item.sku_id] += pieces.get(line.id, 0)
    return [
        StockLine(StockKey(sku_id, order.store_id), number) for sku_id, number in returned.items() if number
    ]


async def _nothing_to_store(session: Session, refusal: Refusal) -> None:
    """A refused refund leaves nothing behind."""
