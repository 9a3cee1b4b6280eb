"""Plain receipts that many tests start from."""

from datetime import datetime
from typing import Any

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.catalog.model import TaxRate
from app.purchases.model import Receipt, ReceiptLine, ReceiptName, ReturnedPieces, ReturnReceipt
from app.shared.channels import Channel
from app.shared.ids import new_id

POS = PartnerActor("pos", frozenset({Scope.PURCHASES_WRITE}))


def a_line(amount: int = 1_100, **changes: Any) -> ReceiptLine:
    """A piece of something, for so much with the standard tax."""
    fields: dict[str, Any] = {"quantity": 1, "amount": amount, "tax_rate": TaxRate.STANDARD, "name": "タオル"}
    return ReceiptLine(**{**fields, **changes})


def a_name(store_id: str | None, number: str | None = None, **changes: Any) -> ReceiptName:
    fields: dict[str, Any] = {
        "channel": Channel.STORE,
        "store_id": store_id,
        "terminal": "till-1",
        "receipt_number": number or new_id(),
    }
    return ReceiptName(**{**fields, **changes})


def a_receipt(store_id: str, occurred_at: datetime, *lines: ReceiptLine, **changes: Any) -> Receipt:
    """A receipt over one line of 1,100 yen unless told otherwise."""
    lines = lines or (a_line(),)
    fields: dict[str, Any] = {
        "name": a_name(store_id),
        "occurred_at": occurred_at,
        "lines": lines,
        "total": sum(line.amount for line in lines),
    }
    return Receipt(**{**fields, **changes})


def a_return(
    receipt: Receipt, occurred_at: datetime, pieces: dict[int, int], number: str | None = None
) -> ReturnReceipt:
    """A return of so many pieces of the receipt's lines, by their numbers, at the same store."""
    returned = tuple(ReturnedPieces(line, quantity) for line, quantity in pieces.items())
    name = a_name(receipt.name.store_id, number, channel=receipt.name.channel)
    return ReturnReceipt(name, receipt.name, occurred_at, returned)
