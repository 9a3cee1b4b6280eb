"""How an order goes on: each change is one transaction that writes its next version, once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from app.auth.actor import StaffActor
from app.orders import rules
from app.orders.collecting import OrderCollecting, ReadyOrder
from app.orders.coupon_use import OrderCoupons
from app.orders.earning import OrderEarning
from app.orders.errors import DeviceOfNoStore, OrderNotFound
from app.orders.holding import OrderHolding
from app.orders.model import DuePayment, DuePaymentKind, Order, OrderLine
from app.orders.placing import order_event
from app.orders.point_use import OrderPoints
from app.orders.pricing import totals_of
from app.orders.repository import OrderRepository
from app.orders.settling import OrderSettling
from app.orders.slot_service import SlotService
from app.orders.states import Mover, OrderState
from app.payments.model import PaymentMethod
from app.shared.clock import Clock
from app.shared.errors import Forbidden
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session

ENDS = {OrderState.REJECTED, OrderState.CANCELLED, OrderState.NO_SHOW, OrderState.EXPIRED}
EVENTS_OF_STATES = {
    OrderState.ACCEPTED: "OrderAccepted",
    OrderState.PREPARING: "OrderPreparing",
    OrderState.READY: "OrderReady",
    OrderState.COLLECTED: "OrderCollected",
    OrderState.REJECTED: "OrderRejected",
    OrderState.CANCELLED: "OrderCancelled",
    OrderState.NO_SHOW: "OrderNotCollected",
    OrderState.EXPIRED: "OrderExpired",
}

Decide = Callable[[Order, Session], Awaitable[Order]]


class OrderChanging:
    """Moves orders and changes their lines, with all that hangs on it."""

    def __init__(
        self,
        database: Database,
        holding: OrderHolding,
        slots: SlotService,
        points: OrderPoints,
        coupons: OrderCoupons,
        earning: OrderEarning,
        collecting: OrderCollecting,
        settling: OrderSettling,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._orders = OrderRepository(database)
        self._holding = holding
        self._slots = slots
        self._points = points
        self._coupons = coupons
        self._earning = earning
        self._collecting = collecting
        self._settling = settling
        self._events = events
        self._clock = clock

    async def change(self, order_id: str, may_change: Callable[[Order], bool], decide: Decide) -> Order:
        """Has the decision made about the order as it is. Raises OrderNotFound for an order of others."""

        async def act(session: Session) -> Order:
            return await decide(await self.require(order_id, may_change, session), session)

        return await self.run(act)

    async def require(self, order_id: str, may_change: Callable[[Order], bool], session: Session) -> Order:
        """The order, if it is the caller's to change. Raises OrderNotFound."""
        order = await self._orders.get(order_id, session)
        if order is None or not may_change(order):
            raise OrderNotFound(path=["input", "orderId"])
        return order

    async def settled(self, order_id: str, order: Order | None = None) -> Order:
        """The order, read unless it was just written, after what is due for it was done if possible."""
        order = order or await self._orders.get(order_id)
        if order is None:
            raise LookupError(f"order {order_id} is gone")
        await self._settling.settle(order)
        return order

    async def run(self, act: Callable[[Session], Awaitable[Order]]) -> Order:
        """Runs a change in its transaction, and then does what it made due."""
        order = await self._database.transaction(act)
        await self._settling.settle(order)
        return order

    async def move(
        self,
        order: Order,
        target: OrderState,
        mover: Mover,
        moved_by: str,
        session: Session,
        version: int | None = None,
        reason: str | None = None,
        ready: ReadyOrder | None = None,
    ) -> Order:
        """The order's next step with its effects; again by the same mover, it changes nothing.

        When it is to be collected, what bears on that is read, unless it was. Raises OrderChanged,
        OrderMoveIllegal and PaymentLetGo.
        """
        if order.state is target and order.moves[-1].moved_by == moved_by:
            return order
        now = self._clock.now()
        after = rules.moved(order, target, mover, moved_by, now, version, reason)
        after = replace(after, due_payments=order.due_payments + _due(after, target))
        told_before: list[Event] = []
        if target is OrderState.ACCEPTED:
            after = await self._held_until(after, after.collect_by, session)
        elif target is OrderState.COLLECTED:
            ready = ready or await self._collecting.read(self._orders.reading(order.id))
            if ready is None:
                raise LookupError(f"order {order.id} is gone")
            after, purchase_recorded = await self._collecting.hand_over(ready, after, session)
            told_before.append(purchase_recorded)
        elif target in ENDS:
            await self._holding.free(order, session)
            await self._points.give_back(order, session)
            await self._coupons.free(order, session)
        await self.write(after, EVENTS_OF_STATES[target], session, told_before)
        return after

    async def change_lines(
        self,
        order: Order,
        lines: tuple[OrderLine, ...],
        event_type: str,
        changed_by: str,
        session: Session,
    ) -> Order:
        """The order with other lines: what it holds, costs and is paid with follows them.

        Of an order that has no pieces left, nothing is left: the store has rejected it.
        """
        if not any(line.quantity for line in lines):
            return await self.move(order, OrderState.REJECTED, Mover.STORE, changed_by, session)
        after = replace(order, lines=lines, version=order.version + 1)
        after = await self._coupons.give_idle_back(after, session)
        after = replace(after, totals=totals_of(lines, order.totals.points_used))
        to_earn = await self._earning.of_order(after, session)
        after = replace(after, totals=replace(after.totals, points_to_earn=to_earn))
        after = await self._held_until(after, _held_to(after), session)
        after = await self._points.change(order, after, session)
        await self.write(after, event_type, session)
        return after

    async def mark_arrived(self, order: Order, session: Session) -> Order:
        """Notes that the member is at the store; again, it changes nothing."""
        if order.arrived_at is not None:
            return order
        after = replace(order, version=order.version + 1, arrived_at=self._clock.now())
        await self.write(after, "OrderArrived", session)
        return after

    async def _held_until(self, order: Order, until: datetime, session: Session) -> Order:
        policy = await self._slots.policy(order.store_id, session)
        return replace(order, hold_id=await self._holding.retake(order, policy, until, session))

    async def write(
        self, order: Order, event_type: str, session: Session, told_before: Sequence[Event] = ()
    ) -> None:
        """Writes the order's next version, and tells of it, after what else the transaction has to tell."""
        await self._orders.replace(order, session)
        told = order_event(event_type, order, self._clock.now())
        await self._events.append_many([*told_before, told], session)


