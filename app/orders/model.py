"""An order: lines of SKUs that a member has ordered ahead and picks up at one store, in one slot."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import accumulate, pairwise

from app.catalog.model import TaxRate, Texts
from app.orders.states import Mover, OrderState, ended_by_time, is_open
from app.payments.model import PaymentMethod


class DuePaymentKind(StrEnum):
    """What is to be done with the payment of an order."""

    CAPTURE = "CAPTURE"
    VOID = "VOID"
    REFUND = "REFUND"


@dataclass(frozen=True, slots=True)
class DuePayment:
    """Something that was decided about an order's payment and is still to be done; `key` names it."""

    kind: DuePaymentKind
    amount: int
    key: str


@dataclass(frozen=True, slots=True)
class OrderedItem:
    """A SKU as it was when it was ordered. `unit_price` is in yen, tax included; `weight` in work units."""

    sku_id: str
    product_id: str
    names: Texts
    variant: Texts
    jan: str
    unit_price: int
    tax_rate: TaxRate
    weight: int


@dataclass(frozen=True, slots=True)
class Substitution:
    """What the store offers in place of a line it cannot supply: at most for the line's own price."""

    item: OrderedItem
    quantity: int
    offered_at: datetime


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """What a coupon takes off a line, in yen."""

    coupon_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class OrderLine:
    """Pieces of one SKU. A line that the store rejected has none left; `ordered` is how many were wanted.

    `returned` pieces were refunded after they were collected. `discounts` are those of all its pieces.
    """

    id: str
    item: OrderedItem
    ordered: int
    quantity: int
    substitution: Substitution | None = None
    returned: int = 0
    discounts: tuple[LineDiscount, ...] = ()

    @property
    def discount(self) -> int:
        """What coupons take off, in yen."""
        return sum(each.amount for each in self.discounts)

    @property
    def amount(self) -> int:
        """The line's price in yen, tax included, after its discounts."""
        return self.item.unit_price * self.quantity - self.discount

    @property
    def kept(self) -> "OrderLine":
        """The line with the pieces that were not returned, and their share of its discounts.

        The share is rounded down once for all discounts together: no piece that comes back makes those that
        are kept dearer.
        """
        quantity = self.quantity - self.returned
        so_far = accumulate((each.amount for each in self.discounts), initial=0)
        shares = [amount * quantity // (self.quantity or 1) for amount in so_far]
        discounts = tuple(
            LineDiscount(each.coupon_id, after - before)
            for each, (before, after) in zip(self.discounts, pairwise(shares), strict=True)
        )
        return replace(self, quantity=quantity, discounts=discounts)


@dataclass(frozen=True, slots=True)
class TaxTotal:
    """What is sold at one rate: `amount` includes `tax`, which is rounded once."""

    rate: TaxRate
    amount: int
    tax: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What an order costs, in yen. `points_used` are a payment: they change no price and no tax."""

    total: int
    taxes: tuple[TaxTotal, ...]
    points_used: int
    points_to_earn: int

    @property
    def to_pay(self) -> int:
        return self.total - self.points_used


def slot_id(store_id: str, starts_at: datetime) -> str:
    """What names a store's slot: it begins in UTC."""
    return f"{store_id}/{starts_at.astimezone(UTC).isoformat()}"


@dataclass(frozen=True, slots=True)
class SlotWindow:
    """A window in which orders are picked up at a store."""

    store_id: str
    starts_at: datetime
    ends_at: datetime

    @property
    def id(self) -> str:
        return slot_id(self.store_id, self.starts_at)


@dataclass(frozen=True, slots=True)
class OrderCoupon:
    """A coupon that an order uses, by its use; with what it gives beyond what it takes off the lines.

    `points_lines` are the lines whose points it multiplies, or that it gives points on top for.
    """

    coupon_id: str
    redemption_id: str
    names: Texts
    bonus_points: int = 0
    points_multiplier: int = 1
    points_lines: tuple[str, ...] = ()

    def discount(self, lines: Iterable[OrderLine]) -> int:
        """What it takes off these lines, in yen."""
        return sum(
            each.amount for line in lines for each in line.discounts if each.coupon_id == self.coupon_id
        )

    def is_of_use(self, lines: Iterable[OrderLine]) -> bool:
        """Whether it still gives anything for these lines."""
        lines = tuple(lines)
        earns = any(line.quantity and line.id in self.points_lines for line in lines)
        return earns or bool(self.discount(lines))


@dataclass(frozen=True, slots=True)
class OrderMove:
    """A step that an order took."""

    state: OrderState
    mover: Mover
    moved_by: str
    moved_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """Pieces of a line that came back."""

    line_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderRefund:
    """What was given back of a collected order: yen in money, and points that had paid for it.

    `taxes` is how the total of each rate, and the tax in it, have become less.
    """

    money: int
    points: int
    lines: tuple[RefundedLine, ...]
    taxes: tuple[TaxTotal, ...]
    refunded_by: str
    refunded_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiptIssuer:
    """Who issued the receipt of an order, and where, as they were when it was collected."""

    name: str
    registration_number: str | None
    store_code: str
    store_names: Texts
    store_address: Texts
    store_phone: str | None
    time_zone: str
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it is now. `version` grows with every change.

    While it is PLACED, it expires at `accept_by`; accepted and never ready, at `collect_by`; once READY, it
    counts as not collected then.
    `hold_id` is what it holds at the store. `pickup_number` is unique among a store's orders of one day.
    `issuer` is who issued its receipt once it was collected. `amount_owed` is what the card did not pay
    after all, in yen.
    `points_version` is the version whose points were spent, by `points_member_id`.
    """

    id: str
    version: int
    member_id: str
    store_id: str
    state: OrderState
    lines: tuple[OrderLine, ...]
    slot: SlotWindow
    totals: Totals
    payment_method: PaymentMethod
    payment_id: str | None
    hold_id: str
    pickup_day: date
    pickup_number: str
    pickup_code: str
    placed_at: datetime
    accept_by: datetime
    collect_by: datetime
    moves: tuple[OrderMove, ...]
    member_name: str | None = None
    points_version: int = 1
    points_member_id: str = ""
    arrived_at: datetime | None = None
    note: str | None = None
    is_of_cart: bool = False
    due_payments: tuple[DuePayment, ...] = ()
    coupons: tuple[OrderCoupon, ...] = ()
    refunds: tuple[OrderRefund, ...] = ()
    issuer: ReceiptIssuer | None = None
    amount_owed: int = 0

    @property
    def weight(self) -> int:
        """The work it makes, in work units."""
        return sum(line.item.weight * line.quantity for line in self.lines)

    @property
    def ends_by(self) -> datetime | None:
        """When time will end the order in the state it is in."""
        if self.state is OrderState.PLACED:
            return self.accept_by
        return self.collect_by if is_open(self.state) else None

    def state_at(self, now: datetime) -> OrderState:
        """The state at this moment, whether or not anybody has noticed what time did."""
        if self.ends_by is None or now < self.ends_by:
            return self.state
        return ended_by_time(self.state)
