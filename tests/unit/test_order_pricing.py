"""What an order costs, with its tax by rate, and what becomes of it line by line."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.model import TaxRate
from app.orders.errors import OrderLineNotFound, OrderLinesInvalid, RefundInvalid, SubstitutionNotOffered
from app.orders.lines import with_answer, with_offer, with_returns, without
from app.orders.model import LineDiscount, OrderCoupon, OrderLine
from app.orders.pricing import refund_of, tax_within, taxes_of, totals_of
from app.orders.rules import MAXIMUM_LINES, MAXIMUM_QUANTITY, merged_lines
from app.orders.states import OrderState
from app.orders.wishes import WantedLine
from tests.conftest import NOON_IN_TOKYO as NOW
from tests.order_examples import a_line, an_item, an_order

COUPONS = (
    OrderCoupon("1", "use-1", {}),
    OrderCoupon("2", "use-2", {}, bonus_points=50, points_lines=("0",)),
    OrderCoupon("3", "use-3", {}, points_multiplier=3, points_lines=("0",)),
)
LINES = st.lists(
    st.builds(
        a_line,
        unit_price=st.integers(0, 1_000_000),
        quantity=st.integers(1, 99),
        rate=st.sampled_from(TaxRate),
    ),
    min_size=1,
    max_size=20,
)


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [
        (110, TaxRate.STANDARD, 10),
        (100, TaxRate.STANDARD, 9),
        (108, TaxRate.REDUCED, 8),
        (100, TaxRate.REDUCED, 7),
        (0, TaxRate.STANDARD, 0),
    ],
)
def test_the_tax_in_a_price_is_rounded_down(amount: int, rate: TaxRate, tax: int) -> None:
    assert tax_within(amount, rate) == tax


def test_tax_is_rounded_once_a_rate() -> None:
    """Three lines of 100 yen hold 27 yen of tax together, not three times 9 yen and a lost fraction each."""
    lines = [a_line(105, 1), a_line(105, 1), a_line(105, 1), a_line(108, 1, TaxRate.REDUCED)]
    assert [(each.rate, each.amount, each.tax) for each in taxes_of(lines)] == [
        (TaxRate.STANDARD, 315, 28),
        (TaxRate.REDUCED, 108, 8),
    ]
    assert sum(tax_within(105, TaxRate.STANDARD) for _ in range(3)) == 27


@given(LINES, st.integers(0, 10_000_000))
def test_totals_add_up(lines: list[OrderLine], points: int) -> None:
    totals = totals_of(lines, points)
    assert totals.total == sum(line.amount for line in lines) == sum(each.amount for each in totals.taxes)
    assert 0 <= totals.to_pay <= totals.total
    assert totals.points_used == min(points, totals.total)
    for each in totals.taxes:
        assert (
            0
            <= each.amount * each.rate.percent - each.tax * (100 + each.rate.percent)
            < 100 + each.rate.percent
        )


def test_lines_of_one_sku_are_one() -> None:
    assert merged_lines([WantedLine("a", 2), WantedLine("b", 1), WantedLine("a", 3)]) == (
        WantedLine("a", 5),
        WantedLine("b", 1),
    )


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [WantedLine("a", 0)],
        [WantedLine("a", -1), WantedLine("a", 3)],
        [WantedLine("a", MAXIMUM_QUANTITY), WantedLine("a", 1)],
        [WantedLine(str(number), 1) for number in range(MAXIMUM_LINES + 1)],
    ],
)
def test_there_are_so_many_lines_and_pieces(lines: list[WantedLine]) -> None:
    with pytest.raises(OrderLinesInvalid):
        merged_lines(lines)


def test_a_line_that_is_rejected_costs_nothing() -> None:
    lines = without((a_line(100, 2, line_id="1"), a_line(300, 1, line_id="2")), "1")
    assert [line.amount for line in lines] == [0, 300]
    with pytest.raises(OrderLineNotFound):
        without(lines, "1")


@pytest.mark.parametrize(
    ("price", "quantity", "cost"), [(50, 2, 100), (150, 2, 200), (1_000, 1, 200), (99, 3, 198)]
)
def test_a_substitute_costs_no_more_than_what_it_replaces(price: int, quantity: int, cost: int) -> None:
    offered = with_offer((a_line(100, 2),), "1", an_item(price), quantity, NOW)
    assert offered[0].amount == 200
    taken = with_answer(offered, "1", is_taken=True)
    assert (taken[0].amount, taken[0].substitution, taken[0].ordered) == (cost, None, 2)
    assert with_answer(offered, "1", is_taken=False)[0].quantity == 0
    with pytest.raises(SubstitutionNotOffered):
        with_answer(taken, "1", is_taken=True)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=10))
def test_no_more_is_returned_than_was_collected(returns: list[int]) -> None:
    lines = (a_line(100, 20),)
    for pieces in returns:
        if lines[0].returned + pieces > 20:
            with pytest.raises(RefundInvalid):
                with_returns(lines, {"1": pieces})
        else:
            lines = with_returns(lines, {"1": pieces})
    assert 0 <= lines[0].returned <= 20


@st.composite
def discounted_lines(draw: st.DrawFn) -> tuple[OrderLine, ...]:
    """Lines of which up to three coupons take something off, perhaps all of it."""
    lines = []
    for number in range(draw(st.integers(1, 4))):
        line = a_line(
            draw(st.one_of(st.integers(0, 5), st.integers(0, 2_000))),
            draw(st.integers(1, 6)),
            draw(st.sampled_from(TaxRate)),
            str(number),
        )
        for coupon in COUPONS[: draw(st.integers(0, 3))]:
            discount = LineDiscount(coupon.coupon_id, draw(st.integers(0, line.amount)))
            line = replace(line, discounts=(*line.discounts, discount))
        lines.append(line)
    return tuple(lines)


@given(discounted_lines(), st.integers(0, 5_000), st.randoms(use_true_random=False))
def test_any_split_of_returns_gives_back_what_one_return_does(
    lines: tuple[OrderLine, ...], points: int, chance: Random
) -> None:
    totals = totals_of(lines, points)
    order = an_order(lines=lines, totals=totals, state=OrderState.COLLECTED, coupons=COUPONS)
    at_once = with_returns(lines, {line.id: line.quantity for line in lines})
    whole = refund_of(order, at_once)
    pieces = [line.id for line in lines for _ in range(line.quantity)]
    chance.shuffle(pieces)
    parts = []
    for line_id in pieces:
        returned = with_returns(order.lines, {line_id: 1})
        parts.append(refund_of(order, returned))
        order = replace(order, lines=returned)
    assert sum(part.money for part in parts) == whole.money == order.totals.to_pay
    assert sum(part.points for part in parts) == whole.points == order.totals.points_used
    assert all(part.money >= 0 and part.points >= 0 for part in parts)
    assert all(tax.amount >= 0 and tax.tax >= 0 for part in parts for tax in part.taxes)
    for rate in TaxRate:
        given_back = sum(tax.tax for part in parts for tax in part.taxes if tax.rate is rate)
        assert given_back == sum(tax.tax for tax in totals.taxes if tax.rate is rate)


def test_a_piece_that_comes_back_makes_none_that_is_kept_dearer() -> None:
    """Two coupons of a yen each make two pieces of a yen free: the one that is kept stays free."""
    discounts = (LineDiscount("1", 1), LineDiscount("2", 1))
    line = replace(a_line(1, 2), discounts=discounts, returned=1)
    assert (line.amount, line.kept.amount, line.kept.discount) == (0, 0, 1)


def test_a_coupon_is_of_use_while_something_is_left_that_it_is_for() -> None:
    lines = (a_line(100, line_id="0"), a_line(100, line_id="1"))
    coupon = OrderCoupon("2", "use-2", {}, bonus_points=50, points_lines=("0",))
    assert coupon.is_of_use(lines)
    assert not coupon.is_of_use(without(lines, "0"))
