"""Placing an order: stock, slot, points and the order itself, all together or none of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.carts.service import CartService
from app.inventory.model import StockKey
from app.inventory.service import StockService
from app.orders import rules
from app.orders.alternatives import Alternatives
from app.orders.coupon_use import OrderCoupons
from app.orders.errors import OrderTotalChanged, StorePaysFirst, TooManyNoShows, UsePointsInvalid
from app.orders.grounds import Grounds
from app.orders.holding import OrderHolding
from app.orders.model import Order, OrderMove, OrderWish
from app.orders.point_use import OrderPoints
from app.orders.quoting import OrderQuoting, Quote
from app.orders.repository import OrderRepository
from app.orders.slot_service import SlotService
from app.orders.states import Mover, OrderState
from app.payments.model import PaymentMethod
from app.points.model import PointAccount
from app.shared.clock import Clock
from app.shared.database import ConcurrentChange, Database, Session
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.events import Event, EventLog
from app.shared.ids import new_id
from app.stores.rules import store_day


class OrderPlacing:
    """Turns a wish into an order, within one transaction."""

    def __init__(
        self,
        database: Database,
        quoting: OrderQuoting,
        stock: StockService,
        alternatives: Alternatives,
        holding: OrderHolding,
        slots: SlotService,
        points: OrderPoints,
        coupons: OrderCoupons,
        carts: CartService,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._orders = OrderRepository(database)
        self._quoting = quoting
        self._stock = stock
        self._alternatives = alternatives
        self._holding = holding
        self._slots = slots
        self._points = points
        self._coupons = coupons
        self._carts = carts
        self._events = events
        self._clock = clock

    async def require_orderable(
        self, member_id: str, wish: OrderWish, method: PaymentMethod, expected_total: int | None
    ) -> Quote:
        """The quote of a wish that nothing is in the way of. Raises SeveralRefusals with all that is."""
        quote = await self._quoting.quote(member_id, wish)
        problems = list(quote.problems)
        total = quote.totals.total
        if not 0 <= wish.use_points <= total:
            problems.append(UsePointsInvalid(path=["input", "usePoints"], maximum=total))
        if expected_total is not None and expected_total != total:
            problems.append(OrderTotalChanged(path=["input", "expectedTotal"], total=total))
        if method is PaymentMethod.PAY_AT_STORE:
            problems += _missing_trust(quote.grounds)
        if problems:
            raise SeveralRefusals(problems)
        return quote

    def draft(
        self, member_id: str, quote: Quote, method: PaymentMethod, note: str | None, order_id: str
    ) -> Order:
        """The order as it will be, holding nothing yet."""
        window = quote.window
        if window is None:
            raise LookupError("a quote without problems has a slot")
        now = self._clock.now()
        return Order(
            id=order_id,
            version=1,
            member_id=member_id,
            store_id=quote.store.id,
            state=OrderState.PLACED,
            lines=quote.lines,
            slot=window,
            totals=quote.totals,
            payment_method=method,
            payment_id=None,
            hold_id=new_id(),
            pickup_day=store_day(quote.store, window.starts_at),
            pickup_number=rules.new_pickup_number(),
            pickup_code=rules.new_pickup_code(),
            placed_at=now,
            accept_by=window.starts_at,
            collect_by=window.ends_at + timedelta(minutes=quote.grounds.policy.grace_minutes),
            moves=(OrderMove(OrderState.PLACED, Mover.MEMBER, member_id, now),),
            member_name=quote.grounds.member_name,
            note=note,
            coupons=quote.priced.coupons,
        )

    async def place(self, order: Order, quote: Quote, session: Session) -> Order:
        """Writes the order with all that it holds. Raises SeveralRefusals with what is gone meanwhile.

        What many orders want, pieces and the place, is touched last: so it is kept from others for least.
        """
        order = await self.write(order, session, quote.grounds.account)
        await self.hold(order, quote, order.accept_by, session)
        return order

    async def hold(self, order: Order, quote: Quote, until: datetime, session: Session) -> None:
        """Holds the order's pieces and its place until that moment.

        Where somebody else was first, says what works instead, if it is still so.
        """
        if not await self._holding.take_pieces(order, until, session):
            raise await self._short(order, quote)
        policy = quote.grounds.policy
        if not await self._holding.take_place(order, policy, until, session):
            raise SeveralRefusals([await self._slots.full(quote.store, policy, order.weight)])

    async def write(self, order: Order, session: Session, account: PointAccount | None = None) -> Order:
        """Writes the order, spends its points and takes what is ordered out of the cart.

        The points are spent from the account, if it was read just now.

        Raises InsufficientPoints.
        """
        order = replace(order, points_version=order.version, points_member_id=order.member_id)
        await self._points.use(order, session, account)
        await self._coupons.keep(order, session)
        await self._orders.add(order, session)
        if order.is_of_cart:
            pieces = {line.item.sku_id: line.quantity for line in order.lines}
            await self._carts.take_out(order.member_id, pieces, session)
        await self._events.append(order_event("OrderPlaced", order, order.placed_at), session)
        return order

    async def _short(self, order: Order, quote: Quote) -> SeveralRefusals | ConcurrentChange:
        keys = [StockKey(line.item.sku_id, order.store_id) for line in order.lines]
        short = await self._alternatives.short(quote.store, order.lines, await self._stock.levels(keys))
        return SeveralRefusals(short) if short else ConcurrentChange()


def _missing_trust(grounds: Grounds) -> Sequence[Refusal]:
    """Whoever left as many orders uncollected as the store puts up with pays before."""
    most, path = grounds.policy.no_shows_until_payment_first, ["input", "paymentMethod"]
    if most is None:
        return []
    if most == 0:
        return [StorePaysFirst(path=path)]
    return [TooManyNoShows(path=path)] if grounds.no_shows >= most else []


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
