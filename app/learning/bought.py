"""Pure decisions about what a purchase shows that a member likes."""

from collections.abc import Mapping

from app.catalog.model import Product
from app.interests.model import InterestEvent, InterestEventKind
from app.interests.tracking import about_sku
from app.purchases.model import Purchase, PurchaseLine


def sku_ids_of(purchase: Purchase) -> list[str]:
    """The SKUs that its lines name."""
    return sorted({line.item.sku_id for line in purchase.lines if line.item.sku_id})


def bought(purchase: Purchase, products: Mapping[str, Product]) -> list[InterestEvent]:
    """What was bought: the store, and each SKU or, where none is known, category, however many pieces."""
    at_store = InterestEvent(
        f"purchase:{purchase.id}",
        InterestEventKind.BOUGHT,
        purchase.occurred_at,
        store_id=purchase.name.store_id,
    )
    goods = {each.id: each for each, _ in _goods(purchase, products)}
    return [at_store, *goods.values()] if purchase.name.store_id else list(goods.values())


def wholly_returned(purchase: Purchase, products: Mapping[str, Product]) -> list[InterestEvent]:
    """Of the goods that were bought, those of which no piece is left."""
    goods = _goods(purchase, products)
    left = {each.id for each, line in goods if line.returned < line.item.quantity}
    return list({each.id: each for each, _ in goods if each.id not in left}.values())


def _goods(purchase: Purchase, products: Mapping[str, Product]) -> list[tuple[InterestEvent, PurchaseLine]]:
    """What each line shows, of those that show anything; what somebody else is given a card for does not."""
    shown = ((_about(purchase, line, products), line) for line in purchase.lines)
    return [(each, line) for each, line in shown if each is not None and not line.item.is_gift_card]


def _about(purchase: Purchase, line: PurchaseLine, products: Mapping[str, Product]) -> InterestEvent | None:
    kind, at = InterestEventKind.BOUGHT, purchase.occurred_at
    sku_id, category_id = line.item.sku_id, line.item.category_id
    if sku_id is not None and sku_id in products:
        return about_sku(f"purchase:{purchase.id}:{sku_id}", kind, at, sku_id, products[sku_id])
    if category_id is None:
        return None
    id = f"purchase:{purchase.id}:category:{category_id}"
    return InterestEvent(id, kind, at, category_id=category_id)
