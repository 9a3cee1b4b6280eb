"""A purchase: a receipt from any channel, named once and for all, and what was returned of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from app.catalog.model import TaxRate
from app.members.model import Rank
from app.shared.channels import Channel

AHEAD_TERMINAL = "(order ahead)"  # no terminal that a till may name has blanks


@dataclass(frozen=True, slots=True)
class ReceiptName:
    """What names a receipt once and for all. Online there may be no store."""

    channel: Channel
    store_id: str | None
    terminal: str
    receipt_number: str


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """A line as it was sold: `amount` is in yen for all its pieces, tax included, after every discount."""

    quantity: int
    amount: int
    tax_rate: TaxRate | None
    sku_id: str | None = None
    jan: str | None = None
    name: str | None = None
    category_id: str | None = None
    is_gift_card: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """A purchase as it was reported. The member is named by her number or by a verified card, if at all."""

    name: ReceiptName
    occurred_at: datetime
    lines: tuple[ReceiptLine, ...]
    total: int
    points_used: int = 0
    member_number: str | None = None
    verification_id: str | None = None

    def content(self) -> dict[str, Any]:
        """What a repetition of the receipt must equal."""
        return {
            "occurred_at": self.occurred_at.isoformat(),
            "total": self.total,
            "points_used": self.points_used,
            "member_number": self.member_number,
            "verification_id": self.verification_id,
            "lines": [
                [
                    line.sku_id,
                    line.jan,
                    line.name,
                    line.category_id,
                    line.quantity,
                    line.amount,
                    line.tax_rate,
                    line.is_gift_card,
                ]
                for line in self.lines
            ],
        }


@dataclass(frozen=True, slots=True)
class ReturnedPieces:
    """Pieces of the line with this number on the original receipt, the first being 1."""

    line: int
    quantity: int


@dataclass(frozen=True, slots=True)
class ReturnReceipt:
    """A return as it was reported: a receipt of its own, for pieces that were bought on another one."""

    name: ReceiptName
    purchase: ReceiptName
    occurred_at: datetime
    pieces: tuple[ReturnedPieces, ...]

    def content(self) -> dict[str, Any]:
        """What a repetition of the receipt must equal."""
        original = self.purchase
        return {
            "purchase": [original.channel, original.store_id, original.terminal, original.receipt_number],
            "occurred_at": self.occurred_at.isoformat(),
            "pieces": [[each.line, each.quantity] for each in self.pieces],
        }


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A line with what it earned and how many of its pieces were returned.

    `coupon_points` are those of its points that coupons brought.
    """

    item: ReceiptLine
    points: int = 0
    miles: int = 0
    returned: int = 0
    coupon_points: int = 0

    def share_of(self, whole: int) -> int:
        """The part of a whole that belongs to the returned pieces, rounded down over all returns so far."""
        return whole * self.returned // self.item.quantity

    @property
    def amount_returned(self) -> int:
        return self.share_of(self.item.amount)


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase as it is now. `version` grows with every change; anonymous ones have no member.

    `store_day` is the store's calendar day, `rank_year` the year whose miles it earns. `spent_by` is whose
    account the points came from that paid for it. `order_id` names the order ahead that it comes from.
    """

    id: str
    version: int
    name: ReceiptName
    member_id: str | None
    occurred_at: datetime
    received_at: datetime
    store_day: date
    rank_year: int
    lines: tuple[PurchaseLine, ...]
    total: int
    reported_by: str
    content_hash: str
    points_used: int = 0
    points_returned: int = 0
    points_taken: int = 0
    points_available_at: datetime | None = None
    spent_by: str | None = None
    rank: Rank | None = None
    claimed_at: datetime | None = None
    order_id: str | None = None

    @property
    def points_earned(self) -> int:
        """What it earned, less what returns took back."""
        return sum(line.points for line in self.lines) - self.points_taken

    @property
    def share_of_returned(self) -> int:
        """The points that its returned pieces earned."""
        return sum(line.share_of(line.points) for line in self.lines)

    @property
    def miles_earned(self) -> int:
        return sum(line.miles - line.share_of(line.miles) for line in self.lines)

    @property
    def amount_returned(self) -> int:
        """Yen of what was returned."""
        return sum(line.amount_returned for line in self.lines)


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What a return changes: yen of goods, of which the points that paid come first, and what it takes."""

    amount: int
    points_returned: int
    points_taken: int
    miles_taken: int


@dataclass(frozen=True, slots=True)
class PurchaseReturn:
    """A return that was recorded."""

    id: str
    name: ReceiptName
    purchase_id: str
    pieces: tuple[ReturnedPieces, ...]
    given_back: GivenBack
    occurred_at: datetime
    received_at: datetime
    reported_by: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class ReceiptConflict:
    """A receipt that was refused, for its name belongs to one with other content; and how often it came."""

    id: str
    name: ReceiptName
    recorded_id: str
    total: int | None
    occurred_at: datetime
    reported_by: str
    first_at: datetime
    last_at: datetime
    times: int


class SpendingBy(StrEnum):
    """By what a member's spending is added up."""

    MONTH = "MONTH"
    CATEGORY = "CATEGORY"
    CHANNEL = "CHANNEL"


@dataclass(frozen=True, slots=True)
class Spending:
    """What a member spent in a month (`2026-11`), a category or a channel, in yen, less what she returned."""

    key: str | None
    amount: int
    purchases: int


@dataclass(frozen=True, slots=True)
class PurchaseFilter:
    """Which of a member's purchases are wanted; what is None does not matter."""

    channel: Channel | None = None
    store_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    query: str | None = None