def _due(order: Order, target: OrderState) -> tuple[DuePayment, ...]:
    """What is to be done with the payment of an order that comes to this state."""
    if order.payment_id is None or (target is not OrderState.COLLECTED and target not in ENDS):
        return ()
    is_taken = target is OrderState.COLLECTED and order.payment_method is PaymentMethod.CARD
    amount = order.totals.to_pay if is_taken else 0
    kind = DuePaymentKind.CAPTURE if amount else DuePaymentKind.VOID
    return (DuePayment(kind, amount, kind.value.lower()),)


def _held_to(order: Order) -> datetime:
    return order.accept_by if order.state is OrderState.PLACED else order.collect_by


def store_of(staff: StaffActor) -> str:
    """The store that the staff member serves at. Raises DeviceOfNoStore."""
    if staff.store_id is None:
        raise DeviceOfNoStore
    return staff.store_id


def store_asked(staff: StaffActor, store_id: str | None) -> str:
    """The store that is asked about: that of her device when none is named; headquarters may name any.

    Raises DeviceOfNoStore and Forbidden.
    """
    store = store_of(staff) if store_id is None else store_id
    if not staff.acts_for(store):
        raise Forbidden
    return store


def is_at(staff: StaffActor) -> Callable[[Order], bool]:
    """Whether an order is one of the store that the staff member serves at."""
    return lambda order: order.store_id == staff.store_id
