"""The points that coupons bring to a purchase: part of what its lines earn, so that returns take them too."""

from collections.abc import Sequence
from dataclasses import replace

from app.point_rules.model import CouponReward
from app.point_rules.rules import coupon_points
from app.purchases.model import Purchase


def with_coupons(purchase: Purchase, rewards: Sequence[CouponReward]) -> Purchase:
    """The purchase with what just these coupons bring to it, whatever others brought before."""
    plain = [line.points - line.coupon_points for line in purchase.lines]
    more = coupon_points(plain, [line.item.amount for line in purchase.lines], rewards)
    lines = tuple(
        replace(line, points=points + added, coupon_points=added)
        for line, points, added in zip(purchase.lines, plain, more, strict=True)
    )
    after = replace(purchase, lines=lines)
    return replace(after, points_taken=after.share_of_returned)
