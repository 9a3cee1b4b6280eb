"""Pure decisions about carts: what goes in, what comes out, and whether it can be had."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from app.carts.errors import CartChanged, CartFull, CartQuantityInvalid
from app.carts.model import Cart, CartLine, CartLineState, SeenLine
from app.catalog.model import Product

# As many as one order may have: what is in a cart can be ordered at once.
MAXIMUM_LINES = 50
MAXIMUM_QUANTITY = 99

Lines = tuple[CartLine, ...]


def require_quantity(quantity: int) -> None:
    """Raises CartQuantityInvalid."""
    if not 0 <= quantity <= MAXIMUM_QUANTITY:
        raise CartQuantityInvalid(path=["input", "quantity"], maximum=MAXIMUM_QUANTITY)


def require_version(cart: Cart, version: int | None) -> None:
    """Whether the caller has seen the cart as it is; None if she does not say. Raises CartChanged."""
    if version is not None and version != cart.version:
        raise CartChanged(path=["input", "version"])


def with_line(lines: Lines, line: CartLine) -> Lines:
    """The lines with this many pieces of the SKU, in the place it had, or else the last. Raises CartFull."""
    if any(each.sku_id == line.sku_id for each in lines):
        return tuple(
            replace(each, quantity=line.quantity) if each.sku_id == line.sku_id else each for each in lines
        )
    if len(lines) >= MAXIMUM_LINES:
        raise CartFull(path=["input", "skuId"], maximum=MAXIMUM_LINES)
    return (*lines, line)


def without(lines: Lines, pieces: Mapping[str, int]) -> Lines:
    """The lines after so many pieces of each SKU were taken out; what is then empty is gone."""
    left = (replace(each, quantity=each.quantity - pieces.get(each.sku_id, 0)) for each in lines)
    return tuple(each for each in left if each.quantity > 0)


def merged(own: Cart, guests: Cart) -> Cart:
    """A member's cart and that of the guest she was: of each SKU the larger quantity, not the sum.

    It was one wish, on two devices. Where there are too many lines, those that were put in first are left
    out. The store is the one that was chosen in the cart that changed last.
    """
    quantities: dict[str, CartLine] = {}
    for line in sorted((*own.lines, *guests.lines), key=lambda each: each.put_in_at):
        before = quantities.get(line.sku_id)
        quantities[line.sku_id] = (
            replace(before, quantity=max(before.quantity, line.quantity)) if before else line
        )
    later, sooner = sorted((own, guests), key=_changed_last)
    return replace(
        own,
        lines=tuple(quantities.values())[-MAXIMUM_LINES:],
        store_id=later.store_id or sooner.store_id,
    )


def seen(line: CartLine, product: Product | None, available: int | None, now: datetime) -> SeenLine:
    """The line as it is now; `available` is how many pieces the chosen store has, None if none is chosen."""
    if product is None or not product.is_published(now):
        return SeenLine(line, CartLineState.NOT_FOR_SALE)
    if available is None:
        return SeenLine(line, CartLineState.FOR_SALE, product)
    if available >= line.quantity:
        state = CartLineState.AVAILABLE
    else:
        state = CartLineState.SHORT if available else CartLineState.OUT_OF_STOCK
    return SeenLine(line, state, product, available)


def _changed_last(cart: Cart) -> float:
    """Sorts the cart that changed last first, and one that was never touched last."""
    return -cart.changed_at.timestamp() if cart.changed_at else 0.0
