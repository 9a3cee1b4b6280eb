"""What must be true of all coupons, their uses and their offers' counters at any moment."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime, timedelta

from app.coupons.documents import coupon_from, redemption_from
from app.coupons.model import Coupon, CouponState, Redemption, RedemptionState
from app.coupons.redemption_repository import REDEMPTIONS
from app.coupons.repository import COUPONS
from app.coupons.taking import used_key
from app.offers.counter_repository import OFFER_COUNTERS
from app.offers.model import OfferLimits
from app.offers.service import OfferService
from app.orders.model import Order
from app.orders.states import OrderState, is_open
from app.shared.mongodb.database import Database

LONGEST_WAIT = timedelta(minutes=15)  # for which a use is held that no order has yet


async def faults_of_coupons(
    database: Database, orders: Iterable[Order], begun: Iterable[Order], now: datetime
) -> AsyncIterator[str]:
    """Where coupons, uses, orders and counters do not agree."""
    found = await database.collection(REDEMPTIONS).find({})
    uses = {each["_id"]: redemption_from(each) for each in found}
    coupons = [coupon_from(each) for each in await database.collection(COUPONS).find({})]
    for fault in (
        *_faults_of_states(coupons, uses, now),
        *_faults_of_orders(list(orders), uses, now),
        *_faults_of_uses(list(orders), list(begun), uses.values(), now),
    ):
        yield fault
    counters = {each["_id"]: each for each in await database.collection(OFFER_COUNTERS).find({})}
    for fault in _faults_of_counters(uses.values(), counters, now):
        yield fault


def _faults_of_states(coupons: Iterable[Coupon], uses: dict[str, Redemption], now: datetime) -> Iterator[str]:
    """A coupon is used or held by the one use that says so, and otherwise by none."""
    living: Counter[str] = Counter()
    for each in uses.values():
        living[each.coupon_id] += each.state_at(now) is not RedemptionState.ROLLED_BACK
    for coupon in coupons:
        state, use = coupon.state_at(now), uses.get(coupon.redemption_id or "")
        is_taken = state in {CouponState.HELD, CouponState.REDEEMED}
        if living[coupon.id] != is_taken:
            yield f"coupon {coupon.id} is {state} and has {living[coupon.id]} uses"
        if is_taken and (use is None or use.coupon_id != coupon.id or use.state_at(now).value != state.value):
            yield f"coupon {coupon.id} is {state} by {use}"


def _faults_of_orders(orders: list[Order], uses: dict[str, Redemption], now: datetime) -> Iterator[str]:
    """What an order takes off is what its coupons give, and each is held or used by that order."""
    for order in orders:
        named = {coupon.coupon_id for coupon in order.coupons}
        if {each.coupon_id for line in order.lines for each in line.discounts} - named:
            yield f"order {order.id} has discounts of no coupon"
        if any(line.amount < 0 or line.kept.amount < 0 for line in order.lines):
            yield f"order {order.id} has a line that costs less than nothing"
        for coupon in order.coupons:
            use = uses[coupon.redemption_id]
            state, expected = use.state_at(now), _expected(order, now)
            if (use.coupon_id, state) != (coupon.coupon_id, expected):
                yield f"order {order.id} is {order.state} and its coupon's use {state} instead of {expected}"
            discount = coupon.discount(order.lines)
            is_right = (
                use.discount == discount if state is RedemptionState.REDEEMED else use.discount >= discount
            )
            if not is_right:
                yield f"order {order.id} takes {discount} off and the use says {use.discount}"


def _expected(order: Order, now: datetime) -> RedemptionState:
    if order.state is OrderState.COLLECTED:
        return RedemptionState.REDEEMED
    return RedemptionState.HELD if is_open(order.state) else RedemptionState.ROLLED_BACK


def _faults_of_uses(
    orders: list[Order], begun: list[Order], uses: Iterable[Redemption], now: datetime
) -> Iterator[str]:
    """What orders hold and use is some order's; what is held beside waits for a card's answer at most."""
    of_orders = {coupon.redemption_id for order in (*orders, *begun) for coupon in order.coupons}
    for use in uses:
        is_living = use.state_at(now) is not RedemptionState.ROLLED_BACK
        if not is_living or not use.owner.startswith("order:") or use.id in of_orders:
            continue
        if use.held_until is None or use.held_until - use.created_at > LONGEST_WAIT:
            yield f"nobody's use: {use}"


def _faults_of_counters(
    uses: Iterable[Redemption], counters: dict[str, dict[str, int]], now: datetime
) -> Iterator[str]:
    """A counter counts the uses that stand on it; once nothing is due, they are those that live."""
    counts: Counter[str] = Counter()
    yen: Counter[str] = Counter()
    for use in uses:
        counts.update(use.counted)
        if use.counted:
            yen[use.counted[0]] += use.counted_yen
        is_due = use.due_at is not None and use.due_at <= now
        is_living = use.state_at(now) is not RedemptionState.ROLLED_BACK
        if not is_due and (bool(use.counted), use.counted_yen) != (is_living, use.discount * is_living):
            yield f"nothing is due of {use}"
    for key in counts.keys() | yen.keys() | counters.keys():
        if not key.partition("/")[2].startswith("used"):
            continue
        counter = counters.get(key, {"count": 0, "yen": 0})
        if (counter["count"], counter["yen"]) != (counts[key], yen[key]):
            yield f"{key} counts {counter} instead of {counts[key]} for {yen[key]} yen"


async def faults_of_limits(database: Database, offers: OfferService) -> AsyncIterator[str]:
    """No offer is used more often, or for more, than it allows."""
    for counter in await database.collection(OFFER_COUNTERS).find({}):
        offer_id, _, kind = counter["_id"].partition("/")
        limits = (await offers.require(offer_id)).terms.limits
        most = _most(limits, kind)
        if most is not None and counter["count"] > most:
            yield f"{counter['_id']} is {counter['count']}, over {most}"
        is_whole = counter["_id"] == used_key(offer_id)
        if is_whole and limits.budget is not None and counter["yen"] > limits.budget:
            yield f"{counter['_id']} took {counter['yen']} yen off, over {limits.budget}"


def _most(limits: OfferLimits, kind: str) -> int | None:
    if kind.startswith("used/day/"):
        return limits.a_day
    if kind.startswith("used/store/"):
        return limits.per_store
    return limits.redeemed if kind == "used" else None
