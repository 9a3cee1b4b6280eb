"""Products, their SKUs, and the categories they stand in."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.shared.errors import Refusal
from app.shared.i18n import Language
from app.shared.money import Money

Texts = dict[Language, str]


class TaxRate(StrEnum):
    """The rate of the consumption tax that a price includes."""

    STANDARD = "STANDARD"
    REDUCED = "REDUCED"

    @property
    def percent(self) -> int:
        return 8 if self is TaxRate.REDUCED else 10


@dataclass(frozen=True, slots=True)
class Category:
    """A category. Its id is the retailer's own code; those of one parent stand in the order of `position`."""

    id: str
    parent_id: str | None
    names: Texts
    kana: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Sku:
    """What is sold, counted and ordered: a product in one colour and size. Its id is the retailer's own code.

    The price is in the retailer's currency, tax included. `preparation_weight` is the work that a piece
    makes when it is ordered ahead, in work units.
    """

    id: str
    jan: str
    price: Money
    colour: Texts | None = None
    size: str | None = None
    preparation_weight: int = 1


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something to know about a product, such as its material."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Product:
    """A product with its SKUs, as lists tell of it. Its id is the retailer's own code.

    It is published from `published_from` until just before `published_until`; None means always. `popularity`
    is how much it sells, as the retailer counts it.
    """

    id: str
    names: Texts
    kana: str
    brand: str
    brand_kana: str | None
    category_id: str
    tax_rate: TaxRate
    skus: tuple[Sku, ...]
    tags: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    popularity: int = 0
    published_from: datetime | None = None
    published_until: datetime | None = None
    created_at: datetime | None = field(default=None, compare=False)

    def is_published(self, now: datetime) -> bool:
        return _is_within(self.published_from, self.published_until, now)

    @property
    def prices(self) -> tuple[Money, Money]:
        """The lowest and the highest price of its SKUs."""
        prices = [sku.price for sku in self.skus]
        return min(prices, key=_amount), max(prices, key=_amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedProduct(Product):
    """A product with all that is said of it, which is far more than a list shows."""

    descriptions: Texts
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductSketch:
    """What it takes to choose among products: a fifth of what a list tells of each."""

    id: str
    brand: str
    category_id: str
    sku_ids: tuple[str, ...]
    popularity: int = 0
    published_from: datetime | None = None
    published_until: datetime | None = None

    def is_published(self, now: datetime) -> bool:
        return _is_within(self.published_from, self.published_until, now)


class RowOutcome(StrEnum):
    """What became of one row of a batch."""

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A row of a batch of products: the product as it is kept now, or why it was refused."""

    outcome: RowOutcome
    product: DescribedProduct | None = None
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A row of a batch of categories: the category as it is kept now, or why it was refused."""

    outcome: RowOutcome
    category: Category | None = None
    refusals: tuple[Refusal, ...] = ()


def _is_within(begins: datetime | None, ends: datetime | None, now: datetime) -> bool:
    return (begins is None or begins <= now) and (ends is None or now < ends)


def _amount(price: Money) -> int:
    return price.amount
