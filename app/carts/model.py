"""A cart: what a member thinks of ordering, kept on the server and so the same on every device."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.catalog.model import Product, Sku, Texts


@dataclass(frozen=True, slots=True)
class CartLine:
    """Pieces of one SKU. `names` are those of its product when it was put in."""

    sku_id: str
    quantity: int
    names: Texts
    put_in_at: datetime


@dataclass(frozen=True, slots=True)
class Cart:
    """A member's cart, its lines in the order in which they were put in.

    `version` grows with every change; a cart that was never touched is version 0. `store_id` is where she
    thinks of picking up.
    """

    member_id: str
    version: int = 0
    store_id: str | None = None
    lines: tuple[CartLine, ...] = ()
    changed_at: datetime | None = None


class CartLineState(StrEnum):
    """Whether a line can be had, at the moment of looking."""

    FOR_SALE = "FOR_SALE"  # and no store is chosen that could tell more
    AVAILABLE = "AVAILABLE"
    SHORT = "SHORT"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    NOT_FOR_SALE = "NOT_FOR_SALE"


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line as it is at the moment of looking.

    Of a SKU that is not for sale there is no product; without a store nobody knows how many are `available`.
    """

    line: CartLine
    state: CartLineState
    product: Product | None = None
    available: int | None = None

    @property
    def sku(self) -> Sku | None:
        """The SKU with its price of now, if it is for sale."""
        skus = self.product.skus if self.product else ()
        return next((sku for sku in skus if sku.id == self.line.sku_id), None)

    @property
    def amount(self) -> int:
        """What the line costs now, in yen, tax included; nothing when it is not for sale."""
        return self.sku.price.amount * self.line.quantity if self.sku else 0


@dataclass(frozen=True, slots=True)
class SeenCart:
    """A cart with its lines as they are at the moment of looking."""

    cart: Cart
    lines: tuple[SeenLine, ...]
    seen_at: datetime

    @property
    def total(self) -> int:
        """What all lines that are for sale cost, in yen, tax included."""
        return sum(line.amount for line in self.lines)
