"""What one use of a coupon is expected to cost, in yen; a point costs a yen."""

from collections.abc import Mapping
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class CostGrounds:
    """What a forecast goes by: the average price of the goods, in yen, and the yen that earn a point."""

    average_price: int
    yen_per_point: int


def cost_of_use(benefit: Benefit, scope: OfferScope, average_spent: int, grounds: CostGrounds) -> int | None:
    """What one use costs for who buys for so much at one time on average; None where that is not known."""
    value, price, most = benefit.value, grounds.average_price, benefit.maximum_discount
    match benefit.kind:
        case BenefitKind.PERCENT:
            return _bounded(average_spent * value // 100, most)
        case BenefitKind.AMOUNT:
            return _bounded(min(value, average_spent) if average_spent else value, most)
        case BenefitKind.FIXED_PRICE:
            return _bounded((scope.pieces or 1) * max(0, price - value), most)
        case BenefitKind.FREE_ITEM:
            return _bounded(min(value, scope.pieces or value) * price, most)
        case BenefitKind.POINTS_MULTIPLIER:
            return (value - 1) * (average_spent // grounds.yen_per_point)
        case BenefitKind.BONUS_POINTS:
            return value
        case BenefitKind.FREE_SHIPPING:
            return most


def _bounded(cost: int, most: int | None) -> int:
    return cost if most is None else min(cost, most)
