"""Carts: what goes in, what comes out, and what becomes of two of them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.carts import rules
from app.carts.errors import CartChanged, CartFull, CartQuantityInvalid
from app.carts.model import Cart, CartLine, CartLineState
from app.orders.rules import MAXIMUM_LINES, MAXIMUM_QUANTITY
from app.shared.i18n import Language
from tests.catalog_examples import a_product, a_sku
from tests.conftest import NOON_IN_TOKYO as NOW

NAMES = {Language.JA: "ノート", Language.EN: "Notebook"}


def a_line(sku_id: str, quantity: int = 1, minute: int = 0) -> CartLine:
    return CartLine(sku_id, quantity, NAMES, NOW + timedelta(minutes=minute))


LINES = st.lists(
    st.builds(
        a_line,
        st.sampled_from([f"s{number}" for number in range(80)]),
        st.integers(1, 99),
        st.integers(0, 99),
    ),
    max_size=50,
    unique_by=lambda line: line.sku_id,
).map(tuple)
CARTS = st.builds(
    Cart,
    st.just("member"),
    st.integers(1, 9),
    st.sampled_from([None, "umeda", "kyoto"]),
    LINES,
    st.integers(0, 99).map(lambda minute: NOW + timedelta(minutes=minute)),
)


def test_what_fits_in_a_cart_can_be_ordered_at_once() -> None:
    assert (rules.MAXIMUM_LINES, rules.MAXIMUM_QUANTITY) == (MAXIMUM_LINES, MAXIMUM_QUANTITY)


@pytest.mark.parametrize("quantity", [-1, 100, 2**31])
def test_a_line_has_bounds(quantity: int) -> None:
    with pytest.raises(CartQuantityInvalid):
        rules.require_quantity(quantity)


def test_an_older_version_is_refused() -> None:
    rules.require_version(Cart("member", version=3), None)
    rules.require_version(Cart("member", version=3), 3)
    with pytest.raises(CartChanged):
        rules.require_version(Cart("member", version=3), 2)


def test_a_line_keeps_its_place_and_a_full_cart_takes_no_other() -> None:
    lines = tuple(a_line(str(number)) for number in range(50))
    changed = rules.with_line(lines, a_line("7", 5))
    assert [line.sku_id for line in changed] == [line.sku_id for line in lines]
    assert changed[7].quantity == 5
    with pytest.raises(CartFull):
        rules.with_line(lines, a_line("another"))


@given(lines=LINES, pieces=st.dictionaries(st.sampled_from([f"s{n}" for n in range(80)]), st.integers(1, 99)))
def test_just_what_was_ordered_leaves(lines: tuple[CartLine, ...], pieces: dict[str, int]) -> None:
    left = {line.sku_id: line.quantity for line in rules.without(lines, pieces)}
    assert left == {
        line.sku_id: line.quantity - pieces.get(line.sku_id, 0)
        for line in lines
        if line.quantity > pieces.get(line.sku_id, 0)
    }


@given(own=CARTS, guests=CARTS)
def test_two_carts_are_one_wish_on_two_devices(own: Cart, guests: Cart) -> None:
    merged = rules.merged(own, guests)
    quantities = {line.sku_id: line.quantity for line in merged.lines}
    assert len(quantities) == len(merged.lines) <= rules.MAXIMUM_LINES
    wanted: dict[str, int] = {}
    for line in (*own.lines, *guests.lines):
        wanted[line.sku_id] = max(wanted.get(line.sku_id, 0), line.quantity)
    assert quantities.items() <= wanted.items()
    assert len(quantities) == min(len(wanted), rules.MAXIMUM_LINES)
    assert merged.version == own.version
    assert merged.store_id in {own.store_id, guests.store_id}
    assert merged.store_id or not (own.store_id or guests.store_id)


@pytest.mark.parametrize(
    ("available", "state"),
    [
        (None, CartLineState.FOR_SALE),
        (2, CartLineState.AVAILABLE),
        (1, CartLineState.SHORT),
        (0, CartLineState.OUT_OF_STOCK),
    ],
)
def test_a_line_says_whether_it_can_be_had(available: int | None, state: CartLineState) -> None:
    product = a_product(skus=(a_sku(id="lantern"),))
    seen = rules.seen(a_line("lantern", 2), product, available, NOW)
    assert (seen.state, seen.amount) == (state, 2_400)


def test_what_is_not_for_sale_costs_nothing() -> None:
    ended = a_product(skus=(a_sku(id="lantern"),), published_until=NOW)
    for product in (ended, None):
        seen = rules.seen(a_line("lantern", 2), product, 5, NOW)
        assert (seen.state, seen.amount, seen.sku) == (CartLineState.NOT_FOR_SALE, 0, None)
