"""Refunds of collected orders, line by line."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.auth.actor import StaffActor
from app.catalog.model import Product
from app.catalog.service import CatalogService
from app.inventory.model import StockKey, StockLine
from app.inventory.service import StockService
from app.members.model import Member
from app.orders import rules
from app.orders.changing import OrderChanging, is_at
from app.orders.collecting import require_hers
from app.orders.errors import OrderMoveIllegal, OrderNotFound, RefundInvalid
from app.orders.lines import with_returns
from app.orders.model import DuePayment, DuePaymentKind, Order, OrderRefund, RefundedLine
from app.orders.point_use import OrderPoints
from app.orders.pricing import refund_of
from app.orders.purchase import pieces_of
from app.orders.repository import OrderRepository
from app.orders.shown import ShownOrder
from app.orders.states import OrderState
from app.payments.model import PaymentMethod
from app.points.model import PointAccount, PointEntry
from app.purchases.model import Purchase
from app.purchases.ordered import OrderPurchases
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.mongodb.database import ConcurrentChange, Database, Document, Session
from app.shared.mongodb.fresh_results import FreshResult
from app.shared.mongodb.reading import read_together


@dataclass(frozen=True, slots=True)
class _Basis:
    """An order with all that bears on a refund; without an account where the member has no entries."""

    order: Order
    products: Sequence[Product]
    account: PointAccount | None
    spendings: Sequence[PointEntry]
    purchase: Purchase | None
    member: Member | None


class OrderRefunding:
    """Takes goods back: points that paid for them first, then money; what they earned is withdrawn."""

    def __init__(
        self,
        database: Database,
        changing: OrderChanging,
        catalog: CatalogService,
        points: OrderPoints,
        purchases: OrderPurchases,
        stock: StockService,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._database = database
        self._orders = OrderRepository(database)
        self._changing = changing
        self._catalog = catalog
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
    ) -> ShownOrder:
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

        fresh: FreshResult[ShownOrder] = FreshResult()

        async def accept(session: Session) -> Document:
            basis = await self._read(order_id)
            if basis is None or not is_at(staff)(basis.order):
                raise OrderNotFound(path=["input", "orderId"])
            after = await self._refund(basis, pieces, checked_reason, staff.staff_id, request.id, session)
            if goes_on_shelf:
                lines = _stock_lines(basis.order, pieces)
                await self._stock.take_back(staff, lines, f"refund:{request.id}", session)
            return fresh.keep({"order_id": order_id}, ShownOrder.of(after, basis.products))

        result = await self._idempotency.once(request, accept, _nothing_to_store)
        refunded = fresh.of(result)
        if refunded is None:
            return ShownOrder(await self._changing.settled(order_id))
        return replace(refunded, order=await self._changing.settled(order_id, refunded.order))

    async def _read(self, order_id: str) -> _Basis | None:
        """The order with all that bears on a refund, by one command, the order read last.

        So what changes meanwhile is older than the order, and its write finds out. Raises ConcurrentChange
        when the member was merged meanwhile.
        """
        source = self._orders.reading(order_id)
        products = self._catalog.reading_named(source, "lines.item.sku_id")
        account = self._points.reading_account(source)
        spendings = self._points.reading_spendings(source, order_id)
        bought = self._purchases.reading_purchase(order_id)
        found = await read_together(self._database, products, account, spendings, bought, source)
        order = found[source]
        if order is None:
            return None
        purchase, member = found[bought]
        require_hers(order, found[account], member)
        return _Basis(order, found[products], found[account], found[spendings], purchase, member)

    async def _refund(
        self,
        basis: _Basis,
        pieces: Mapping[str, int],
        reason: str | None,
        refunded_by: str,
        key: str,
        session: Session,
    ) -> Order:
        order = basis.order
        if order.state is not OrderState.COLLECTED:
            raise OrderMoveIllegal(state=order.state_at(self._clock.now()).value)
        now = self._clock.now()
        lines = with_returns(order.lines, pieces)
        given_back = refund_of(order, lines)
        if basis.purchase is None:
            raise ConcurrentChange  # it was handed over while all this was read
        unearned, returned_event = await self._purchases.give_back(
            basis.purchase, basis.member, pieces_of(order, pieces), given_back.points, session
        )
        await self._points.refund(
            order,
            basis.account,
            basis.spendings,
            given_back.points,
            unearned,
            basis.purchase.points_available_at,
            key,
            session,
        )
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
