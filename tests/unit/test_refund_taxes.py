"""The tax of refunds: however pieces come back, all adds up to what was sold, to the yen."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.catalog.model import TaxRate
from app.orders.lines import with_returns
from app.orders.model import TaxTotal
from app.orders.pricing import refund_of, taxes_of, totals_of
from tests.order_examples import a_line, an_order

GOODS = st.lists(
    st.tuples(st.integers(1, 5_000), st.integers(1, 9), st.sampled_from(TaxRate)), min_size=1, max_size=5
)
RETURNS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 9)), max_size=8)


@given(goods=GOODS, points=st.integers(0, 3_000), returns=RETURNS)
def test_refunds_and_what_is_kept_add_up_to_what_was_sold(
    goods: list[tuple[int, int, TaxRate]], points: int, returns: list[tuple[int, int]]
) -> None:
    lines = tuple(
        a_line(price, quantity, rate, str(number + 1)) for number, (price, quantity, rate) in enumerate(goods)
    )
    order = an_order(lines=lines, totals=totals_of(lines, points, 1))
    given_back = dict.fromkeys(TaxRate, (0, 0))
    for number, pieces in returns:
        line = next((each for each in order.lines if each.id == str(number)), None)
        if line is None or pieces > line.quantity - line.returned:
            continue
        after = with_returns(order.lines, {line.id: pieces})
        for each in refund_of(order, after).taxes:
            amount, tax = given_back[each.rate]
            given_back[each.rate] = (amount + each.amount, tax + each.tax)
        order = replace(order, lines=after)
    kept = taxes_of(replace(line, quantity=line.quantity - line.returned) for line in order.lines)
    left = {each.rate: each for each in kept}
    for each in order.totals.taxes:
        rest = left.get(each.rate, TaxTotal(each.rate, 0, 0))
        assert given_back[each.rate] == (each.amount - rest.amount, each.tax - rest.tax)
