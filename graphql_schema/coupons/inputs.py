"""What callers give to claim and to use coupons."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from app.coupons.baskets import BasketItem
from app.coupons.till import Receipt
from graphql_schema.node import key_of

KEY = "Made by the caller for this one wish, 8 to 128 printable ASCII characters; kept 30 days."


@strawberry.input(description="Pieces of a SKU.")
class CouponLineInput:
    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    quantity: int = strawberry.field(description="1 to 999 pieces.")
    unit_price: int | None = strawberry.field(
        default=None, description="What a piece costs, in yen, tax included; without it, as in the catalogue."
    )


@strawberry.input(description="A store and a moment at which coupons shall be usable.")
class UsableAtInput:
    store_id: strawberry.ID = strawberry.field(description="The store.")
    at: datetime | None = strawberry.field(default=None, description="The moment; without it, now.")


@strawberry.input(description="A wish for a coupon: of an offer, or by a code, not both.")
class ClaimOfferInput:
    offer_id: strawberry.ID | None = strawberry.field(
        default=None, description="An offer that is claimed in the app."
    )
    code: str | None = strawberry.field(
        default=None, description="A code, in any case, with or without hyphens."
    )
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="A receipt of a till, which has a number of its own at its store and terminal.")
class CouponReceiptInput:
    terminal: str = strawberry.field(description="The terminal; 1 to 60 characters.")
    number: str = strawberry.field(description="Its number there; 1 to 60 characters.")
    lines: list[CouponLineInput] = strawberry.field(description="What is bought: 1 to 200 lines.")
    shipping_amount: int = strawberry.field(
        default=0,
        description=(
            "What its delivery costs, in yen, tax included, which free shipping takes off: up to 1,000,000, "
            "and 0 in a shop."
        ),
    )


@strawberry.input(description="A coupon that is shown at the till.")
class RedeemCouponInput:
    code: str = strawberry.field(description="Its code, in any case, with or without hyphens.")
    store_id: strawberry.ID = strawberry.field(description="The store: one that the caller may act for.")
    receipt: CouponReceiptInput = strawberry.field(description="What it is used for.")
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="A use that is to be taken back.")
class RollbackRedemptionInput:
    redemption_id: strawberry.ID = strawberry.field(description="The use.")
    reason: str | None = strawberry.field(default=None, description="Why; at most 200 characters.")
    idempotency_key: str = strawberry.field(description=KEY)


@strawberry.input(description="Codes of which each gives one coupon.")
class CreateCouponCodesInput:
    offer_id: strawberry.ID = strawberry.field(description="An offer with the distribution UNIQUE_CODES.")
    quantity: int = strawberry.field(description="1 to 1,000.")
    idempotency_key: str = strawberry.field(description=KEY)


def items_of(lines: Sequence[CouponLineInput], path: list[str]) -> tuple[BasketItem, ...]:
    """The lines, their ids read. Raises InvalidId."""
    return tuple(
        BasketItem(key_of(line.sku_id, "Sku", [*path, str(number), "skuId"]), line.quantity, line.unit_price)
        for number, line in enumerate(lines)
    )


def receipt_of(receipt: CouponReceiptInput) -> Receipt:
    items = items_of(receipt.lines, ["input", "receipt", "lines"])
    return Receipt(receipt.terminal, receipt.number, items, receipt.shipping_amount)
