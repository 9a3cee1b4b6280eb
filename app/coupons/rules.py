"""Pure decisions about coupons: whether one can be used, and what becomes of it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.coupons.errors import (
    BasketTooSmall,
    BudgetExhausted,
    CouponExpired,
    CouponHeld,
    CouponRevoked,
    CouponUsed,
    MemberDayLimitReached,
    MemberLimitReached,
    NothingApplies,
    NoUseHere,
    OfferExhausted,
    OfferPaused,
    RedemptionLimitReached,
    UseConditionFails,
    WrongStore,
    WrongTime,
)
from app.coupons.model import (
    Coupon,
    CouponState,
    CouponWithTerms,
    Redemption,
    RedemptionState,
    RevocationReason,
)
from app.coupons.pricing import BasketLine, PricedCoupon, applied, eligible_amount
from app.offers.conditions import MemberFacts, holds, is_within_hours
from app.offers.model import BenefitKind, Offer, OfferLimits, OfferState, UsableWhen
from app.offers.texts import when_texts
from app.shared.channels import Channel
from app.shared.errors import Refusal
from app.shared.i18n import Language
from app.stores.model import Store

_SHIPPING: Mapping[str, str] = {"ja": "送料", "en": "shipping"}
_REVOCATIONS: Mapping[RevocationReason, Mapping[str, str]] = {
    RevocationReason.GIVEN_TWICE: {
        "ja": "同じ理由のクーポンをすでにお持ちです",
        "en": "you have one that was given for the same",
    },
    RevocationReason.MEMBER_LIMIT: {
        "ja": "お一人様の上限を超えています",
        "en": "it is more than a member may have",
    },
}


def priced(held: CouponWithTerms) -> PricedCoupon:
    """The coupon as far as the price goes."""
    terms = held.terms
    return PricedCoupon(held.coupon.id, terms.benefit, terms.scope, terms.stacking_group, terms.priority)


def obstacles(
    held: CouponWithTerms,
    offer: Offer | None,
    store: Store,
    at: datetime,
    used_at_store: Store | None = None,
    facts: MemberFacts | None = None,
) -> Iterator[Refusal]:
    """All that keeps the coupon from being used at this store and moment, whatever is bought.

    Without the offer, whether it is paused is not looked at, and without facts, what is asked of the member.
    """
    yield from _state_obstacles(held.coupon, store, at, used_at_store)
    if offer is not None and offer.state_at(at) is OfferState.PAUSED:
        yield OfferPaused()
    if held.terms.benefit.kind is BenefitKind.FREE_SHIPPING and not ships(store):
        yield NoUseHere()
    when = held.terms.usable_when
    if (when.store_ids and store.id not in when.store_ids) or (
        when.channels and store.channel not in when.channels
    ):
        yield WrongStore()
    if not is_time_for(when, at.astimezone(ZoneInfo(store.time_zone))):
        yield WrongTime(when=when_texts(when))
    if facts is not None and not holds(held.terms.usable_if, facts):
        yield UseConditionFails()


def ships(store: Store) -> bool:
    """Whether what is bought there is sent."""
    return store.channel not in {Channel.STORE, Channel.POPUP}


def basket_obstacles(
    held: CouponWithTerms, lines: Sequence[BasketLine], what: Mapping[str, str], shipping: int | None = None
) -> Iterator[Refusal]:
    """What keeps the coupon from doing anything for this basket. `what` says what it is for, by language.

    Where nobody knows what shipping will cost, it is taken to cost something.
    """
    shipping = 1 if shipping is None else shipping
    scope = held.terms.scope
    has = eligible_amount(lines, scope)
    if has < scope.minimum_basket:
        missing = scope.minimum_basket - has
        amount = {"ja": f"{missing:,}円", "en": f"¥{missing:,}"}
        yield BasketTooSmall(what=dict(what), missing=missing, amount=amount)
    elif not any(effect.has_effect for effect in applied(lines, [priced(held)], shipping).effects):
        is_for_shipping = held.terms.benefit.kind is BenefitKind.FREE_SHIPPING and not shipping
        yield NothingApplies(what=dict(_SHIPPING if is_for_shipping else what))


def is_time_for(when: UsableWhen, local: datetime) -> bool:
    """Whether a coupon may be used at this moment of the store's clock.

    Hours that reach over midnight belong to the day on which they began.
    """
    minute = local.hour * 60 + local.minute
    if not is_within_hours(minute, when.from_minute, when.until_minute):
        return False
    is_of_yesterday = when.from_minute > when.until_minute and minute < when.until_minute
    weekday = (local.weekday() - 1) % 7 if is_of_yesterday else local.weekday()
    return not when.weekdays or weekday in when.weekdays


def require_issuable(limits: OfferLimits, issued: int, of_member: int, of_member_today: int) -> None:
    """Whether one more coupon is given. Raises OfferExhausted, MemberLimitReached, MemberDayLimitReached."""
    if limits.per_member is not None and of_member >= limits.per_member:
        raise MemberLimitReached(maximum=limits.per_member)
    if limits.per_member_a_day is not None and of_member_today >= limits.per_member_a_day:
        raise MemberDayLimitReached(maximum=limits.per_member_a_day)
    if limits.issued is not None and issued >= limits.issued:
        raise OfferExhausted


def require_redeemable(
    limits: OfferLimits, uses: int, uses_today: int, uses_at_store: int, spent: int, discount: int
) -> None:
    """Whether one more use is left of everything. Raises RedemptionLimitReached and BudgetExhausted."""
    counts = ((limits.redeemed, uses), (limits.a_day, uses_today), (limits.per_store, uses_at_store))
    if any(limit is not None and count >= limit for limit, count in counts):
        raise RedemptionLimitReached
    if limits.budget is not None and spent + discount > limits.budget:
        raise BudgetExhausted


def with_redemption(coupon: Coupon, redemption: Redemption) -> Coupon:
    """The coupon as this use of it leaves it."""
    is_used = redemption.state is RedemptionState.REDEEMED
    return replace(
        coupon,
        state=CouponState.REDEEMED if is_used else CouponState.HELD,
        redemption_id=redemption.id,
        held_until=redemption.held_until,
        used_at=redemption.redeemed_at,
        used_store_id=redemption.store_id if is_used else None,
    )


def without_redemption(coupon: Coupon) -> Coupon:
    """The coupon back in the wallet, good for as long as it was; one that was taken back stays so."""
    return replace(
        coupon,
        state=CouponState.REVOKED if coupon.revoked_for else CouponState.ISSUED,
        redemption_id=None,
        held_until=None,
        used_at=None,
        used_store_id=None,
    )


def rolled_back(redemption: Redemption, now: datetime, reason: str | None) -> Redemption:
    """The use undone; what it stood on is due to be given back."""
    return replace(
        redemption, state=RedemptionState.ROLLED_BACK, rolled_back_at=now, reason=reason, due_at=now
    )


def redeemed(redemption: Redemption, now: datetime) -> Redemption:
    """The use that was held, made for good."""
    return replace(redemption, state=RedemptionState.REDEEMED, redeemed_at=now, held_until=None, due_at=None)


def _state_obstacles(
    coupon: Coupon, store: Store, at: datetime, used_at_store: Store | None
) -> Iterator[Refusal]:
    zone = ZoneInfo(store.time_zone)
    match coupon.state_at(at):
        case CouponState.HELD:
            yield CouponHeld()
        case CouponState.REDEEMED:
            yield used_refusal(coupon, used_at_store, zone)
        case CouponState.REVOKED:
            yield revoked_refusal(coupon)
        case CouponState.EXPIRED:
            yield CouponExpired(day=day_texts(coupon.expires_at, zone))
        case CouponState.ISSUED:
            pass


def used_refusal(coupon: Coupon, used_at_store: Store | None, zone: ZoneInfo) -> CouponUsed:
    """Where and when the coupon was used."""
    names = used_at_store.names if used_at_store else {Language.JA: "店舗", Language.EN: "a store"}
    store = {language.value: name for language, name in names.items()}
    return CouponUsed(store=store, day=day_texts(coupon.used_at or coupon.issued_at, zone))


def revoked_refusal(coupon: Coupon) -> CouponRevoked:
    """Why the coupon was taken back."""
    return CouponRevoked(why=dict(_REVOCATIONS[coupon.revoked_for or RevocationReason.GIVEN_TWICE]))


def surplus(
    given: Iterable[Coupon], own: Iterable[Coupon], limits: OfferLimits, now: datetime, zone: ZoneInfo
) -> set[str]:
    """Which of a guest's coupons of an offer are more than the member may have whom she turns out to be.

    Of those that nobody uses or holds, the ones that are good for longest stay.
    """
    ever, days = 0, Counter[date]()
    more: set[str] = set()
    counted = [each for each in own if each.state is not CouponState.REVOKED]
    waiting = [each for each in given if each.state is not CouponState.REVOKED]
    waiting.sort(key=lambda each: (each.state_at(now) is CouponState.ISSUED, -each.expires_at.timestamp()))
    for coupon in (*counted, *waiting):
        day = coupon.issued_at.astimezone(zone).date()
        is_more = (limits.per_member is not None and ever >= limits.per_member) or (
            limits.per_member_a_day is not None and days[day] >= limits.per_member_a_day
        )
        if is_more and coupon in waiting and coupon.state_at(now) is CouponState.ISSUED:
            more.add(coupon.id)
        else:
            ever += 1
            days[day] += 1
    return more


def day_texts(moment: datetime, zone: ZoneInfo) -> dict[str, str]:
    """The day of the moment in words, as in `3 May`."""
    local = moment.astimezone(zone)
    return {"ja": f"{local.month}月{local.day}日", "en": f"{local.day} {MONTHS[local.month - 1]}"}


MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
