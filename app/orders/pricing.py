"""What an order costs. Prices include the consumption tax; all amounts are in yen."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.catalog.model import TaxRate
from app.catalog.taxes import tax_within
from app.orders.model import Order, OrderLine, TaxTotal, Totals


def taxes_of(lines: Iterable[OrderLine]) -> tuple[TaxTotal, ...]:
    """The total of each rate with its tax, rounded once a rate as a qualified invoice (適格請求書) wants it.

    The higher rate comes first.
    """
    amounts: Counter[TaxRate] = Counter()
    for line in lines:
        amounts[line.item.tax_rate] += line.amount
    return tuple(
        TaxTotal(rate, amounts[rate], tax_within(amounts[rate], rate))
        for rate in sorted(amounts, key=lambda rate: -rate.percent)
        if amounts[rate]
    )


def totals_of(lines: Iterable[OrderLine], points_used: int, points_to_earn: int = 0) -> Totals:
    """What the lines cost. Points beyond the total are not used."""
    lines = tuple(lines)
    total = sum(line.amount for line in lines)
    return Totals(total, taxes_of(lines), min(points_used, total), points_to_earn)


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What a refund gives back, in yen and in points.

    `taxes` is by how much the total of each rate and its tax become less.
    """

    money: int
    points: int
    taxes: tuple[TaxTotal, ...]


def refund_of(order: Order, lines: Iterable[OrderLine]) -> GivenBack:
    """What is given back when these are the lines of a collected order, beyond what was before.

    Points that paid for it come back first, so that they never turn into money. It does not matter in how
    many parts goods are returned: all of it depends on what is kept in the end.
    """
    before, after = (_kept(order, each) for each in (order.lines, lines))
    return GivenBack(
        before.to_pay - after.to_pay,
        before.points_used - after.points_used,
        _less(before.taxes, after.taxes),
    )


def _less(before: Iterable[TaxTotal], after: Iterable[TaxTotal]) -> tuple[TaxTotal, ...]:
    """By how much each rate's total and tax became less; rates of which nothing came back are left out.

    So all refunds and what is kept add up to what was sold, to the yen, however the pieces came back.
    """
    kept = {each.rate: each for each in after}
    differences = (
        TaxTotal(each.rate, each.amount - left.amount, each.tax - left.tax)
        for each in before
        for left in (kept.get(each.rate, TaxTotal(each.rate, 0, 0)),)
    )
    return tuple(each for each in differences if each.amount)


def _kept(order: Order, lines: Iterable[OrderLine]) -> Totals:
    """What the pieces that were not returned cost, paid in money first."""
    kept = [line.kept for line in lines]
    total = sum(line.amount for line in kept)
    return totals_of(kept, max(0, total - order.totals.to_pay))


def substitute_price(line: OrderLine, unit_price: int, quantity: int) -> int:
    """The unit price of a substitute: its own, or less, so that it costs no more than what it replaces."""
    return min(unit_price, line.amount // quantity)
