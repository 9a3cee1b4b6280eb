"""What the receipt of a collected order says: a simplified qualified invoice (適格簡易請求書).

It states what was sold by whom, the total of each tax rate with its tax, rounded once, and how it was paid;
each refund follows as a qualified return invoice (適格返還請求書).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.catalog.model import TaxRate
from app.orders.model import Order, OrderedItem, OrderLine, OrderRefund, ReceiptIssuer, TaxTotal, Totals
from app.payments.model import PaymentMethod


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """Pieces of one SKU that were sold, or given back; `amount` in yen, tax included."""

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
class ReceiptRefund:
    """What was given back at one time: the pieces, the total of each rate, and by what it was returned."""

    lines: tuple[ReceiptLine, ...]
    taxes: tuple[TaxTotal, ...]
    money: int
    points: int
    refunded_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt of a collected order. `number` is the retailer's own, once and for all."""

    number: str
    issuer: ReceiptIssuer
    issued_at: datetime
    lines: tuple[ReceiptLine, ...]
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
        totals=order.totals,
        payment_method=order.payment_method,
        refunds=tuple(_refund(refund, order.lines) for refund in order.refunds),
    )


def _sold(lines: Iterable[OrderLine]) -> tuple[ReceiptLine, ...]:
    return tuple(ReceiptLine(line.item, line.quantity) for line in lines if line.quantity)


def _refund(refund: OrderRefund, lines: Iterable[OrderLine]) -> ReceiptRefund:
    items = {line.id: line.item for line in lines}
    returned = tuple(ReceiptLine(items[each.line_id], each.quantity) for each in refund.lines)
    return ReceiptRefund(returned, refund.taxes, refund.money, refund.points, refund.refunded_at)
