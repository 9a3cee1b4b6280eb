"""Coupons and their redemptions. An offer says what a coupon gives; using a coupon is a redemption."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.offers.conditions import Leaf
from app.offers.model import OfferMoment, OfferTerms


class CouponState(StrEnum):
    """Where a coupon stands."""

    ISSUED = "ISSUED"
    HELD = "HELD"
    REDEEMED = "REDEEMED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class RevocationReason(StrEnum):
    """Why a coupon was taken back."""

    GIVEN_TWICE = "GIVEN_TWICE"
    MEMBER_LIMIT = "MEMBER_LIMIT"


class RedemptionState(StrEnum):
    """Where a use of a coupon stands."""

    HELD = "HELD"
    REDEEMED = "REDEEMED"
    ROLLED_BACK = "ROLLED_BACK"


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon in a member's wallet, under one version of its offer's terms.

    `source` says what it was given for, once for each offer and member; `moment` and its store, if she did
    not ask for it. `reasons` are the conditions that held then. While HELD or REDEEMED, `redemption_id` is
    its use; a hold ends by itself at `held_until`. `seen_at` is when her wallet first showed it.
    """

    id: str
    offer_id: str
    offer_version: int
    member_id: str
    code: str
    state: CouponState
    issued_at: datetime
    expires_at: datetime
    source: str
    reasons: tuple[Leaf, ...] = ()
    redemption_id: str | None = None
    held_until: datetime | None = None
    used_at: datetime | None = None
    used_store_id: str | None = None
    revoked_for: RevocationReason | None = None
    variant: str | None = None
    moment: OfferMoment | None = None
    moment_store_id: str | None = None
    seen_at: datetime | None = None

    @property
    def version(self) -> tuple[str, int]:
        """Which terms it goes by."""
        return self.offer_id, self.offer_version

    def state_at(self, now: datetime) -> CouponState:
        """The state at this moment, whether or not anybody has noticed what time did."""
        state = self.state
        if state is CouponState.HELD and self.held_until is not None and self.held_until <= now:
            state = CouponState.ISSUED
        if state is CouponState.ISSUED and self.expires_at <= now:
            return CouponState.EXPIRED
        return state


@dataclass(frozen=True, slots=True)
class Redemption:
    """A use of a coupon by its owner: an order, or a receipt of a till. `discount` is in yen.

    Its points are earned with the goods that it is used for: those with `points_sku_ids`, or None for all.

    `counted` are the counters that it stands on, with `counted_yen` of the budget; from `due_at` on, what
    it no longer needs of them is to be given back.
    """

    id: str
    coupon_id: str
    offer_id: str
    member_id: str
    owner: str
    state: RedemptionState
    store_id: str
    discount: int
    bonus_points: int
    points_multiplier: int
    points_sku_ids: tuple[str, ...] | None
    created_at: datetime
    counted: tuple[str, ...] = ()
    counted_yen: int = 0
    held_until: datetime | None = None
    redeemed_at: datetime | None = None
    rolled_back_at: datetime | None = None
    reason: str | None = None
    due_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.state is not RedemptionState.ROLLED_BACK

    def state_at(self, now: datetime) -> RedemptionState:
        """The state at this moment: a hold is over at its end."""
        is_over = self.held_until is not None and self.held_until <= now
        if self.state is RedemptionState.HELD and is_over:
            return RedemptionState.ROLLED_BACK
        return self.state


@dataclass(frozen=True, slots=True)
class CouponWithTerms:
    """A coupon with what it says."""

    coupon: Coupon
    terms: OfferTerms


@dataclass(frozen=True, slots=True)
class OfferFigures:
    """Coupons of an offer that were given, those that are used or held, and their discounts in yen."""

    issued: int
    used: int
    discount: int
