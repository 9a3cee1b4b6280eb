"""Carts. Readable by the member whose cart it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry

from app.carts import model
from app.shared.i18n import language_of
from app.shared.money import yen
from graphql_schema.catalog.types import Sku, sku_node
from graphql_schema.columns import column
from graphql_schema.context import Info
from graphql_schema.locale import Locale
from graphql_schema.money import Money, money_of
from graphql_schema.node import encode_id
from graphql_schema.results import Rejected
from graphql_schema.stores.types import Store, load_stores

strawberry.enum(
    model.CartLineState,
    description=(
        "Whether a line of a cart can be had now: all its pieces, some (SHORT), none, or not for sale any "
        "more; FOR_SALE while no store is chosen."
    ),
)

Version = strawberry.field(
    default=None, description="The version that the caller has seen: an older one is refused."
)


@strawberry.type(description="Pieces of one SKU in a cart, as they are at the moment of reading.")
class CartLine:
    seen: strawberry.Private[model.SeenLine]

    @strawberry.field(description="Names the SKU in `setCartLine`, for sale or not.")
    def sku_id(self) -> strawberry.ID:
        return encode_id("Sku", self.seen.line.sku_id)

    @strawberry.field(description="The product's name as it was when the line was put in.")
    def name(self, info: Info, locale: Locale = None) -> str:
        return self.seen.line.names[language_of(locale) or info.context.language]

    @strawberry.field(description="The SKU with its price of now; null while it is not for sale.")
    def sku(self) -> Sku | None:
        sku, product = self.seen.sku, self.seen.product
        return sku_node(sku, product) if sku and product else None

    @strawberry.field(description="1 to 99 pieces.")
    def quantity(self) -> int:
        return self.seen.line.quantity

    @strawberry.field(description="Whether it can be had.")
    def state(self) -> model.CartLineState:
        return self.seen.state

    @strawberry.field(
        description="Pieces that the chosen store has; null when none is chosen, or it is not for sale."
    )
    def available(self) -> int | None:
        return self.seen.available

    @strawberry.field(description="What it costs now, tax included; null while it is not for sale.")
    def amount(self) -> Money | None:
        return money_of(yen(self.seen.amount)) if self.seen.sku else None

    @strawberry.field(description="When the SKU was put in.")
    def put_in_at(self) -> datetime:
        return self.seen.line.put_in_at


@strawberry.type(
    description=(
        "What a member thinks of ordering, the same on every device. Nothing is held for it: prices and "
        "stock are those of the moment. Readable by the member herself."
    )
)
class Cart:
    seen: strawberry.Private[model.SeenCart]

    @property
    def owner_id(self) -> str:
        return self.seen.cart.member_id

    @strawberry.field(description="Grows with every change; 0 for a cart that was never touched.")
    def version(self) -> int:
        return self.seen.cart.version

    @column(description="Where she thinks of picking up; null before she has chosen.")
    @staticmethod
    async def store(carts: Sequence["Cart"], info: Info) -> Sequence[Store | Exception | None]:
        return await load_stores([each.seen.cart.store_id for each in carts], info)

    @strawberry.field(description="Its 0 to 50 lines, in the order in which they were put in.")
    def lines(self) -> list[CartLine]:
        return [CartLine(seen=line) for line in self.seen.lines]

    @strawberry.field(
        description="What all lines that are for sale cost now, tax included; `quoteOrder` tells more."
    )
    def total(self) -> Money:
        return money_of(yen(self.seen.total))

    @strawberry.field(description="When it was changed last; null for a cart that was never touched.")
    def changed_at(self) -> datetime | None:
        return self.seen.cart.changed_at

    @strawberry.field(description="The time of the reading.")
    def as_of(self) -> datetime:
        return self.seen.seen_at


@strawberry.input(description="How many pieces of a SKU the cart is to have.")
class SetCartLineInput:
    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    quantity: int = strawberry.field(
        description="0 to 99 pieces, in place of those there were; 0 takes the line out."
    )
    version: int | None = Version


@strawberry.input(description="Where the member thinks of picking up.")
class ChooseCartStoreInput:
    store_id: strawberry.ID | None = strawberry.field(
        default=None, description="A store with the service PICKUP; null for none yet."
    )
    version: int | None = Version


@strawberry.input(description="A cart that is to be emptied.")
class ClearCartInput:
    version: int | None = Version


@strawberry.type(description="The cart is as it was wished for.")
class CartUpdated:
    cart: Cart = strawberry.field(description="The cart as it is now.")


CartResult = Annotated[CartUpdated | Rejected, strawberry.union("CartResult")]


def cart_node(seen: model.SeenCart) -> Cart:
    return Cart(seen=seen)
