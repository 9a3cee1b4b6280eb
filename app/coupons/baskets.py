"""Baskets as coupons see them: lines with the categories and brands of their products."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.catalog.category_tree import CategoryTree
from app.catalog.model import Product
from app.catalog.service import CatalogService
from app.coupons.errors import ReceiptInvalid
from app.coupons.pricing import BasketLine
from app.offers.model import OfferScope
from app.shared.i18n import Language

MAXIMUM_LINES = 200
MAXIMUM_QUANTITY = 999
MAXIMUM_UNIT_PRICE = 10_000_000
EVERYTHING = {Language.JA: "商品", Language.EN: "anything"}
NAMED = 3  # things that a text names before it says no more


@dataclass(frozen=True, slots=True)
class BasketItem:
    """Pieces of a SKU at a price, in yen, tax included; without one, at the catalogue's."""

    sku_id: str
    quantity: int
    unit_price: int | None = None


class Baskets:
    """Looks up what coupons need to know of goods."""

    def __init__(self, catalog: CatalogService) -> None:
        self._catalog = catalog

    async def lines(self, items: Sequence[BasketItem], scope: OfferScope) -> list[BasketLine]:
        """The lines, numbered from 1, as far as such an offer asks what they are.

        What the catalogue does not know is in no category. Raises ReceiptInvalid.
        """
        if not 1 <= len(items) <= MAXIMUM_LINES or not all(map(_is_sound, items)):
            raise ReceiptInvalid(path=["input", "lines"])
        asked = [item.sku_id for item in items if item.unit_price is None or not scope.is_everything]
        products = await self._catalog.products_of_skus(asked)
        tree = await self._catalog.categories()
        return [
            basket_line(str(number), item, products.get(item.sku_id), tree)
            for number, item in enumerate(items, 1)
        ]

    async def what(self, scope: OfferScope) -> dict[str, str]:
        """What an offer applies to, in words, by language."""
        if scope.is_everything:
            return {language.value: text for language, text in EVERYTHING.items()}
        tree = await self._catalog.categories()
        named = [tree.get(each) for each in sorted(scope.category_ids)]
        products = (await self._catalog.products_of_skus(sorted(scope.sku_ids)[:NAMED])).values()
        texts = [each.names for each in (*named, *products) if each is not None][:NAMED]
        brands = sorted(scope.brands)[: max(0, NAMED - len(texts))]
        return {
            language.value: {Language.JA: "・", Language.EN: ", "}[language].join(
                [*(text[language] for text in texts), *brands]
            )
            for language in Language
        }


def basket_line(line_id: str, item: BasketItem, product: Product | None, tree: CategoryTree) -> BasketLine:
    """Pieces of a SKU with what its product is."""
    price = item.unit_price
    if price is None:
        skus = product.skus if product else ()
        price = next((sku.price.amount for sku in skus if sku.id == item.sku_id), 0)
    categories = tree.path(product.category_id) if product else []
    return BasketLine(
        line_id,
        item.sku_id,
        price,
        item.quantity,
        frozenset(each.id for each in categories),
        product.brand if product else "",
    )


def _is_sound(item: BasketItem) -> bool:
    is_price = item.unit_price is None or 0 <= item.unit_price <= MAXIMUM_UNIT_PRICE
    return 1 <= item.quantity <= MAXIMUM_QUANTITY and is_price
