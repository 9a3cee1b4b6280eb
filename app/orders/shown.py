"""An order as it was just written, with what showing it takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.catalog.model import Product
from app.orders.model import Order


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """An order with the products of its lines by their SKUs, as far as they were read with it."""

    order: Order
    products: Mapping[str, Product | None] = field(default_factory=dict)

    @classmethod
    def of(cls, order: Order, products: Iterable[Product]) -> "ShownOrder":
        """With the product of each SKU; None where it is not among these."""
        known = {sku.id: product for product in products for sku in product.skus}
        return cls(order, {line.item.sku_id: known.get(line.item.sku_id) for line in order.lines})
