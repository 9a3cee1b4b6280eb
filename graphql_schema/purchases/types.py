"""A member's purchases. Readable by the member herself."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import strawberry

from app.catalog.model import TaxRate
from app.members.model import Rank
from app.purchases import model
from app.shared.channels import Channel
from app.shared.money import yen
from graphql_schema.columns import column
from graphql_schema.connections import Connection
from graphql_schema.context import Info
from graphql_schema.money import Money, money_of
from graphql_schema.node import Node, encode_id, optional_key_of
from graphql_schema.results import Rejected
from graphql_schema.stores.types import Store, load_stores

strawberry.enum(model.SpendingBy, description="By what spending is added up.")


@strawberry.type(description="A line of a receipt. Readable by whoever may read the purchase.")
class PurchaseLine:
    line: strawberry.Private[model.PurchaseLine]
    number: int = strawberry.field(description="Its place on the receipt; the first is 1.")

    @strawberry.field(description="What it is called; null where neither till nor catalogue knew.")
    def name(self) -> str | None:
        return self.line.item.name

    @strawberry.field(description="The SKU, as in `node(id:)`; null where the till named none.")
    def sku_id(self) -> strawberry.ID | None:
        sku_id = self.line.item.sku_id
        return encode_id("Sku", sku_id) if sku_id else None

    @strawberry.field(description="The JAN that was scanned.")
    def jan(self) -> str | None:
        return self.line.item.jan

    @strawberry.field(description="The category's code.")
    def category_code(self) -> str | None:
        return self.line.item.category_id

    @strawberry.field(description="Pieces that were bought.")
    def quantity(self) -> int:
        return self.line.item.quantity

    @strawberry.field(description="Pieces of them that were returned.")
    def returned(self) -> int:
        return self.line.returned

    @strawberry.field(description="What all pieces cost, tax included, after discounts.")
    def amount(self) -> Money:
        return money_of(yen(self.line.item.amount))

    @strawberry.field(description="The rate of the tax in it; null when it has none.")
    def tax_rate(self) -> TaxRate | None:
        return self.line.item.tax_rate

    @strawberry.field(description="Points that it earned, less those of returned pieces.")
    def points_earned(self) -> int:
        return self.line.points - self.line.share_of(self.line.points)


@strawberry.type(description="What was returned of a purchase at once. Readable as the purchase is.")
class PurchaseReturn:
    recorded: strawberry.Private[model.PurchaseReturn]

    @strawberry.field(description="When it was returned.")
    def occurred_at(self) -> datetime:
        return self.recorded.occurred_at

    @strawberry.field(description="What the returned pieces had cost, tax included.")
    def amount(self) -> Money:
        return money_of(yen(self.recorded.given_back.amount))

    @strawberry.field(description="Points that had paid for them and came back to their lots.")
    def points_returned(self) -> int:
        return self.recorded.given_back.points_returned

    @strawberry.field(description="Points that they had earned and that were taken back.")
    def points_taken(self) -> int:
        return self.recorded.given_back.points_taken


@strawberry.type(description="A receipt from any channel. Readable by the member herself.")
class Purchase(Node):
    purchase: strawberry.Private[model.Purchase]

    @property
    def owner_id(self) -> str | None:
        return self.purchase.member_id

    @strawberry.field(description="Through which kind of place she bought.")
    def channel(self) -> Channel:
        return self.purchase.name.channel

    @column(description="Where, if it was a store.")
    @staticmethod
    async def store(purchases: Sequence["Purchase"], info: Info) -> Sequence[Store | Exception | None]:
        return await load_stores([each.purchase.name.store_id for each in purchases], info)

    @strawberry.field(description="The number on the receipt, or the day and number of a pickup.")
    def receipt_number(self) -> str:
        return self.purchase.name.receipt_number

    @strawberry.field(description="The order that it comes from; null for any other purchase.")
    def order_id(self) -> strawberry.ID | None:
        return encode_id("Order", self.purchase.order_id) if self.purchase.order_id else None

    @strawberry.field(description="When she bought.")
    def occurred_at(self) -> datetime:
        return self.purchase.occurred_at

    @strawberry.field(description="When we were told.")
    def received_at(self) -> datetime:
        return self.purchase.received_at

    @strawberry.field(description="The store's own calendar day on which she bought.")
    def store_day(self) -> date:
        return self.purchase.store_day

    @strawberry.field(description="What it cost, tax included, before anything was returned.")
    def total(self) -> Money:
        return money_of(yen(self.purchase.total))

    @strawberry.field(description="What the pieces that were returned had cost.")
    def amount_returned(self) -> Money:
        return money_of(yen(self.purchase.amount_returned))

    @strawberry.field(description="Points that paid for it; 1 point is worth 1 yen.")
    def points_used(self) -> int:
        return self.purchase.points_used

    @strawberry.field(description="Points that it earned, less those of returned pieces.")
    def points_earned(self) -> int:
        return self.purchase.points_earned

    @strawberry.field(description="Until when these points are pending; null when they can be spent.")
    def points_available_at(self, info: Info) -> datetime | None:
        moment = self.purchase.points_available_at
        return moment if moment and moment > info.context.now else None

    @strawberry.field(description="Miles that it earned, less those of returned pieces.")
    def miles_earned(self) -> int:
        return self.purchase.miles_earned

    @strawberry.field(description="The rank that she held when she bought.")
    def rank(self) -> Rank | None:
        return self.purchase.rank

    @strawberry.field(description="When she claimed the receipt; null when the till knew her.")
    def claimed_at(self) -> datetime | None:
        return self.purchase.claimed_at

    @strawberry.field(description="What was bought, in the order of the receipt; at most 200 lines.")
    def lines(self) -> list[PurchaseLine]:
        return [PurchaseLine(number=number, line=line) for number, line in enumerate(self.purchase.lines, 1)]

    @strawberry.field(description="What was returned at a till, the oldest first; at most 200 returns.")
    async def returns(self, info: Info) -> list[PurchaseReturn]:
        if self.purchase.amount_returned == 0 and not any(line.returned for line in self.purchase.lines):
            return []
        found = await info.context.services.purchase_history.returns_of(self.purchase.id)
        return [PurchaseReturn(recorded=each) for each in found]


PurchaseConnection = Connection[Purchase]


@strawberry.type(description="What a member spent, less what she returned. Readable by the member herself.")
class Spending:
    owner_id: strawberry.Private[str]
    key: str | None = strawberry.field(
        description="The month, as in `2026-11`, the category's code or the channel; null for no category."
    )
    amount: Money = strawberry.field(description="Tax included.")
    purchases: int = strawberry.field(description="How many purchases had something of it.")


@strawberry.input(description="Which purchases are wanted; what is left out does not matter.")
class PurchaseFilter:
    channel: Channel | None = strawberry.field(default=None, description="Only those of this channel.")
    store_id: strawberry.ID | None = strawberry.field(default=None, description="Only those at this store.")
    from_: datetime | None = strawberry.field(
        default=None, name="from", description="Only those made from this moment on."
    )
    to: datetime | None = strawberry.field(default=None, description="Only those made before this moment.")
    query: str | None = strawberry.field(
        default=None,
        description="Only those with this in a line's name or their number; 100 characters.",
    )


@strawberry.input(description="A receipt that a member has in her hand.")
class ClaimPurchaseInput:
    receipt_number: str = strawberry.field(description="The number on the receipt.")
    total: int = strawberry.field(description="Its total in yen, tax included.")
    store_id: strawberry.ID | None = strawberry.field(
        default=None, description="Where it is from: needed when several receipts have this number and total."
    )


@strawberry.type(description="The purchase is the member's now.")
class PurchaseClaimed:
    purchase: Purchase = strawberry.field(description="The purchase with what it earned.")


ClaimPurchaseResult = Annotated[PurchaseClaimed | Rejected, strawberry.union("ClaimPurchaseResult")]


def purchase_node(purchase: model.Purchase) -> Purchase:
    return Purchase(id=encode_id("Purchase", purchase.id), purchase=purchase)


async def load_purchase(purchase_id: str, info: Info) -> Purchase | None:
    """The purchase with this id."""
    purchase = await info.context.services.purchase_history.get(purchase_id)
    return purchase_node(purchase) if purchase else None


def spending_node(spending: model.Spending, owner_id: str) -> Spending:
    return Spending(
        owner_id=owner_id,
        key=spending.key,
        amount=money_of(yen(spending.amount)),
        purchases=spending.purchases,
    )


def purchase_filter_of(wanted: PurchaseFilter | None) -> model.PurchaseFilter:
    """The filter as the domain takes it. Raises InvalidId."""
    if wanted is None:
        return model.PurchaseFilter()
    return model.PurchaseFilter(
        channel=wanted.channel,
        store_id=optional_key_of(wanted.store_id, "Store", ["filter", "storeId"]),
        since=wanted.from_,
        until=wanted.to,
        query=wanted.query,
    )
