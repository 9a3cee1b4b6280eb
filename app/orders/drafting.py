"""Drafting an order: what is wished as the order that it will be, if nothing is in its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.orders import rules
from app.orders.errors import OrderTotalChanged, StorePaysFirst, TooManyNoShows, UsePointsInvalid
from app.orders.grounds import Grounds
from app.orders.model import Order, OrderMove
from app.orders.quoting import OrderQuoting, Quote
from app.orders.slots import PickupPolicy
from app.orders.states import Mover, OrderState
from app.orders.wishes import OrderWish
from app.payments.model import PaymentMethod
from app.points.model import PointAccount
from app.shared.clock import Clock
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.idempotency import IdempotentRequest
from app.shared.ids import new_id
from app.stores.rules import store_day


@dataclass(frozen=True, slots=True)
class WantedOrder:
    """An order that a member wants to place, once for her request; at `expected_total` if she says one."""

    member_id: str
    wish: OrderWish
    method: PaymentMethod
    note: str | None
    expected_total: int | None
    request: IdempotentRequest


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that holds nothing yet, with the account and the policy that it was drafted with."""

    order: Order
    account: PointAccount
    policy: PickupPolicy


class OrderDrafting:
    """Turns wishes into drafts; nothing is written."""

    def __init__(self, quoting: OrderQuoting, clock: Clock) -> None:
        self._quoting = quoting
        self._clock = clock

    async def grounds(self, wanted: WantedOrder) -> Grounds:
        """What the draft is made from, as it is now, with the answer that the request has already."""
        return await self._quoting.grounds(wanted.member_id, wanted.wish, wanted.request)

    async def draft(self, wanted: WantedOrder, grounds: Grounds) -> Draft:
        """The order as it will be. Raises SeveralRefusals with all that is in its way, and StoreNotFound."""
        quote = await self._quoting.quote_on(grounds, wanted.member_id, wanted.wish)
        problems = [*quote.problems, *_problems(wanted, quote)]
        if problems:
            raise SeveralRefusals(problems)
        return Draft(self._order(wanted, quote), grounds.account, grounds.policy)

    def _order(self, wanted: WantedOrder, quote: Quote) -> Order:
        window = quote.window
        if window is None:
            raise LookupError("a quote without problems has a slot")
        now = self._clock.now()
        return Order(
            id=new_id(),
            version=1,
            member_id=wanted.member_id,
            store_id=quote.store.id,
            state=OrderState.PLACED,
            lines=quote.lines,
            slot=window,
            totals=quote.totals,
            payment_method=wanted.method,
            payment_id=None,
            hold_id=new_id(),
            pickup_day=store_day(quote.store, window.starts_at),
            pickup_number=rules.new_pickup_number(),
            pickup_code=rules.new_pickup_code(),
            placed_at=now,
            accept_by=window.starts_at,
            collect_by=window.ends_at + timedelta(minutes=quote.grounds.policy.grace_minutes),
            moves=(OrderMove(OrderState.PLACED, Mover.MEMBER, wanted.member_id, now),),
            member_name=quote.grounds.member_name,
            points_member_id=wanted.member_id,
            note=wanted.note,
            is_of_cart=wanted.wish.is_of_cart,
            coupons=quote.priced.coupons,
        )


def _problems(wanted: WantedOrder, quote: Quote) -> list[Refusal]:
    """What is in the way of placing what could be quoted."""
    problems: list[Refusal] = []
    total = quote.totals.total
    if not 0 <= wanted.wish.use_points <= total:
        problems.append(UsePointsInvalid(path=["input", "usePoints"], maximum=total))
    if wanted.expected_total is not None and wanted.expected_total != total:
        problems.append(OrderTotalChanged(path=["input", "expectedTotal"], total=total))
    if wanted.method is PaymentMethod.PAY_AT_STORE:
        problems += _missing_trust(quote.grounds)
    return problems


def _missing_trust(grounds: Grounds) -> Sequence[Refusal]:
    """Whoever left as many orders uncollected as the store puts up with pays before."""
    most, path = grounds.policy.no_shows_until_payment_first, ["input", "paymentMethod"]
    if most is None:
        return []
    if most == 0:
        return [StorePaysFirst(path=path)]
    return [TooManyNoShows(path=path)] if grounds.no_shows >= most else []
