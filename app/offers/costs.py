"""What one use of a coupon is expected to cost, in yen; a point costs a yen."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from app.offers.model import Benefit, BenefitKind, OfferScope
from app.shared.i18n import Language

JA, EN = Language.JA, Language.EN

FORMULAS: Mapping[BenefitKind, Mapping[Language, str]] = {
    BenefitKind.PERCENT: {
        JA: "お客様ごとの平均購入額 × 割引率(最大割引額まで)",
        EN: "percent of what she buys at one time on average, up to the maximum discount",
    },
    BenefitKind.AMOUNT: {
        JA: "割引額(お客様ごとの平均購入額まで)",
        EN: "the yen off, up to what she buys at one time on average if that is known",
    },
    BenefitKind.FIXED_PRICE: {
        JA: "対象点数(指定がなければ1点)×(対象商品の平均価格 − 均一価格)、最大割引額まで",
        EN: "pieces (1 unless told) × (average price of the goods − its price), up to the maximum discount",
    },
    BenefitKind.FREE_ITEM: {
        JA: "無料点数 × 対象商品の平均価格(最大割引額まで)",
        EN: "free pieces × average price of the goods, up to the maximum discount",
    },
    BenefitKind.POINTS_MULTIPLIER: {
        JA: "(倍率 − 1)× お客様ごとの平均購入額 ÷ 1ポイントあたりの円",
        EN: "(times − 1) × what she buys at one time on average ÷ the yen that earn a point",
    },
    BenefitKind.BONUS_POINTS: {JA: "進呈ポイント", EN: "the points on top"},
    BenefitKind.FREE_SHIPPING: {
        JA: "最大割引額(指定がなければ送料は不明)",
        EN: "the maximum discount; without one, what deliveries cost is not known",
    },
}


# Those whose cost depends on what she buys for.
BY_SPENDING = {BenefitKind.PERCENT, BenefitKind.AMOUNT, BenefitKind.POINTS_MULTIPLIER}


@dataclass(frozen=True, slots=True)
class CostGrounds:
    """What a cost is foreseen by, in yen: the average price of the goods, how much earns a point, a delivery.

    What a delivery costs is infinite where it is not known.
    """

    average_price: float
    yen_per_point: int
    shipping: float = inf


def cost_of_use(benefit: Benefit, scope: OfferScope, spent: float, grounds: CostGrounds) -> float:
    """What one use costs for who buys for so much at one time, 0 where that is not known; perhaps infinite.

    A maximum bounds what is taken off, and no points.
    """
    value, price = benefit.value, grounds.average_price
    match benefit.kind:
        case BenefitKind.POINTS_MULTIPLIER:
            return (value - 1) * (spent // grounds.yen_per_point)
        case BenefitKind.BONUS_POINTS:
            return value
        case BenefitKind.PERCENT:
            discount = spent * value // 100
        case BenefitKind.AMOUNT:
            discount = min(value, spent) if spent else value
        case BenefitKind.FIXED_PRICE:
            discount = (scope.pieces or 1) * max(0, price - value)
        case BenefitKind.FREE_ITEM:
            discount = min(value, scope.pieces or value) * price
        case BenefitKind.FREE_SHIPPING:
            discount = grounds.shipping
    return discount if benefit.maximum_discount is None else min(discount, benefit.maximum_discount)
