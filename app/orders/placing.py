"""Placing an order: stock, slot, points and the order itself, all together or none of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.members.service import MemberService
from app.orders import rules
from app.orders.alternatives import Alternatives
from app.orders.errors import (
    OrderTotalChanged,
    PickupSlotFull,
    StorePaysFirst,
    TooManyNoShows,
    UsePointsInvalid,
)
from app.orders.holding import OrderHolding
from app.orders.model import Order, OrderMove, OrderWish
from app.orders.point_use import OrderPoints
from app.orders.quoting import OrderQuoting, Quote
from app.orders.repository import OrderRepository
from app.orders.slot_service import SlotService
from app.orders.slots import PickupPolicy
from app.orders.states import Mover, OrderState
from app.payments.model import PaymentMethod
from app.shared.clock import Clock
from app.shared.database import Database, Session
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.events import Event, EventLog
from app.stores.rules import store_day

NO_SHOWS_COUNTED_FOR = timedelta(days=90)


class OrderPlacing:
    """Turns a wish into an order, within one transaction."""

    def __init__(
        self,
        database: Database,
        quoting: OrderQuoting,
        members: MemberService,
        alternatives: Alternatives,
        holding: OrderHolding,
        slots: SlotService,
        points: OrderPoints,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._orders = OrderRepository(database)
        self._quoting = quoting
        self._members = members
        self._alternatives = alternatives
        self._holding = holding
        self._slots = slots
        self._points = points
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
            problems += await self._missing_trust(member_id, quote.policy)
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
            hold_id="",
            pickup_day=store_day(quote.store, window.starts_at),
            pickup_number=rules.new_pickup_number(),
            pickup_code=rules.new_pickup_code(),
            placed_at=now,
            accept_by=window.starts_at,
            collect_by=window.ends_at + timedelta(minutes=quote.policy.grace_minutes),
            moves=(OrderMove(OrderState.PLACED, Mover.MEMBER, member_id, now),),
            note=note,
        )

    async def place(self, order: Order, quote: Quote, session: Session) -> Order:
        """Writes the order with all that it holds. Raises SeveralRefusals with what is gone meanwhile."""
        return await self.write(await self.hold(order, quote, order.accept_by, session), session)

    async def hold(self, order: Order, quote: Quote, until: datetime, session: Session) -> Order:
        """The order, with its pieces and its place held until that moment."""
        try:
            hold_id = await self._holding.take(order, quote.policy, until, session)
        except PickupSlotFull:
            raise await self._slots.full(quote.store, quote.policy, order.weight) from None
        except SeveralRefusals as short:
            # Somebody else was first: say what works instead, where it is still so.
            problems = await self._alternatives.short(quote.store, order.lines)
            raise SeveralRefusals(problems or short.refusals) from None
        return replace(order, hold_id=hold_id)

    async def write(self, order: Order, session: Session) -> Order:
        """Writes an order that holds what it needs, and spends its points. Raises InsufficientPoints."""
        member = await self._members.get(order.member_id, session)
        name = member.profile.nickname if member else None
        order = replace(
            order, member_name=name, points_version=order.version, points_member_id=order.member_id
        )
        await self._points.use(order, session)
        await self._orders.add(order, session)
        await self._events.append(order_event("OrderPlaced", order, order.placed_at), session)
        return order

    async def _missing_trust(self, member_id: str, policy: PickupPolicy) -> Sequence[Refusal]:
        """Whoever left as many orders uncollected as the store puts up with pays before."""
        most, path = policy.no_shows_until_payment_first, ["input", "paymentMethod"]
        if most is None:
            return []
        if most == 0:
            return [StorePaysFirst(path=path)]
        now = self._clock.now()
        no_shows = await self._orders.no_shows_of_member(member_id, now - NO_SHOWS_COUNTED_FOR, now)
        return [TooManyNoShows(path=path)] if no_shows >= most else []


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
