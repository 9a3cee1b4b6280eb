"""Pure decisions about the lines of an order: what becomes of them before it is collected, and after."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from app.orders.errors import OrderLineNotFound, RefundInvalid, SubstitutionNotOffered
from app.orders.model import OrderedItem, OrderLine, Substitution
from app.orders.pricing import substitute_price

Lines = tuple[OrderLine, ...]


def find_line(lines: Lines, line_id: str) -> OrderLine:
    """The line, if anything of it is left. Raises OrderLineNotFound."""
    line = next((each for each in lines if each.id == line_id and each.quantity), None)
    if line is None:
        raise OrderLineNotFound(path=["input", "lineId"])
    return line


def without(lines: Lines, line_id: str) -> Lines:
    """The lines, this one with nothing left of it. Raises OrderLineNotFound."""
    line = find_line(lines, line_id)
    return _with(lines, replace(line, quantity=0, substitution=None, discounts=()))


def is_offered(lines: Lines, line_id: str, sku_id: str, quantity: int) -> bool:
    """Whether so many pieces of this SKU are on offer for the line, and not answered yet."""
    offers = (each.substitution for each in lines if each.id == line_id)
    return any(offer and (offer.item.sku_id, offer.quantity) == (sku_id, quantity) for offer in offers)


def with_offer(lines: Lines, line_id: str, item: OrderedItem, quantity: int, now: datetime) -> Lines:
    """The lines, this one with a substitute on offer, which costs no more. Raises OrderLineNotFound."""
    line = find_line(lines, line_id)
    price = substitute_price(line, item.unit_price, quantity)
    offer = Substitution(replace(item, unit_price=price), quantity, now)
    return _with(lines, replace(line, substitution=offer))


def with_answer(lines: Lines, line_id: str, is_taken: bool) -> Lines:
    """The lines after the member's answer. Raises OrderLineNotFound and SubstitutionNotOffered."""
    line = find_line(lines, line_id)
    offer = line.substitution
    if offer is None:
        raise SubstitutionNotOffered(path=["input", "lineId"])
    if not is_taken:
        return without(lines, line_id)
    # The substitute costs no more than the line did after its discounts.
    taken = replace(line, item=offer.item, quantity=offer.quantity, substitution=None, discounts=())
    return _with(lines, taken)


def with_returns(lines: Lines, returned: Mapping[str, int]) -> Lines:
    """The lines after so many pieces of each were given back. Raises OrderLineNotFound and RefundInvalid."""
    for line_id, pieces in returned.items():
        line = find_line(lines, line_id)
        if not 1 <= pieces <= line.quantity - line.returned:
            raise RefundInvalid(path=["input", "lines"])
        lines = _with(lines, replace(line, returned=line.returned + pieces))
    return lines


def _with(lines: Lines, changed: OrderLine) -> Lines:
    return tuple(changed if line.id == changed.id else line for line in lines)
