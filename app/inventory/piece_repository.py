"""How many pieces can be had: all that most readers want of a stock level, and a quarter of its document."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.catalog.documents import AS_LISTED, product_from
from app.catalog.model import Product
from app.catalog.repository import PRODUCTS
from app.inventory.level_expressions import pieces_available
from app.inventory.level_repository import STOCK_LEVELS
from app.inventory.model import StockKey
from app.shared.mongodb.database import Database, Document


class PieceRepository:
    """Reads how many pieces can be had at a moment; keys of which nothing has ever moved are left out."""

    def __init__(self, database: Database) -> None:
        self._levels = database.collection(STOCK_LEVELS)

    async def get_many(self, keys: Sequence[StockKey], now: datetime) -> dict[StockKey, int]:
        return _pieces_from(keys, await self._levels.aggregate(_pipeline(keys, now)))

    async def of_sku(self, sku_id: str, now: datetime) -> dict[StockKey, int]:
        """A SKU's pieces at all stores; a retailer has hundreds of those."""
        of_sku = {"_id": {"$gt": f"{sku_id}/", "$lt": f"{sku_id}0"}}  # 0 follows /
        found = await self._levels.aggregate([{"$match": of_sku}, _counted(now)])
        return {StockKey(sku_id, each["_id"].removeprefix(f"{sku_id}/")): each["pieces"] for each in found}

    async def with_product(
        self, keys: Sequence[StockKey], sku_id: str, now: datetime
    ) -> tuple[dict[StockKey, int], Product | None]:
        """The pieces of these keys, and the product that has this SKU: by one command."""
        product: list[Document] = [
            {"$match": {"skus.id": sku_id}},
            AS_LISTED,
            {"$replaceWith": {"product": "$$ROOT"}},
        ]
        union = {"$unionWith": {"coll": PRODUCTS.name, "pipeline": product}}
        found = await self._levels.aggregate([*_pipeline(keys, now), union])
        products = (product_from(each["product"]) for each in found if "product" in each)
        return _pieces_from(keys, (each for each in found if "pieces" in each)), next(products, None)


def _pipeline(keys: Iterable[StockKey], now: datetime) -> list[Document]:
    return [{"$match": {"_id": {"$in": [key.text for key in keys]}}}, _counted(now)]


def _counted(now: datetime) -> Document:
    return {"$project": {"pieces": pieces_available(now)}}


def _pieces_from(keys: Iterable[StockKey], found: Iterable[Document]) -> dict[StockKey, int]:
    by_text = {key.text: key for key in keys}
    return {by_text[each["_id"]]: each["pieces"] for each in found}
