"""Placing orders: stock, slot, points and the order itself, all together or none of it.

Orders that are placed at about the same time are placed in one transaction, those of a store in one after the
other: so in one process they never run into each other, and its commands are shared by all of them.
"""

from collections.abc import Sequence
from datetime import datetime

from app.carts.service import CartService
from app.orders.coupon_use import OrderCoupons
from app.orders.drafting import Draft, OrderDrafting, WantedOrder
from app.orders.holding import OrderHolding
from app.orders.model import Order
from app.orders.point_use import OrderPoints
from app.orders.repository import OrderRepository
from app.shared.events import Event, EventLog
from app.shared.idempotency import Idempotency, IdempotentRequest, result_of
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.draft_commit import Answered, DraftCommit

_Placement = tuple[IdempotentRequest, Draft]


class OrderPlacing:
    """Turns drafts into orders."""

    def __init__(
        self,
        database: Database,
        drafting: OrderDrafting,
        holding: OrderHolding,
        points: OrderPoints,
        coupons: OrderCoupons,
        carts: CartService,
        idempotency: Idempotency,
        events: EventLog,
    ) -> None:
        self._orders = OrderRepository(database)
        self._drafting = drafting
        self._holding = holding
        self._points = points
        self._coupons = coupons
        self._carts = carts
        self._idempotency = idempotency
        self._events = events
        self._commits: DraftCommit[_Placement] = DraftCommit(database, self._place_together)

    async def place(self, wanted: WantedOrder) -> Order:
        """The order with all that it holds, placed now or before by the same request.

        Whoever comes late looks again: the next draft tells what is gone meanwhile, and what works instead.
        Raises SeveralRefusals with all that is in the way, and the refusals of a wish that makes no sense.
        """

        async def draft() -> _Placement | Answered[Document]:
            grounds = await self._drafting.grounds(wanted)
            if grounds.answer is not None:
                return Answered(grounds.answer)
            return wanted.request, await self._drafting.draft(wanted, grounds)

        placed = await self._commits.commit(wanted.wish.store_id, draft)
        if isinstance(placed, Answered):
            return await self.placed(result_of(placed.answer)["order_id"])
        return placed[1].order

    async def placed(self, order_id: str) -> Order:
        """An order that has been placed."""
        order = await self._orders.get(order_id)
        if order is None:
            raise LookupError(f"order {order_id} is gone")
        return order

    async def _place_together(self, placements: Sequence[_Placement], session: Session) -> None:
        """Places all of these.

        What many orders want, pieces and places, is touched last: so it is kept from others for least.
        """
        drafts = [draft for _, draft in placements]
        results = [(request, {"order_id": draft.order.id}) for request, draft in placements]
        await self._points.use_new(drafts, session)
        await self.write([draft.order for draft in drafts], session)
        await self._idempotency.remember(results, session)
        await self._holding.take_new(drafts, session)

    async def write(self, orders: Sequence[Order], session: Session) -> None:
        """Writes the orders, keeps their coupons and takes what is ordered out of the carts."""
        await self._orders.add(orders, session)
        await self._events.append_many(
            [order_event("OrderPlaced", order, order.placed_at) for order in orders], session
        )
        for order in orders:
            await self._coupons.keep(order, session)
            if order.is_of_cart:
                pieces = {line.item.sku_id: line.quantity for line in order.lines}
                await self._carts.take_out(order.member_id, pieces, session)


def order_event(event_type: str, order: Order, at: datetime) -> Event:
    """What happened to an order, for whoever follows it."""
    data = {
        "order_id": order.id,
        "member_id": order.member_id,
        "store_id": order.store_id,
        "state": order.state.value,
        "version": order.version,
    }
    return Event(event_type, f"order:{order.id}", at, data)
