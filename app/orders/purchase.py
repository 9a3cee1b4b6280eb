"""An order as a purchase: what the one history of a member is told of it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from app.orders.model import Order, OrderCoupon, OrderLine
from app.point_rules.model import CouponReward
from app.purchases.model import ReceiptLine, ReturnedPieces
from app.purchases.ordered import CollectedOrder
from app.shared.i18n import Language


def purchase_of(order: Order, collected_at: datetime) -> CollectedOrder:
    """The order as it was collected."""
    sold = [line for line in order.lines if line.quantity]
    return CollectedOrder(
        order_id=order.id,
        member_id=order.member_id,
        store_id=order.store_id,
        number=f"{order.pickup_day.isoformat()}/{order.pickup_number}",
        collected_at=collected_at,
        lines=tuple(receipt_line(line) for line in sold),
        points_used=order.totals.points_used,
        coupons=rewards_of(order.coupons, sold),
    )


def receipt_line(line: OrderLine, category_id: str | None = None) -> ReceiptLine:
    """A line as it is sold."""
    return ReceiptLine(
        quantity=line.quantity,
        amount=line.amount,
        tax_rate=line.item.tax_rate,
        sku_id=line.item.sku_id,
        jan=line.item.jan,
        name=line.item.names[Language.JA],
        category_id=category_id,
    )


def rewards_of(coupons: Iterable[OrderCoupon], sold: Sequence[OrderLine]) -> tuple[CouponReward, ...]:
    """What the coupons of an order add to the points of the lines that are sold."""
    return tuple(
        CouponReward(
            coupon.points_multiplier,
            coupon.bonus_points,
            frozenset(number for number, line in enumerate(sold) if line.id in coupon.points_lines),
        )
        for coupon in coupons
        if coupon.points_lines
    )


def pieces_of(order: Order, returned: Mapping[str, int]) -> list[ReturnedPieces]:
    """So many pieces of these lines of the order, as the purchase numbers its lines."""
    collected = [line.id for line in order.lines if line.quantity]
    return [
        ReturnedPieces(collected.index(line_id) + 1, pieces) for line_id, pieces in sorted(returned.items())
    ]
