"""Orders that many tests start from."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from app.catalog.model import TaxRate
from app.orders.model import Order, OrderedItem, OrderLine, OrderMove, SlotWindow
from app.orders.pricing import totals_of
from app.orders.states import Mover, OrderState
from app.payments.model import PaymentMethod
from app.shared.i18n import Language
from tests.conftest import NOON_IN_TOKYO as NOW


def an_item(unit_price: int = 1_000, rate: TaxRate = TaxRate.STANDARD, **changes: Any) -> OrderedItem:
    """A notebook."""
    fields: dict[str, Any] = {
        "sku_id": "notebook",
        "product_id": "notebook",
        "names": {Language.JA: "ノート", Language.EN: "Notebook"},
        "variant": {Language.JA: "", Language.EN: ""},
        "jan": "4901234567894",
        "unit_price": unit_price,
        "tax_rate": rate,
        "weight": 1,
    }
    return OrderedItem(**{**fields, **changes})


def a_line(
    unit_price: int = 1_000, quantity: int = 1, rate: TaxRate = TaxRate.STANDARD, line_id: str = "1"
) -> OrderLine:
    return OrderLine(line_id, an_item(unit_price, rate), quantity, quantity)


def an_order(**changes: Any) -> Order:
    """An order of one notebook at noon, for one o'clock."""
    starts_at = NOW + timedelta(hours=1)
    lines = (a_line(),)
    order = Order(
        id="order",
        version=1,
        member_id="member",
        store_id="store",
        state=OrderState.PLACED,
        lines=lines,
        slot=SlotWindow("store", starts_at, starts_at + timedelta(minutes=15)),
        totals=totals_of(lines, 0),
        payment_method=PaymentMethod.PAY_AT_STORE,
        payment_id=None,
        hold_id="hold",
        pickup_day=date(2026, 11, 21),
        pickup_number="0042",
        pickup_code="0" * 20,
        points_member_id="member",
        placed_at=NOW,
        accept_by=starts_at,
        collect_by=starts_at + timedelta(hours=2),
        moves=(OrderMove(OrderState.PLACED, Mover.MEMBER, "member", NOW),),
    )
    return replace(order, **changes)
