"""What coupons take off a basket. All amounts are in yen, tax included.

Coupons apply one after the other: the higher priority first, then by their kind in the order of `ORDER`, then
by id; each works on what the ones before it left. Percentages are rounded down, once a coupon. A coupon's
discount is spread over its lines by what is left of each, the odd yen going to the largest remainders, the
earlier line first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from app.offers.model import Benefit, BenefitKind, OfferScope, Pick

ORDER = (
    BenefitKind.FIXED_PRICE,
    BenefitKind.FREE_ITEM,
    BenefitKind.PERCENT,
    BenefitKind.AMOUNT,
    BenefitKind.POINTS_MULTIPLIER,
    BenefitKind.BONUS_POINTS,
    BenefitKind.FREE_SHIPPING,
)
MAXIMUM_TOGETHER = 5
CANDIDATES = 8  # of which the best combination is looked for: those that give most by themselves


@dataclass(frozen=True, slots=True)
class BasketLine:
    """Pieces of one SKU. `category_ids` are those of its product with all above."""

    id: str
    sku_id: str
    unit_price: int
    quantity: int
    category_ids: frozenset[str] = frozenset()
    brand: str = ""

    @property
    def amount(self) -> int:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class PricedCoupon:
    """What of a coupon matters for the price."""

    id: str
    benefit: Benefit
    scope: OfferScope = field(default_factory=OfferScope)
    stacking_group: str | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class CouponEffect:
    """What one coupon does: yen off each line, by the line's id, and off the shipping, and points.

    `points_lines` are the lines whose points it multiplies, or that it gives points on top for.
    """

    coupon_id: str
    line_discounts: Mapping[str, int]
    shipping_discount: int = 0
    bonus_points: int = 0
    points_multiplier: int = 1
    points_lines: frozenset[str] = frozenset()

    @property
    def discount(self) -> int:
        return sum(self.line_discounts.values()) + self.shipping_discount

    @property
    def has_effect(self) -> bool:
        return bool(self.discount or self.bonus_points or self.points_multiplier > 1)


@dataclass(frozen=True, slots=True)
class Combination:
    """Coupons that are used together, with what each does, in the order in which they apply."""

    effects: tuple[CouponEffect, ...] = ()

    @property
    def discount(self) -> int:
        return sum(effect.discount for effect in self.effects)

    @property
    def bonus_points(self) -> int:
        return sum(effect.bonus_points for effect in self.effects)

    @property
    def points_multiplier(self) -> int:
        return max((effect.points_multiplier for effect in self.effects), default=1)

    def more_points(self, points: Mapping[str, int]) -> int:
        """What multiplying adds to these points of lines; of several coupons, the highest counts."""
        return sum(
            earned * (max((each.points_multiplier for each in self._for_points_of(line)), default=1) - 1)
            for line, earned in points.items()
        )

    def _for_points_of(self, line_id: str) -> Iterator[CouponEffect]:
        return (effect for effect in self.effects if line_id in effect.points_lines)


def may_combine(coupons: Sequence[PricedCoupon]) -> bool:
    """Whether these are used together: one alone, or up to five of different stacking groups."""
    groups = [coupon.stacking_group for coupon in coupons]
    is_stackable = None not in groups and len(set(groups)) == len(groups)
    return len(coupons) <= 1 or (len(coupons) <= MAXIMUM_TOGETHER and is_stackable)


def applied(lines: Sequence[BasketLine], coupons: Iterable[PricedCoupon], shipping: int = 0) -> Combination:
    """What these coupons do together, to the lines and to the yen that shipping costs."""
    left = {line.id: line.amount for line in lines}
    effects: list[CouponEffect] = []
    for coupon in sorted(coupons, key=_turn):
        effect = _effect(coupon, lines, left, shipping)
        shipping -= effect.shipping_discount
        for line_id, discount in effect.line_discounts.items():
            left[line_id] -= discount
        effects.append(effect)
    return Combination(tuple(effects))


def best_combination(
    lines: Sequence[BasketLine], coupons: Sequence[PricedCoupon], points_to_earn: Mapping[str, int]
) -> Combination:
    """The combination that is worth most to the customer; a point is worth a yen.

    `points_to_earn` are those of each line, by its id, without coupons.

    Never worse than any coupon by itself. Combinations are looked for among the eight coupons that give
    most; of equal ones, the one with the fewest coupons is taken.
    """

    def worth(combination: Combination) -> int:
        more_points = combination.more_points(points_to_earn)
        return combination.discount + combination.bonus_points + more_points

    singles = {coupon.id: applied(lines, [coupon]) for coupon in coupons}
    useful = [coupon for coupon in coupons if worth(singles[coupon.id]) > 0]
    useful.sort(key=lambda coupon: (-worth(singles[coupon.id]), coupon.id))
    best = Combination()
    for together in _combinations(useful[:CANDIDATES]):
        combination = singles[together[0].id] if len(together) == 1 else applied(lines, together)
        if all(effect.has_effect for effect in combination.effects) and worth(combination) > worth(best):
            best = combination
    return best


def eligible_amount(lines: Iterable[BasketLine], scope: OfferScope) -> int:
    """What the basket has of the things that an offer applies to, before any discount."""
    return sum(line.amount for line in lines if applies(line, scope))


def applies(line: BasketLine, scope: OfferScope) -> bool:
    """Whether an offer applies to this line."""
    return (
        scope.is_everything
        or line.sku_id in scope.sku_ids
        or line.brand in scope.brands
        or not scope.category_ids.isdisjoint(line.category_ids)
    )


def spread(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """The amount in parts as large as the weights ask: it adds up, and no part is larger than its weight.

    The amount is at most the sum of the weights.
    """
    total = sum(weights.values())
    if total == 0:
        return {}
    parts = {key: amount * weight // total for key, weight in weights.items()}
    remainders = sorted(weights, key=lambda key: -(amount * weights[key] % total))
    for key in remainders[: amount - sum(parts.values())]:
        parts[key] += 1
    return {key: part for key, part in parts.items() if part}


def _combinations(coupons: Sequence[PricedCoupon]) -> Iterator[tuple[PricedCoupon, ...]]:
    """Each coupon by itself, then those of different groups together, the small combinations first."""
    yield from ((coupon,) for coupon in coupons)
    groups: dict[str, list[PricedCoupon | None]] = {}
    for coupon in coupons:
        if coupon.stacking_group is not None:
            groups.setdefault(coupon.stacking_group, [None]).append(coupon)
    chosen = (tuple(filter(None, choice)) for choice in product(*groups.values()))
    yield from sorted((together for together in chosen if 2 <= len(together) <= MAXIMUM_TOGETHER), key=len)


def _turn(coupon: PricedCoupon) -> tuple[int, int, str]:
    return -coupon.priority, ORDER.index(coupon.benefit.kind), coupon.id


def _effect(
    coupon: PricedCoupon, lines: Sequence[BasketLine], left: Mapping[str, int], shipping: int
) -> CouponEffect:
    if eligible_amount(lines, coupon.scope) < coupon.scope.minimum_basket:
        return CouponEffect(coupon.id, {})
    pieces = _eligible_pieces(coupon, lines)
    weights = {
        line.id: left[line.id] * pieces[line.id] // line.quantity for line in lines if line.id in pieces
    }
    benefit, total = coupon.benefit, sum(weights.values())
    match benefit.kind:
        case BenefitKind.PERCENT:
            return _spread_effect(coupon, total * benefit.value // 100, weights)
        case BenefitKind.AMOUNT:
            return _spread_effect(coupon, min(total, benefit.value), weights)
        case BenefitKind.FREE_ITEM:
            return _spread_effect(coupon, total, weights)
        case BenefitKind.FIXED_PRICE:
            cheaper = {
                line_id: max(0, weight - benefit.value * pieces[line_id])
                for line_id, weight in weights.items()
            }
            return _spread_effect(coupon, sum(cheaper.values()), cheaper)
        case BenefitKind.BONUS_POINTS if total:
            return CouponEffect(coupon.id, {}, bonus_points=benefit.value, points_lines=frozenset(pieces))
        case BenefitKind.POINTS_MULTIPLIER if total:
            return CouponEffect(
                coupon.id, {}, points_multiplier=benefit.value, points_lines=frozenset(pieces)
            )
        case BenefitKind.FREE_SHIPPING if pieces:
            off = shipping if benefit.maximum_discount is None else min(shipping, benefit.maximum_discount)
            return CouponEffect(coupon.id, {}, shipping_discount=off)
        case _:
            return CouponEffect(coupon.id, {})


def _spread_effect(coupon: PricedCoupon, amount: int, weights: Mapping[str, int]) -> CouponEffect:
    if coupon.benefit.maximum_discount is not None:
        amount = min(amount, coupon.benefit.maximum_discount)
    return CouponEffect(coupon.id, spread(amount, weights))


def _eligible_pieces(coupon: PricedCoupon, lines: Sequence[BasketLine]) -> dict[str, int]:
    """How many pieces of each line the coupon works on: all, or the cheapest or dearest few."""
    scope, benefit = coupon.scope, coupon.benefit
    eligible = [line for line in lines if applies(line, scope)]
    pick, wanted = scope.pick, scope.pieces
    if benefit.kind is BenefitKind.FREE_ITEM:
        pick, wanted = pick or Pick.CHEAPEST, min(benefit.value, wanted or benefit.value)
    if pick is None or wanted is None:
        return {line.id: line.quantity for line in eligible}
    pieces: dict[str, int] = {}
    for line in sorted(eligible, key=lambda line: line.unit_price, reverse=pick is Pick.DEAREST):
        taken = min(line.quantity, wanted - sum(pieces.values()))
        if taken:
            pieces[line.id] = taken
    return pieces
