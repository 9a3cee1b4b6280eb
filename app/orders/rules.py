"""Pure decisions about orders: what may be ordered, and how an order goes on."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.catalog.model import Product, Sku, Texts
from app.orders.errors import (
    NoShowTooEarly,
    NoteInvalid,
    OrderChanged,
    OrderLinesInvalid,
    OrderMoveIllegal,
    PauseInvalid,
)
from app.orders.model import Order, OrderedItem, OrderMove
from app.orders.states import Mover, OrderState, is_legal
from app.orders.wishes import WantedLine
from app.shared.i18n import Language
from app.shared.texts import normal_paragraphs

MAXIMUM_LINES = 50
MAXIMUM_QUANTITY = 99
NOTE_MAXIMUM_LENGTH = 200
LONGEST_PAUSE_MINUTES = 24 * 60
PICKUP_CODE_DIGITS = 20
NO_SHOWS_COUNTED_FOR = timedelta(days=90)


def merged_lines(lines: Sequence[WantedLine]) -> tuple[WantedLine, ...]:
    """The lines, one for each SKU, in the order in which they were wanted. Raises OrderLinesInvalid."""
    quantities: dict[str, int] = {}
    for line in lines:
        quantities[line.sku_id] = quantities.get(line.sku_id, 0) + line.quantity
    is_sound = all(line.quantity >= 1 for line in lines) and all(
        quantity <= MAXIMUM_QUANTITY for quantity in quantities.values()
    )
    if not is_sound or not 1 <= len(quantities) <= MAXIMUM_LINES:
        raise OrderLinesInvalid(
            path=["input", "lines"], maximum_lines=MAXIMUM_LINES, maximum_quantity=MAXIMUM_QUANTITY
        )
    return tuple(WantedLine(sku_id, quantity) for sku_id, quantity in quantities.items())


def item_of(product: Product, sku_id: str) -> OrderedItem:
    """The product's SKU as it is ordered now."""
    sku = next(each for each in product.skus if each.id == sku_id)
    return OrderedItem(
        sku_id=sku.id,
        product_id=product.id,
        names=product.names,
        variant=_variant(sku),
        jan=sku.jan,
        unit_price=sku.price.amount,
        tax_rate=product.tax_rate,
        weight=sku.preparation_weight,
    )


def _variant(sku: Sku) -> Texts:
    """Colour and size, as far as the SKU has them."""
    return {
        language: " / ".join(filter(None, ((sku.colour or {}).get(language), sku.size)))
        for language in Language
    }


def checked_note(note: str | None, field: str = "note") -> str | None:
    """What member and store write to each other, in this field of the input. Raises NoteInvalid."""
    if note is None or not note.strip():
        return None
    normal = normal_paragraphs(note, NOTE_MAXIMUM_LENGTH)
    if normal is None:
        raise NoteInvalid(path=["input", field], maximum=NOTE_MAXIMUM_LENGTH)
    return normal


def new_pickup_number() -> str:
    return f"{secrets.randbelow(10_000):04}"


def new_pickup_code() -> str:
    """20 random digits, 66 bits: nobody guesses one, and any scanner reads it."""
    return f"{secrets.randbelow(10**PICKUP_CODE_DIGITS):0{PICKUP_CODE_DIGITS}}"


def moved(
    order: Order,
    target: OrderState,
    mover: Mover,
    moved_by: str,
    now: datetime,
    version: int | None = None,
    reason: str | None = None,
) -> Order:
    """The order after this step.

    Raises OrderChanged for a stale version, OrderMoveIllegal, and NoShowTooEarly before the slot's end.
    """
    require_version(order, version)
    state = order.state if mover is Mover.TIME else order.state_at(now)
    if not is_legal(state, target, mover):
        raise OrderMoveIllegal(state=state.value)
    if target is OrderState.NO_SHOW and now < order.slot.ends_at:
        raise NoShowTooEarly(path=["input", "orderId"])
    step = OrderMove(target, mover, moved_by, now, reason)
    return replace(order, state=target, version=order.version + 1, moves=(*order.moves, step))


def require_changeable(order: Order, now: datetime) -> None:
    """Whether lines may still change: until the order is ready or over. Raises OrderMoveIllegal."""
    state = order.state_at(now)
    if state not in {OrderState.PLACED, OrderState.ACCEPTED, OrderState.PREPARING}:
        raise OrderMoveIllegal(state=state.value)


def require_quantity(quantity: int) -> None:
    """Raises OrderLinesInvalid."""
    if not 1 <= quantity <= MAXIMUM_QUANTITY:
        raise OrderLinesInvalid(
            path=["input", "quantity"], maximum_lines=MAXIMUM_LINES, maximum_quantity=MAXIMUM_QUANTITY
        )


def require_pause(minutes: int) -> None:
    """Raises PauseInvalid."""
    if not 0 <= minutes <= LONGEST_PAUSE_MINUTES:
        raise PauseInvalid(path=["input", "minutes"], maximum=LONGEST_PAUSE_MINUTES)


def require_version(order: Order, version: int | None) -> None:
    """Whether the caller has seen the order as it is; None if she does not say. Raises OrderChanged."""
    if version is not None and version != order.version:
        raise OrderChanged
