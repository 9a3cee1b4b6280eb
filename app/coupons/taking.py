"""Deciding about all who wish to use coupons of one offer: what each gets, and what is to be written then."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from app.coupons import rules
from app.coupons.errors import (
    BudgetExhausted,
    CouponExpired,
    CouponHeld,
    CouponNotFound,
    OfferPaused,
    RedemptionLimitReached,
)
from app.coupons.model import Coupon, CouponState, Redemption, RedemptionState
from app.offers.counter_repository import Count, Most
from app.offers.model import Offer, OfferState
from app.shared.errors import Refusal
from app.shared.idempotency import IdempotentRequest
from app.shared.ids import new_id
from app.shared.mongodb.database import Document
from app.stores.model import Store


@dataclass(frozen=True, slots=True)
class Take:
    """A wish to use a coupon. With `held_until` it is held until then, without it is redeemed at once.

    `refusal` is why it cannot be used, where that is known before.
    """

    coupon_id: str
    owner: str
    store: Store
    discount: int
    bonus_points: int = 0
    points_multiplier: int = 1
    points_sku_ids: tuple[str, ...] | None = None
    held_until: datetime | None = None
    request: IdempotentRequest | None = None
    refusal: Refusal | None = None


@dataclass(slots=True)
class Taking:
    """What is known of the offer and the coupons, and what was decided so far."""

    offer: Offer
    now: datetime
    day: str
    coupons: dict[str, Coupon]
    living: dict[str, Redemption]
    counters: dict[str, Count]
    is_short: bool = False
    changed_coupons: dict[str, tuple[Coupon, Coupon]] = field(default_factory=dict)
    changed: list[tuple[Redemption, Redemption]] = field(default_factory=list)
    added: list[Redemption] = field(default_factory=list)
    added_counts: Counter[str] = field(default_factory=Counter)
    added_yen: Counter[str] = field(default_factory=Counter)
    most: dict[str, Most] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, Redemption]:
        return {each.id: each for each in self.living.values()}

    def decide(self, wish: Take) -> Document:
        """Uses the coupon. Raises why it cannot be used.

        The same owner again changes nothing, but that what she held is redeemed when she asks for that.
        """
        coupon = self.coupons.get(wish.coupon_id)
        if coupon is None:
            raise CouponNotFound(path=["input"])
        living = self.living.get(coupon.id)
        if living is not None and living.state_at(self.now) is RedemptionState.ROLLED_BACK:
            self._set(coupon, rules.without_redemption(coupon))
            over = rules.rolled_back(living, self.now, None)
            self.changed.append((living, over))
            coupon, living = self.coupons[coupon.id], None
            del self.living[coupon.id]
        if living is not None and living.owner == wish.owner:
            return self._again(coupon, living, wish)
        self._require_free(coupon, living, wish)
        return self._use(coupon, wish)

    def _again(self, coupon: Coupon, living: Redemption, wish: Take) -> Document:
        if living.state is RedemptionState.HELD and wish.held_until is None:
            after = rules.redeemed(living, self.now)
            self._set(coupon, rules.with_redemption(coupon, after))
            self.living[coupon.id] = after
            if living in self.added:
                self.added[self.added.index(living)] = after
            else:
                self.changed.append((living, after))
        return {"redemption_id": living.id}

    def _require_free(self, coupon: Coupon, living: Redemption | None, wish: Take) -> None:
        """Raises why the coupon cannot be used; that of the caller's first, but a use is told as such."""
        zone = ZoneInfo(wish.store.time_zone)
        match coupon.state_at(self.now):
            case CouponState.REDEEMED:
                store = wish.store if coupon.used_store_id == wish.store.id else None
                raise rules.used_refusal(coupon, store, zone)
            case CouponState.HELD:
                raise CouponHeld
            case CouponState.REVOKED:
                raise rules.revoked_refusal(coupon)
            case CouponState.EXPIRED:
                raise CouponExpired(day=rules.day_texts(coupon.expires_at, zone))
            case _ if wish.refusal is not None:
                raise wish.refusal
        if self.offer.state_at(self.now) is OfferState.PAUSED:
            raise OfferPaused
        used, today, at_store = (
            self.counters.get(key, Count()) for key in counter_keys(self.offer.id, self.day, wish.store.id)
        )
        try:
            rules.require_redeemable(
                self.offer.terms.limits, used.count, today.count, at_store.count, used.yen, wish.discount
            )
        except (RedemptionLimitReached, BudgetExhausted):
            self.is_short = True
            raise

    def _use(self, coupon: Coupon, wish: Take) -> Document:
        keys = counter_keys(self.offer.id, self.day, wish.store.id)
        redemption = Redemption(
            id=new_id(),
            coupon_id=coupon.id,
            offer_id=coupon.offer_id,
            member_id=coupon.member_id,
            owner=wish.owner,
            state=RedemptionState.HELD if wish.held_until else RedemptionState.REDEEMED,
            store_id=wish.store.id,
            discount=wish.discount,
            bonus_points=wish.bonus_points,
            points_multiplier=wish.points_multiplier,
            points_sku_ids=wish.points_sku_ids,
            created_at=self.now,
            counted=keys,
            counted_yen=wish.discount,
            held_until=wish.held_until,
            redeemed_at=None if wish.held_until else self.now,
            due_at=wish.held_until,
        )
        limits = self.offer.terms.limits
        most = (Most(limits.redeemed, limits.budget), Most(limits.a_day), Most(limits.per_store))
        self.most |= dict(zip(keys, most, strict=True))
        for key in keys:
            yen = wish.discount if key == keys[0] else 0
            before = self.counters.get(key, Count())
            self.counters[key] = Count(before.count + 1, before.yen + yen)
            self.added_counts[key] += 1
            self.added_yen[key] += yen
        self.added.append(redemption)
        self.living[coupon.id] = redemption
        self._set(coupon, rules.with_redemption(coupon, redemption))
        return {"redemption_id": redemption.id}

    def _set(self, coupon: Coupon, after: Coupon) -> None:
        before, _ = self.changed_coupons.get(coupon.id, (coupon, coupon))
        self.changed_coupons[coupon.id] = (before, after)
        self.coupons[coupon.id] = after


def used_key(offer_id: str) -> str:
    """The counter of an offer's uses, with the yen that they took off."""
    return f"{offer_id}/used"


def counter_keys(offer_id: str, day: str, store_id: str) -> tuple[str, str, str]:
    """The counters that a use stands on: in all (with the budget), on the day, at the store."""
    key = used_key(offer_id)
    return key, f"{key}/day/{day}", f"{key}/store/{store_id}"
