"""What purchases earn: the retailer's rules, and campaigns that multiply points for a while."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.catalog.model import TaxRate, Texts
from app.members.model import Rank
from app.shared.channels import Channel


@dataclass(frozen=True, slots=True)
class PointRules:
    """The rules from a moment on. Rates are in percent of what `yen_per_point` yen earn: 100 is one point.

    A category's rate holds for all below it that have none of their own; an excluded category earns
    nothing, with all below it. Gift cards never do. Unless `counts_tax`, what is earned on is without tax.
    """

    valid_from: datetime
    yen_per_point: int = 100
    counts_tax: bool = False
    rank_percents: Mapping[Rank, int] = field(default_factory=dict)
    category_percents: Mapping[str, int] = field(default_factory=dict)
    excluded_categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PointCampaign:
    """A rate that multiplies points from `starts_at` until just before `ends_at`.

    For these ranks, channels, stores and categories with all below them; an empty set stands for all.
    """

    id: str
    names: Texts
    percent: int
    starts_at: datetime
    ends_at: datetime
    ranks: frozenset[Rank] = frozenset()
    channels: frozenset[Channel] = frozenset()
    store_ids: frozenset[str] = frozenset()
    category_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EarningLine:
    """A line of a receipt, as far as it matters to points. `amount` is in yen, tax included.

    `category_path` leads from the topmost category down to its own; a line without a tax rate has no tax.
    """

    amount: int
    tax_rate: TaxRate | None
    category_path: tuple[str, ...] = ()
    is_gift_card: bool = False


@dataclass(frozen=True, slots=True)
class EarningReceipt:
    """What a purchase earns by: when and where it was, what was bought, and how many points paid for it."""

    occurred_at: datetime
    channel: Channel
    store_id: str | None
    lines: tuple[EarningLine, ...]
    points_used: int


@dataclass(frozen=True, slots=True)
class Earned:
    """What a line earns."""

    points: int
    miles: int


@dataclass(frozen=True, slots=True)
class CouponReward:
    """What a coupon adds to the points of a receipt: those of its lines so many times, and points on top.

    `lines` are the numbers of the lines that it is for, the first being 0; None stands for all.
    """

    times: int = 1
    on_top: int = 0
    lines: frozenset[int] | None = None

    def is_for(self, line: int) -> bool:
        return self.lines is None or line in self.lines
