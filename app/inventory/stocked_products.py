"""Which products stores have in stock, looked up within the search of products."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.catalog.repository import PRODUCTS
from app.catalog.search_query import ProductFilter, StockCondition
from app.inventory.level_expressions import are_available
from app.inventory.level_repository import STOCK_LEVELS
from app.stores.known_stores import KnownStores
from app.stores.rules import require_circle

MAXIMUM_STORES = 20  # as many of a circle are looked at: the nearest

Stage = dict[str, Any]


class StockedProducts:
    """Turns the wish for products in stock into a condition of the search's own pipeline."""

    def __init__(self, stores: KnownStores) -> None:
        self._stores = stores

    async def condition(self, wish: ProductFilter, now: datetime) -> StockCondition | None:
        """The condition, as of now; None when nothing is wished for.

        Raises StoreNotFound, PlaceInvalid and RadiusInvalid.
        """
        stages: list[Stage] = []
        if wish.in_stock_at is not None:
            store = await self._stores.require(wish.in_stock_at, ["filter", "inStockAt"])
            stages += _in_stock_at([store.id], now)
        if wish.in_stock_near is not None:
            path = ["filter", "inStockNear"]
            require_circle(wish.in_stock_near, [*path, "point"], [*path, "radiusMeters"])
            nearest = await self._stores.nearest(wish.in_stock_near, MAXIMUM_STORES)
            stages += _in_stock_at([found.store.id for found in nearest], now)
            stages.append({"$set": {"stores_nearby": {"$size": {"$setUnion": ["$levels.store_id"]}}}})
        if not stages:
            return None
        return StockCondition((_WITH_SKUS, *stages), ranks=wish.in_stock_near is not None)


_WITH_SKUS: Stage = {
    "$lookup": {
        "from": PRODUCTS.name,
        "localField": "_id",
        "foreignField": "_id",
        "pipeline": [{"$project": {"skus.id": 1}}],
        "as": "product",
    }
}


def _in_stock_at(store_ids: Sequence[str], now: datetime) -> list[Stage]:
    """The stages that leave products of which one of these stores has a piece; its levels become `levels`."""
    has_pieces = {
        "store_id": {"$in": list(store_ids)},
        "on_hand": {"$gt": 0},
        "$expr": are_available(1, now),
    }
    levels = {
        "from": STOCK_LEVELS.name,
        "localField": "product.skus.id",
        "foreignField": "sku_id",
        "pipeline": [{"$match": has_pieces}, {"$project": {"store_id": 1}}],
        "as": "levels",
    }
    return [{"$lookup": levels}, {"$match": {"levels": {"$ne": []}}}]
