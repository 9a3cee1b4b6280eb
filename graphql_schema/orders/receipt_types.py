"""Receipts. Readable by whoever may read their order."""

from datetime import datetime

import strawberry

from app.catalog.model import TaxRate, Texts
from app.orders import model, receipts
from app.orders.receipts import receipt_of
from app.shared.i18n import language_of
from app.shared.money import yen
from graphql_schema.context import Info
from graphql_schema.locale import Locale
from graphql_schema.money import Money, money_of
from graphql_schema.orders.enums import PaymentMethod
from graphql_schema.orders.money_types import TaxTotal, tax_nodes


@strawberry.type(description="Pieces of one SKU that were sold, or given back.")
class ReceiptLine:
    line: strawberry.Private[receipts.ReceiptLine]

    @strawberry.field(description="The product's name as it was when it was ordered.")
    def name(self, info: Info, locale: Locale = None) -> str:
        return self.line.item.names[language_of(locale) or info.context.language]

    @strawberry.field(description="Colour and size; empty when there is just one.")
    def variant(self, info: Info, locale: Locale = None) -> str:
        return self.line.item.variant[language_of(locale) or info.context.language]

    @strawberry.field(description="The JAN (EAN-13).")
    def jan(self) -> str:
        return self.line.item.jan

    @strawberry.field(description="The price of one piece, tax included.")
    def unit_price(self) -> Money:
        return money_of(yen(self.line.item.unit_price))

    @strawberry.field(description="Pieces.")
    def quantity(self) -> int:
        return self.line.quantity

    @strawberry.field(description="What the pieces cost, tax included, before the discounts of coupons.")
    def amount(self) -> Money:
        return money_of(yen(self.line.amount))

    @strawberry.field(description="Whether it is sold at the reduced rate: to be marked where it is shown.")
    def is_reduced(self) -> bool:
        return self.line.is_reduced


@strawberry.type(description="What a coupon took off the goods of one rate.")
class ReceiptDiscount:
    rate: TaxRate = strawberry.field(description="The rate of the goods.")
    percent: int = strawberry.field(description="The rate in percent.")
    amount: Money = strawberry.field(description="What was taken off, tax included.")
    names: strawberry.Private[Texts]

    @strawberry.field(description="What the coupon's offer was called.")
    def name(self, info: Info, locale: Locale = None) -> str:
        return self.names[language_of(locale) or info.context.language]


@strawberry.type(description="What was given back at one time, as a qualified return invoice states it.")
class ReceiptRefund:
    lines: list[ReceiptLine] = strawberry.field(description="The pieces.")
    discount: Money = strawberry.field(description="What of their price coupons had taken off.")
    total: Money = strawberry.field(description="What had been paid for them, tax included.")
    taxes: list[TaxTotal] = strawberry.field(description="What is given back of each rate.")
    money: Money = strawberry.field(description="By the card that paid, or at the till.")
    points: int = strawberry.field(description="Points that had paid for it, back in their lots.")
    refunded_at: datetime = strawberry.field(description="When.")


@strawberry.type(
    description=(
        "The receipt of a collected order: a simplified qualified invoice (適格簡易請求書) where the "
        "retailer is registered. It says what was so when the order was collected, whatever changed since."
    )
)
class Receipt:
    order_id: strawberry.Private[str]
    receipt: strawberry.Private[receipts.Receipt]

    @property
    def _issuer(self) -> model.ReceiptIssuer:
        return self.receipt.issuer

    @strawberry.field(description="The retailer's own number of it: store, day of pickup, pickup number.")
    def number(self) -> str:
        return self.receipt.number

    @strawberry.field(description="When the order was collected.")
    def issued_at(self) -> datetime:
        return self.receipt.issued_at

    @strawberry.field(description="The retailer's name.")
    def retailer_name(self) -> str:
        return self._issuer.name

    @strawberry.field(description="The retailer's registration number, `T` and 13 digits; null without one.")
    def registration_number(self) -> str | None:
        return self._issuer.registration_number

    @strawberry.field(description="The store's name.")
    def store_name(self, info: Info, locale: Locale = None) -> str:
        return self._issuer.store_names[language_of(locale) or info.context.language]

    @strawberry.field(description="The store's address.")
    def store_address(self, info: Info, locale: Locale = None) -> str:
        return self._issuer.store_address[language_of(locale) or info.context.language]

    @strawberry.field(description="The store's telephone number.")
    def store_phone(self) -> str | None:
        return self._issuer.store_phone

    @strawberry.field(description="What was sold: 1 to 50 lines.")
    def lines(self) -> list[ReceiptLine]:
        return [ReceiptLine(line=line) for line in self.receipt.lines]

    @strawberry.field(description="What coupons took off: one for each coupon and rate, at most 10.")
    def discounts(self) -> list[ReceiptDiscount]:
        return [
            ReceiptDiscount(
                rate=each.rate, percent=each.rate.percent, amount=money_of(yen(each.amount)), names=each.names
            )
            for each in self.receipt.discounts
        ]

    @strawberry.field(
        description="By rate, the higher one first, after discounts; the tax is rounded down once a rate."
    )
    def taxes(self) -> list[TaxTotal]:
        return tax_nodes(self.receipt.totals.taxes)

    @strawberry.field(description="All lines less all discounts, tax included.")
    def total(self) -> Money:
        return money_of(yen(self.receipt.totals.total))

    @strawberry.field(description="Points it was paid with; 1 point is worth 1 yen.")
    def points_used(self) -> int:
        return self.receipt.totals.points_used

    @strawberry.field(description="What was paid in money.")
    def paid(self) -> Money:
        return money_of(yen(self.receipt.totals.to_pay))

    @strawberry.field(description="How that was paid.")
    def payment_method(self) -> PaymentMethod:
        return self.receipt.payment_method

    @strawberry.field(description="What was given back since, the first one first.")
    def refunds(self) -> list[ReceiptRefund]:
        return [
            ReceiptRefund(
                lines=[ReceiptLine(line=line) for line in refund.lines],
                discount=money_of(yen(refund.discount)),
                total=money_of(yen(refund.total)),
                taxes=tax_nodes(refund.taxes),
                money=money_of(yen(refund.money)),
                points=refund.points,
                refunded_at=refund.refunded_at,
            )
            for refund in self.receipt.refunds
        ]

    @strawberry.field(
        description=(
            "A page to print, as a path at this server: whoever has it may open it, for 10 minutes. On paper "
            "of any width, from 58 mm to A4."
        )
    )
    def page(self, info: Info) -> str:
        return info.context.services.receipts.page(self.order_id, info.context.language.value)


def receipt_node(order: model.Order) -> Receipt | None:
    """The order's receipt; None before it is collected."""
    receipt = receipt_of(order)
    return Receipt(order_id=order.id, receipt=receipt) if receipt else None
