"""An offer: what headquarters define and members get as coupons."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.catalog.model import Texts
from app.offers.conditions import Condition
from app.shared.channels import Channel


class OfferState(StrEnum):
    """Where an offer stands."""

    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


class OfferMove(StrEnum):
    """What headquarters do with an offer."""

    PUBLISH = "PUBLISH"
    PAUSE = "PAUSE"
    RESUME = "RESUME"
    END = "END"


class BenefitKind(StrEnum):
    """What a coupon gives."""

    PERCENT = "PERCENT"
    AMOUNT = "AMOUNT"
    FIXED_PRICE = "FIXED_PRICE"
    FREE_ITEM = "FREE_ITEM"
    POINTS_MULTIPLIER = "POINTS_MULTIPLIER"
    BONUS_POINTS = "BONUS_POINTS"
    FREE_SHIPPING = "FREE_SHIPPING"


class Distribution(StrEnum):
    """How members get coupons of an offer."""

    RULE = "RULE"
    CLAIM = "CLAIM"
    CODE = "CODE"
    UNIQUE_CODES = "UNIQUE_CODES"
    CHECK_IN = "CHECK_IN"
    BEACON = "BEACON"


class OfferMoment(StrEnum):
    """When a member may be given a coupon without asking for it."""

    SIGN_UP = "SIGN_UP"
    CHECK_IN = "CHECK_IN"
    BEACON = "BEACON"
    SEARCH = "SEARCH"
    PURCHASE = "PURCHASE"
    BIRTHDAY = "BIRTHDAY"
    ABSENCE = "ABSENCE"


class Pick(StrEnum):
    """Which of the pieces that an offer applies to."""

    CHEAPEST = "CHEAPEST"
    DEAREST = "DEAREST"


# What is given on arrival is given by a rule that names its moment by itself.
_MOMENTS = {
    Distribution.CHECK_IN: frozenset({OfferMoment.CHECK_IN}),
    Distribution.BEACON: frozenset({OfferMoment.BEACON}),
}


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a coupon gives: percent, yen, yen a piece, free pieces, times the points, or points.

    `maximum_discount` in yen bounds what one use takes off.
    """

    kind: BenefitKind
    value: int
    maximum_discount: int | None = None


@dataclass(frozen=True, slots=True)
class OfferScope:
    """What an offer applies to: these SKUs, categories (with all below them) and brands, or everything.

    A basket must have so much of it, in yen. Of its pieces, perhaps just the cheapest or dearest few count.
    """

    sku_ids: frozenset[str] = frozenset()
    category_ids: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    minimum_basket: int = 0
    pick: Pick | None = None
    pieces: int | None = None

    @property
    def is_everything(self) -> bool:
        return not (self.sku_ids or self.category_ids or self.brands)


@dataclass(frozen=True, slots=True)
class UsableWhen:
    """When and where a coupon may be used. Empty sets stand for all; Monday is 0.

    `from_minute` until just before `until_minute` are minutes after midnight by the store's clock; where
    the first is the later one, they reach over midnight.
    """

    weekdays: frozenset[int] = frozenset()
    from_minute: int = 0
    until_minute: int = 24 * 60
    store_ids: frozenset[str] = frozenset()
    channels: frozenset[Channel] = frozenset()


@dataclass(frozen=True, slots=True)
class OfferLimits:
    """How often at the most; None stands for no limit.

    `issued` and `per_member`, `per_member_a_day` bound the coupons that are given; `redeemed`, `a_day`,
    `per_store` and `budget` (the discounts of all, in yen) bound their use.
    """

    issued: int | None = None
    per_member: int | None = None
    per_member_a_day: int | None = None
    redeemed: int | None = None
    a_day: int | None = None
    per_store: int | None = None
    budget: int | None = None


@dataclass(frozen=True, slots=True)
class OfferVariant:
    """What so many percent of the members get instead, to learn what works better (an A/B test).

    Texts that are None are those of the offer.
    """

    name: str
    percent: int
    benefit: Benefit
    names: Texts | None = None
    descriptions: Texts | None = None


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """All that an offer says. A coupon keeps the version of the terms that it was issued under.

    It is given from `starts_at` until just before `ends_at`. A coupon is good for `valid_days` from its
    issue or until `valid_until`, whichever comes first; otherwise until `ends_at`. `issued_if` says who
    may have one, `usable_if` who may use it. Of a stacking group, one coupon is used at a time; without a
    group, a coupon is used alone. Where several apply, the higher priority comes first. By rule, it is given
    at `moments`; so many percent of the members, `holdout_percent`, get nothing, to tell what it brings.
    """

    names: Texts
    descriptions: Texts
    benefit: Benefit
    distribution: Distribution
    starts_at: datetime
    ends_at: datetime
    scope: OfferScope = field(default_factory=OfferScope)
    usable_when: UsableWhen = field(default_factory=UsableWhen)
    limits: OfferLimits = field(default_factory=OfferLimits)
    issued_if: Condition | None = None
    usable_if: Condition | None = None
    code: str | None = None
    valid_until: datetime | None = None
    valid_days: int | None = None
    stacking_group: str | None = None
    priority: int = 0
    moments: frozenset[OfferMoment] = frozenset()
    holdout_percent: int = 0
    variants: tuple[OfferVariant, ...] = ()

    @property
    def given_at(self) -> frozenset[OfferMoment]:
        """The moments at which members are given it without asking."""
        return _MOMENTS.get(self.distribution, self.moments)

    def as_variant(self, name: str | None) -> "OfferTerms":
        """The terms as those read them who have this variant; None stands for the offer itself."""
        variant = next((each for each in self.variants if each.name == name), None)
        if variant is None:
            return self
        return replace(
            self,
            benefit=variant.benefit,
            names=variant.names or self.names,
            descriptions=variant.descriptions or self.descriptions,
        )

    def expiry(self, issued_at: datetime) -> datetime:
        """When a coupon that is issued at this moment expires."""
        moments = [self.valid_until or self.ends_at]
        if self.valid_days is not None:
            moments = [issued_at + timedelta(days=self.valid_days)]
            moments += [self.valid_until] if self.valid_until else []
        return min(moments)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as it is now. `version` is that of its terms; each change of the terms makes the next."""

    id: str
    version: int
    state: OfferState
    terms: OfferTerms
    created_at: datetime
    changed_at: datetime

    def state_at(self, now: datetime) -> OfferState:
        """The state at this moment, whether or not anybody has noticed what time did."""
        if self.state in {OfferState.DRAFT, OfferState.ENDED}:
            return self.state
        if now >= self.terms.ends_at:
            return OfferState.ENDED
        if self.state is OfferState.PAUSED:
            return OfferState.PAUSED
        return OfferState.SCHEDULED if now < self.terms.starts_at else OfferState.ACTIVE
