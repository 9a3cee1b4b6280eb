"""What coupons take off: examples, and promises that hold for every basket."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.coupons.pricing import (
    BasketLine,
    PricedCoupon,
    applied,
    best_combination,
    may_combine,
    spread,
)
from app.offers.model import Benefit, BenefitKind, OfferScope, Pick

NOTEBOOK = BasketLine("1", "notebook", 1_000, 2, frozenset({"stationery"}), "Akari")
TEA = BasketLine("2", "tea", 300, 3, frozenset({"food", "tea"}), "Midori")
BASKET = [NOTEBOOK, TEA]


def coupon(kind: BenefitKind, value: int, maximum: int | None = None, **changes: Any) -> PricedCoupon:
    fields: dict[str, Any] = {"id": "coupon", "benefit": Benefit(kind, value, maximum), **changes}
    return PricedCoupon(**fields)


@pytest.mark.parametrize(
    ("given_coupon", "expected"),
    [
        (coupon(BenefitKind.PERCENT, 10), {"1": 200, "2": 90}),
        (coupon(BenefitKind.PERCENT, 10, 100), {"1": 69, "2": 31}),
        (coupon(BenefitKind.PERCENT, 33, scope=OfferScope(brands=frozenset({"Midori"}))), {"2": 297}),
        (coupon(BenefitKind.AMOUNT, 500), {"1": 345, "2": 155}),
        (coupon(BenefitKind.AMOUNT, 5_000), {"1": 2_000, "2": 900}),
        (coupon(BenefitKind.AMOUNT, 500, scope=OfferScope(category_ids=frozenset({"tea"}))), {"2": 500}),
        (coupon(BenefitKind.FIXED_PRICE, 400), {"1": 1_200}),
        (coupon(BenefitKind.FREE_ITEM, 2), {"2": 600}),
        (coupon(BenefitKind.FREE_ITEM, 1, scope=OfferScope(pick=Pick.DEAREST, pieces=1)), {"1": 1_000}),
        (coupon(BenefitKind.PERCENT, 50, scope=OfferScope(pick=Pick.DEAREST, pieces=1)), {"1": 500}),
        (
            coupon(BenefitKind.PERCENT, 50, scope=OfferScope(pick=Pick.CHEAPEST, pieces=4)),
            {"1": 500, "2": 450},
        ),
        (coupon(BenefitKind.PERCENT, 10, scope=OfferScope(minimum_basket=2_900)), {"1": 200, "2": 90}),
        (coupon(BenefitKind.PERCENT, 10, scope=OfferScope(minimum_basket=2_901)), {}),
        (coupon(BenefitKind.PERCENT, 10, scope=OfferScope(sku_ids=frozenset({"none"}))), {}),
        (coupon(BenefitKind.FREE_SHIPPING, 0), {}),  # where nothing is shipped
    ],
)
def test_each_benefit_takes_off_what_it_says(given_coupon: PricedCoupon, expected: dict[str, int]) -> None:
    (effect,) = applied(BASKET, [given_coupon]).effects
    assert effect.line_discounts == expected
    assert effect.has_effect is bool(expected)


def test_points_are_given_on_what_the_coupon_is_for() -> None:
    tea = OfferScope(category_ids=frozenset({"tea"}))
    assert applied(BASKET, [coupon(BenefitKind.BONUS_POINTS, 50, scope=tea)]).bonus_points == 50
    assert applied([NOTEBOOK], [coupon(BenefitKind.BONUS_POINTS, 50, scope=tea)]).bonus_points == 0
    thrice = applied(BASKET, [coupon(BenefitKind.POINTS_MULTIPLIER, 3, scope=tea)])
    assert (thrice.points_multiplier, thrice.effects[0].points_lines) == (3, frozenset({"2"}))


def test_free_shipping_takes_off_what_the_delivery_costs() -> None:
    free = coupon(BenefitKind.FREE_SHIPPING, 0)
    assert applied(BASKET, [free], 800).discount == 800
    assert (
        applied(BASKET, [replace(free, benefit=replace(free.benefit, maximum_discount=500))], 800).discount
        == 500
    )
    twice = applied(
        BASKET, [replace(free, stacking_group="a"), replace(free, id="b", stacking_group="b")], 800
    )
    assert [effect.discount for effect in twice.effects] == [800, 0]
    for scope in (OfferScope(minimum_basket=2_901), OfferScope(brands=frozenset({"None"}))):
        assert applied(BASKET, [replace(free, scope=scope)], 800).discount == 0


def test_a_coupon_works_on_what_the_ones_before_it_left() -> None:
    percent = coupon(BenefitKind.PERCENT, 10, id="a", stacking_group="one")
    amount = coupon(BenefitKind.AMOUNT, 1_000, id="b", stacking_group="two")
    by_kind = applied(BASKET, [amount, percent])
    assert [effect.discount for effect in by_kind.effects] == [290, 1_000]
    by_priority = applied(BASKET, [percent, replace(amount, priority=1)])
    assert [effect.discount for effect in by_priority.effects] == [1_000, 190]


def test_coupons_combine_by_their_groups() -> None:
    alone, one = coupon(BenefitKind.PERCENT, 1), coupon(BenefitKind.PERCENT, 1, stacking_group="one")
    two = coupon(BenefitKind.PERCENT, 1, stacking_group="two")
    six = [replace(one, stacking_group=str(number)) for number in range(6)]
    assert all(may_combine(legal) for legal in ([], [alone], [one, two], six[:5]))
    assert not any(may_combine(illegal) for illegal in ([alone, one], [one, one], six))


def test_the_best_combination_may_be_one_that_is_used_alone() -> None:
    alone = coupon(BenefitKind.AMOUNT, 800, id="alone")
    one = coupon(BenefitKind.AMOUNT, 500, id="one", stacking_group="one")
    two = coupon(BenefitKind.AMOUNT, 200, id="two", stacking_group="two")
    assert [e.coupon_id for e in best_combination(BASKET, [alone, one, two], {}).effects] == ["alone"]
    more = replace(two, benefit=Benefit(BenefitKind.AMOUNT, 400))
    assert {e.coupon_id for e in best_combination(BASKET, [alone, one, more], {}).effects} == {"one", "two"}


def test_points_count_as_yen() -> None:
    points = coupon(BenefitKind.POINTS_MULTIPLIER, 3, id="points")
    amount = coupon(BenefitKind.AMOUNT, 50, id="amount")
    assert best_combination(BASKET, [points, amount], {"1": 20, "2": 9}).effects[0].coupon_id == "points"
    assert best_combination(BASKET, [points, amount], {"1": 20}).effects[0].coupon_id == "amount"
    assert best_combination(BASKET, [], {"1": 20}).effects == ()
    tea = replace(points, scope=OfferScope(category_ids=frozenset({"tea"})))
    assert best_combination(BASKET, [tea, amount], {"1": 29}).effects[0].coupon_id == "amount"


lines = st.lists(
    st.builds(
        BasketLine,
        id=st.just("x"),
        sku_id=st.sampled_from(["a", "b", "c"]),
        unit_price=st.integers(0, 5_000),
        quantity=st.integers(1, 9),
        category_ids=st.sampled_from([frozenset({"food"}), frozenset({"stationery"})]),
        brand=st.sampled_from(["Akari", "Midori"]),
    ),
    max_size=6,
).map(lambda found: [replace(line, id=str(number)) for number, line in enumerate(found)])
picks = st.one_of(st.just((None, None)), st.tuples(st.sampled_from(Pick), st.integers(1, 5)))
scopes = st.builds(
    lambda brands, minimum, pick: OfferScope(
        brands=brands, minimum_basket=minimum, pick=pick[0], pieces=pick[1]
    ),
    st.sampled_from([frozenset(), frozenset({"Akari"})]),
    st.integers(0, 3_000),
    picks,
)
benefits = st.one_of(
    st.builds(Benefit, st.just(BenefitKind.PERCENT), st.integers(1, 100), st.none() | st.integers(1, 500)),
    st.builds(Benefit, st.just(BenefitKind.AMOUNT), st.integers(1, 3_000)),
    st.builds(Benefit, st.just(BenefitKind.FIXED_PRICE), st.integers(0, 3_000)),
    st.builds(Benefit, st.just(BenefitKind.FREE_ITEM), st.integers(1, 5)),
    st.builds(Benefit, st.just(BenefitKind.BONUS_POINTS), st.integers(1, 500)),
    st.builds(Benefit, st.just(BenefitKind.POINTS_MULTIPLIER), st.integers(2, 5)),
    st.builds(Benefit, st.just(BenefitKind.FREE_SHIPPING), st.just(0), st.none() | st.integers(1, 500)),
)
coupons = st.lists(
    st.builds(
        PricedCoupon,
        id=st.just("x"),
        benefit=benefits,
        scope=scopes,
        stacking_group=st.sampled_from([None, "one", "two", "three"]),
        priority=st.integers(0, 2),
    ),
    max_size=7,
).map(lambda found: [replace(each, id=str(number)) for number, each in enumerate(found)])


@given(lines, coupons, st.integers(0, 2_000))
def test_no_line_ever_costs_less_than_nothing(
    basket: list[BasketLine], given_coupons: list[PricedCoupon], shipping: int
) -> None:
    combination = applied(basket, given_coupons, shipping)
    assert 0 <= sum(effect.shipping_discount for effect in combination.effects) <= shipping
    by_lines = sum(sum(effect.line_discounts.values()) for effect in combination.effects)
    assert combination.discount - by_lines == sum(each.shipping_discount for each in combination.effects)
    for line in basket:
        off = [effect.line_discounts.get(line.id, 0) for effect in combination.effects]
        assert all(each >= 0 for each in off)
        assert sum(off) <= line.amount
    assert combination.discount == sum(effect.discount for effect in combination.effects)
    maximums = {each.id: each.benefit.maximum_discount for each in given_coupons}
    for effect in combination.effects:
        assert effect.discount <= (maximums[effect.coupon_id] or effect.discount)


@given(lines, coupons, st.lists(st.integers(0, 200), min_size=6, max_size=6))
def test_the_best_combination_is_legal_and_never_worse_than_any_coupon(
    basket: list[BasketLine], given_coupons: list[PricedCoupon], earned: list[int]
) -> None:
    points = {line.id: earned[number] for number, line in enumerate(basket)}

    def worth(chosen: Any) -> int:
        times = {
            line_id: max(
                (e.points_multiplier for e in chosen.effects if line_id in e.points_lines), default=1
            )
            for line_id in points
        }
        more = sum(points[line_id] * (times[line_id] - 1) for line_id in points)
        return chosen.discount + chosen.bonus_points + more

    best = best_combination(basket, given_coupons, points)
    used = {effect.coupon_id for effect in best.effects}
    assert may_combine([each for each in given_coupons if each.id in used])
    for each in given_coupons:
        assert worth(best) >= worth(applied(basket, [each]))


@given(st.dictionaries(st.text(max_size=2), st.integers(0, 10_000), max_size=9), st.floats(0, 1))
def test_what_is_spread_adds_up(weights: dict[str, int], share: float) -> None:
    amount = int(sum(weights.values()) * share)
    parts = spread(amount, weights)
    assert sum(parts.values()) == amount
    assert all(0 < part <= weights[key] for key, part in parts.items())
