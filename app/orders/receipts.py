"""What the receipt of a collected order says: a simplified qualified invoice (適格簡易請求書).

It states what was sold by whom, what coupons took off it, the total of each tax rate after that with its tax,
rounded once, and how it was paid; each refund follows as a qualified return invoice (適格返還請求書).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.catalog.model import TaxRate, Texts
from app.orders.model import Order, OrderedItem, OrderLine, OrderRefund, ReceiptIssuer, TaxTotal, Totals
from app.payments.model import PaymentMethod


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """Pieces of one SKU that were sold, or given back; `amount` in yen, tax included, before discounts."""

    item: OrderedItem
    quantity: int

    @property
    def amount(self) -> int:
        return self.item.unit_price * self.quantity

    @property
    def is_reduced(self) -> bool:
        """Whether it is sold at the reduced rate, which a receipt has to mark."""
        return self.item.tax_rate is TaxRate.REDUCED


@dataclass(frozen=True, slots=True)
class ReceiptDiscount:
    """What a coupon took off the goods of one rate, in yen, tax included; `names` are its offer's."""

    names: Texts
    rate: TaxRate
    amount: int


@dataclass(frozen=True, slots=True)
class ReceiptRefund:
    """What was given back at one time: the pieces, the total of each rate, and by what it was returned."""

    lines: tuple[ReceiptLine, ...]
    taxes: tuple[TaxTotal, ...]
    money: int
    points: int
    refunded_at: datetime

    @property
    def total(self) -> int:
        """What had been paid for the pieces, in yen."""
        return self.money + self.points

    @property
    def discount(self) -> int:
        """What of their price coupons had taken off, in yen."""
        return sum(line.amount for line in self.lines) - self.total


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of a collected order. `number` is the retailer's own, once and for all."""

    number: str
    issuer: ReceiptIssuer
    issued_at: datetime
    lines: tuple[ReceiptLine, ...]
    discounts: tuple[ReceiptDiscount, ...]
    totals: Totals
    payment_method: PaymentMethod
    refunds: tuple[ReceiptRefund, ...]

    @property
    def has_reduced(self) -> bool:
        return any(line.is_reduced for line in self.lines)


def receipt_of(order: Order) -> Receipt | None:
    """The order's receipt; None before it is collected."""
    issuer = order.issuer
    if issuer is None:
        return None
    return Receipt(
        number=f"{issuer.store_code}-{order.pickup_day:%Y%m%d}-{order.pickup_number}",
        issuer=issuer,
        issued_at=issuer.issued_at,
        lines=_sold(order.lines),
        discounts=tuple(_discounts(order)),
        totals=order.totals,
        payment_method=order.payment_method,
        refunds=tuple(_refund(refund, order.lines) for refund in order.refunds),
    )


def _sold(lines: Iterable[OrderLine]) -> tuple[ReceiptLine, ...]:
    return tuple(ReceiptLine(line.item, line.quantity) for line in lines if line.quantity)


def _discounts(order: Order) -> Iterator[ReceiptDiscount]:
    """What each coupon took off the goods of each rate, the higher one first."""
    for coupon in order.coupons:
        for rate in sorted(TaxRate, key=lambda rate: -rate.percent):
            amount = coupon.discount(line for line in order.lines if line.item.tax_rate is rate)
            if amount:
                yield ReceiptDiscount(coupon.names, rate, amount)


def _refund(refund: OrderRefund, lines: Iterable[OrderLine]) -> ReceiptRefund:
    items = {line.id: line.item for line in lines}
    returned = tuple(ReceiptLine(items[each.line_id], each.quantity) for each in refund.lines)
    return ReceiptRefund(returned, refund.taxes, refund.money, refund.points, refund.refunded_at)
