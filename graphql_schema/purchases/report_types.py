"""Receipts as partners report them, and what became of each. Readable by the partner who sent them."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from app.catalog.model import TaxRate
from app.purchases import model
from app.purchases.errors import ReceiptConflicting
from app.purchases.service import PurchaseRow, ReturnRow
from app.shared.channels import Channel
from app.shared.errors import InvalidId, Refusal
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.node import encode_id, key_of, optional_key_of
from graphql_schema.results import Rejected, UserError, user_errors


@strawberry.enum(description="What became of a receipt.")
class ReceiptOutcome(Enum):
    RECORDED = strawberry.enum_value("RECORDED", description="It was recorded now.")
    REPEATED = strawberry.enum_value("REPEATED", description="It is on record already, and counts once.")
    CONFLICTING = strawberry.enum_value(
        "CONFLICTING", description="Its name is on record with other content; headquarters is shown it."
    )
    REFUSED = strawberry.enum_value("REFUSED", description="It was not recorded; `errors` say why.")


@strawberry.input(description="What names a receipt once and for all.")
class ReceiptNameInput:
    channel: Channel = strawberry.field(description="The channel; of a store, the store's own.")
    store_id: strawberry.ID | None = strawberry.field(
        default=None, description="The store; only channels without stores may leave it out."
    )
    terminal: str = strawberry.field(description="The till or shop; 1 to 64 letters, digits and . _ / : # -")
    receipt_number: str = strawberry.field(description="1 to 64 letters, digits and . _ / : # -")


@strawberry.input(description="A line of a receipt.")
class PurchaseLineInput:
    sku_id: strawberry.ID | None = strawberry.field(default=None, description="The SKU, if it is known.")
    jan: str | None = strawberry.field(
        default=None,
        description="The JAN that was scanned; 64 characters. It names the SKU where `skuId` is not given.",
    )
    name: str | None = strawberry.field(
        default=None, description="As on the receipt, 1 to 100 characters; without it, as in the catalogue."
    )
    category_code: str | None = strawberry.field(
        default=None, description="The category's code; without it, as in the catalogue."
    )
    quantity: int = strawberry.field(default=1, description="Pieces, 1 to 9,999.")
    amount: int = strawberry.field(
        description="What all pieces cost in yen, 0 to 10,000,000: tax included, after every discount."
    )
    tax_rate: TaxRate | None = strawberry.field(
        default=TaxRate.STANDARD, description="The rate of the tax in it; null when it has none."
    )
    is_gift_card: bool = strawberry.field(default=False, description="Gift cards earn nothing.")


@strawberry.input(description="A receipt, as the till printed it.")
class PurchaseInput(ReceiptNameInput):
    occurred_at: datetime = strawberry.field(
        description="When it was printed: at most 400 days ago. Day and rank year follow it."
    )
    lines: list[PurchaseLineInput] = strawberry.field(description="What was bought, 1 to 200 lines.")
    total: int = strawberry.field(description="The sum of the lines in yen, at most 10,000,000.")
    points_used: int = strawberry.field(
        default=0,
        description="Points that paid for it, at most the total; taken whether or not they are there.",
    )
    member_number: str | None = strawberry.field(
        default=None, description="The member, by her number; without any, the receipt is anonymous."
    )
    verification_id: strawberry.ID | None = strawberry.field(
        default=None, description="The member, by the card that `verifyCard` verified here."
    )


@strawberry.input(description="Up to 200 receipts.")
class RecordPurchasesInput:
    purchases: list[PurchaseInput] = strawberry.field(description="1 to 200 receipts, in any order.")


@strawberry.type(description="What became of one receipt. Readable by the partner who sent it.")
class PurchaseRowResult:
    number: int = strawberry.field(description="Its place in the batch; the first is 0.")
    outcome: ReceiptOutcome = strawberry.field(description="What became of it.")
    purchase_id: strawberry.ID | None = strawberry.field(description="The purchase, when it is on record.")
    points_earned: int = strawberry.field(description="Points that it earned, less those of returned pieces.")
    points_used: int = strawberry.field(description="Points that paid for it.")
    errors: list[UserError] = strawberry.field(description="Why it was not recorded; none when it was.")


@strawberry.type(description="The batch was gone through.")
class PurchasesRecorded:
    rows: list[PurchaseRowResult] = strawberry.field(description="One for each receipt, in their order.")


@strawberry.input(description="Pieces of one line that came back.")
class ReturnedLineInput:
    line: int = strawberry.field(description="The line's place on the original receipt; the first is 1.")
    quantity: int = strawberry.field(default=1, description="Pieces: as many as are left of it at the most.")


@strawberry.input(description="A return: a receipt of its own that refers to the original.")
class ReturnInput(ReceiptNameInput):
    purchase: ReceiptNameInput = strawberry.field(description="The receipt on which the goods were bought.")
    occurred_at: datetime = strawberry.field(description="When they were returned: at most 400 days ago.")
    lines: list[ReturnedLineInput] = strawberry.field(description="What came back, each line once.")


@strawberry.input(description="Up to 200 returns.")
class RecordReturnsInput:
    returns: list[ReturnInput] = strawberry.field(description="1 to 200 returns, in any order.")


@strawberry.type(description="What became of one return. Readable by the partner who sent it.")
class ReturnRowResult:
    number: int = strawberry.field(description="Its place in the batch; the first is 0.")
    outcome: ReceiptOutcome = strawberry.field(description="What became of it.")
    amount: int = strawberry.field(description="Yen that the returned pieces had cost, tax included.")
    points_returned: int = strawberry.field(
        description="Points of that which had paid, back in their lots: the rest was money."
    )
    points_taken: int = strawberry.field(description="Points that they had earned, taken back.")
    errors: list[UserError] = strawberry.field(description="Why it was not recorded; none when it was.")


@strawberry.type(description="The batch was gone through.")
class ReturnsRecorded:
    rows: list[ReturnRowResult] = strawberry.field(description="One for each return, in their order.")


@strawberry.type(description="A receipt that was refused, for its name is on record. For headquarters.")
class ReceiptConflict:
    conflict: strawberry.Private[model.ReceiptConflict]

    @strawberry.field(description="The channel.")
    def channel(self) -> Channel:
        return self.conflict.name.channel

    @strawberry.field(description="The store, if it named one.")
    def store_id(self) -> strawberry.ID | None:
        store_id = self.conflict.name.store_id
        return encode_id("Store", store_id) if store_id else None

    @strawberry.field(description="The till or shop system.")
    def terminal(self) -> str:
        return self.conflict.name.terminal

    @strawberry.field(description="The number on the receipt.")
    def receipt_number(self) -> str:
        return self.conflict.name.receipt_number

    @strawberry.field(description="The total of the refused receipt in yen; null for a return.")
    def total(self) -> int | None:
        return self.conflict.total

    @strawberry.field(description="When the refused receipt was printed.")
    def occurred_at(self) -> datetime:
        return self.conflict.occurred_at

    @strawberry.field(description="The partner that sent it.")
    def partner_id(self) -> strawberry.ID:
        return encode_id("Partner", self.conflict.reported_by.removeprefix("partner:"))

    @strawberry.field(description="When it first came.")
    def first_at(self) -> datetime:
        return self.conflict.first_at

    @strawberry.field(description="When it last came.")
    def last_at(self) -> datetime:
        return self.conflict.last_at

    @strawberry.field(description="How often it came.")
    def times(self) -> int:
        return self.conflict.times


ReceiptConflictConnection = Connection[ReceiptConflict]
RecordPurchasesResult = Annotated[PurchasesRecorded | Rejected, strawberry.union("RecordPurchasesResult")]
RecordReturnsResult = Annotated[ReturnsRecorded | Rejected, strawberry.union("RecordReturnsResult")]


def receipt_of(row: PurchaseInput) -> model.Receipt | InvalidId:
    """The receipt, or why it cannot be read."""
    try:
        return model.Receipt(
            name=_name_of(row),
            occurred_at=row.occurred_at,
            lines=tuple(_line_of(line) for line in row.lines),
            total=row.total,
            points_used=row.points_used,
            member_number=row.member_number,
            verification_id=optional_key_of(row.verification_id, "CardVerification", ["verificationId"]),
        )
    except InvalidId as refusal:
        return refusal


def return_of(row: ReturnInput) -> model.ReturnReceipt | InvalidId:
    """The return, or why it cannot be read."""
    try:
        return model.ReturnReceipt(
            name=_name_of(row),
            purchase=_name_of(row.purchase),
            occurred_at=row.occurred_at,
            pieces=tuple(model.ReturnedPieces(line.line, line.quantity) for line in row.lines),
        )
    except InvalidId as refusal:
        return refusal


def purchase_row(number: int, row: PurchaseRow, info: Info) -> PurchaseRowResult:
    purchase = row.purchase
    return PurchaseRowResult(
        number=number,
        outcome=_outcome(row.is_new, row.refusal),
        purchase_id=encode_id("Purchase", purchase.id) if purchase else None,
        points_earned=purchase.points_earned if purchase else 0,
        points_used=purchase.points_used if purchase else 0,
        errors=_errors(row.refusal, info),
    )


def return_row(number: int, row: ReturnRow, info: Info) -> ReturnRowResult:
    given_back = row.recorded.given_back if row.recorded else model.GivenBack(0, 0, 0, 0)
    return ReturnRowResult(
        number=number,
        outcome=_outcome(row.is_new, row.refusal),
        amount=given_back.amount,
        points_returned=given_back.points_returned,
        points_taken=given_back.points_taken,
        errors=_errors(row.refusal, info),
    )


def _outcome(is_new: bool, refusal: Refusal | None) -> ReceiptOutcome:
    if refusal is None:
        return ReceiptOutcome.RECORDED if is_new else ReceiptOutcome.REPEATED
    is_conflict = isinstance(refusal, ReceiptConflicting)
    return ReceiptOutcome.CONFLICTING if is_conflict else ReceiptOutcome.REFUSED


def _errors(refusal: Refusal | None, info: Info) -> list[UserError]:
    return user_errors([refusal], info.context.language) if refusal else []


def _name_of(row: ReceiptNameInput) -> model.ReceiptName:
    return model.ReceiptName(
        row.channel,
        optional_key_of(row.store_id, "Store", ["storeId"]),
        row.terminal,
        row.receipt_number,
    )


def _line_of(line: PurchaseLineInput) -> model.ReceiptLine:
    return model.ReceiptLine(
        quantity=line.quantity,
        amount=line.amount,
        tax_rate=line.tax_rate,
        sku_id=key_of(line.sku_id, "Sku", ["lines", "skuId"]) if line.sku_id else None,
        jan=line.jan,
        name=line.name,
        category_id=line.category_code,
        is_gift_card=bool(line.is_gift_card),
    )
