"""What an offer has brought: who was given it, and how those who were held out did without."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CouponCounts:
    """Coupons of a variant, or of the offer itself: given, shown in the wallet, and used."""

    issued: int = 0
    seen: int = 0
    redeemed: int = 0

    def __add__(self, other: "CouponCounts") -> "CouponCounts":
        return CouponCounts(
            self.issued + other.issued, self.seen + other.seen, self.redeemed + other.redeemed
        )


@dataclass(frozen=True, slots=True)
class Group:
    """Members, those of them who bought, what they spent in yen, and the sum of its squares by member."""

    members: int = 0
    buyers: int = 0
    revenue: int = 0
    squares: int = 0

    def __add__(self, other: "Group") -> "Group":
        return Group(
            self.members + other.members,
            self.buyers + other.buyers,
            self.revenue + other.revenue,
            self.squares + other.squares,
        )

    @property
    def mean(self) -> float:
        """Yen a member."""
        return self.revenue / self.members if self.members else 0.0

    @property
    def rate(self) -> float:
        """The part of the members who bought."""
        return self.buyers / self.members if self.members else 0.0

    @property
    def variance(self) -> float:
        """Of the members' revenue, as far as it is known of all that it was drawn from."""
        if self.members < 2:
            return 0.0
        return max(0.0, (self.squares - self.revenue**2 / self.members) / (self.members - 1))


@dataclass(frozen=True, slots=True)
class Estimate:
    """By how much one group does better than another, and where that lies with 95 % confidence.

    `lift` is the difference as a part of what the other group does; None where that does nothing.
    """

    difference: float
    low: float
    high: float
    lift: float | None


@dataclass(frozen=True, slots=True)
class Lift:
    """What being given coupons changed; None where a group is too small to tell."""

    buying_rate: Estimate | None
    revenue_per_member: Estimate | None


@dataclass(frozen=True, slots=True)
class VariantReport:
    """What came of a variant; the name None stands for the offer itself."""

    name: str | None
    coupons: CouponCounts
    given: Group
    lift: Lift


@dataclass(frozen=True, slots=True)
class OfferReport:
    """What came of an offer. The groups are of those who allow personalization; `discount` is in yen."""

    coupons: CouponCounts
    discount: int
    given: Group
    held_out: Group
    lift: Lift
    variants: tuple[VariantReport, ...]
    is_exact: bool
