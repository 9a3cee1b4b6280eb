"""Handing orders over: the pieces are sold, the purchase is recorded, its points and miles are the member's.

What bears on it is read by one command. The transaction only writes, each write on the condition that it is
still so: the order's version, its hold, the levels, the member's miles and her newest ledger entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.inventory.model import StockKey, StockLevel
from app.members.model import Member
from app.orders.coupon_use import OrderCoupons
from app.orders.holding import OrderHolding
from app.orders.model import Order
from app.orders.point_use import OrderPoints
from app.orders.purchase import purchase_of
from app.orders.receipt_service import ReceiptService
from app.orders.settling import OrderSettling
from app.points.model import PointAccount
from app.purchases.ordered import OrderPurchases, PurchaseBasis
from app.shared.clock import Clock
from app.shared.events import Event
from app.shared.mongodb.database import ConcurrentChange, Database, Session
from app.shared.mongodb.reading import Reading, read_together


@dataclass(frozen=True, slots=True)
class ReadyOrder:
    """An order with all that bears on handing it over; without an account where the member has no entries."""

    order: Order
    levels: Mapping[StockKey, StockLevel]
    account: PointAccount | None
    basis: PurchaseBasis


def require_hers(order: Order, account: PointAccount | None, member: Member | None) -> None:
    """Raises ConcurrentChange where what was read with the order is of a guest who was merged meanwhile."""
    ids = {account.member_id if account else order.member_id, member.id if member else order.member_id}
    if ids != {order.member_id}:
        raise ConcurrentChange


class OrderCollecting:
    """Does what belongs to the handing over of an order, in the transaction that moves it."""

    def __init__(
        self,
        database: Database,
        holding: OrderHolding,
        points: OrderPoints,
        purchases: OrderPurchases,
        coupons: OrderCoupons,
        settling: OrderSettling,
        receipts: ReceiptService,
        clock: Clock,
    ) -> None:
        self._database = database
        self._holding = holding
        self._points = points
        self._purchases = purchases
        self._coupons = coupons
        self._settling = settling
        self._receipts = receipts
        self._clock = clock

    async def read(self, source: Reading[Order | None]) -> ReadyOrder | None:
        """The order that the source finds, with all that bears on handing it over, the order read last.

        So what changes meanwhile is older than the order, and its write finds out. Raises ConcurrentChange
        when the member was merged meanwhile.
        """
        levels = self._holding.reading_levels(source)
        account = self._points.reading_account(source)
        basis = self._purchases.reading_basis(source, "member_id", "lines.item.sku_id")
        found = await read_together(self._database, levels, account, basis, source)
        order = found[source]
        if order is None:
            return None
        require_hers(order, found[account], found[basis].member)
        return ReadyOrder(order, found[levels], found[account], found[basis])

    async def hand_over(self, ready: ReadyOrder, after: Order, session: Session) -> tuple[Order, Event]:
        """The order as it is collected, and what is told of its purchase. Raises PaymentLetGo."""
        now = self._clock.now()
        await self._settling.require_money(after, session)
        after = replace(after, issuer=await self._receipts.issuer(after.store_id, now))
        await self._holding.sell(ready.order, ready.levels, session)
        purchase, recorded = await self._purchases.record(purchase_of(after, now), ready.basis, session)
        after = replace(after, totals=replace(after.totals, points_to_earn=purchase.points_earned))
        await self._points.earn(after, ready.account, purchase.points_available_at, session)
        await self._coupons.redeem(after, session)
        return after, recorded
