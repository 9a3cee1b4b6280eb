"""The plain routes of the shop: where a SKU can be had, and products by words, straight on the driver.

The search's pipeline is the domain's own, as are its words; of transfers between stores nothing is read.
"""

from datetime import UTC, datetime

from pymongo.asynchronous.database import AsyncDatabase

from app.catalog.category_tree import CategoryTree
from app.catalog.model import Category
from app.catalog.search_pipelines import page_pipeline
from app.catalog.search_query import (
    Leniency,
    ProductFilter,
    ProductSort,
    SearchableCategories,
    Selection,
    read_query,
)
from app.shared.i18n import Language
from app.shared.texts import folded
from bench.plain_documents import Document, key_of, opaque_id

KEPT_SEARCHES = 50
FEW = 3


class PlainShop:
    """Reads stores with their stock, and products."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._database = database
        self._categories: SearchableCategories | None = None

    async def availability(self, wish: Document) -> Document:
        """The SKU at the stores around a place, the nearest first."""
        near = wish["near"]
        around = {
            "near": {"type": "Point", "coordinates": [near["longitude"], near["latitude"]]},
            "key": "location",
            "spherical": True,
            "maxDistance": wish["radiusMeters"],
            "distanceField": "distance",
        }
        stages = [{"$geoNear": around}, {"$sort": {"distance": 1, "_id": 1}}, {"$limit": wish["first"]}]
        stores = await (await self._database.stores.aggregate(stages)).to_list()
        sku_id = key_of(wish["skuId"])
        keys = [f"{sku_id}/{store['_id']}" for store in stores]
        levels = await self._database.stock_levels.find({"_id": {"$in": keys}}).to_list()
        now = datetime.now(UTC)
        pieces = {level["store_id"]: _available(level, now) for level in levels}
        return {"nodes": [_at_store(store, pieces.get(store["_id"], 0)) for store in stores]}

    async def products(self, member_id: str, wish: Document) -> Document:
        """The products that are found by the words, which the member's history keeps."""
        now = datetime.now(UTC)
        query = read_query(wish["query"], await self._known_categories())
        selection = Selection(query, ProductFilter(), None, Leniency.STRICT, now)
        pipeline = page_pipeline(selection, ProductSort.RELEVANCE, None, wish["first"])
        found = await (await self._database.product_search.aggregate(pipeline)).to_list()
        await self._remember(member_id, wish["query"], now)
        return {"nodes": [_product(product) for each in found for product in each["product"]]}

    async def _remember(self, member_id: str, words: str, now: datetime) -> None:
        key = f"{folded(words)}\n"
        search: Document = {"key": key, "words": words, "category_id": None, "brands": [], "searched_at": now}
        is_other = {"$ne": ["$$this.key", {"$literal": key}]}
        others = {"$filter": {"input": {"$ifNull": ["$searches", []]}, "cond": is_other}}
        searches = {"$concatArrays": [[{"$literal": search}], others]}
        await self._database.search_histories.update_one(
            {"_id": member_id}, [{"$set": {"searches": {"$slice": [searches, KEPT_SEARCHES]}}}], upsert=True
        )

    async def _known_categories(self) -> SearchableCategories:
        """All categories, read at the first search."""
        if self._categories is None:
            tree = await self._database.category_trees.find_one({})
            assert tree is not None
            self._categories = SearchableCategories(CategoryTree(map(_category, tree["categories"])))
        return self._categories


def _available(level: Document, now: datetime) -> int:
    held = sum(int(each["quantity"]) for each in level["held"] if now < each["until"])
    return max(0, int(level["on_hand"]) - held - int(level["safety"]))


def _at_store(store: Document, pieces: int) -> Document:
    return {
        "store": {"id": opaque_id("Store", store["_id"]), "name": store["names"]["ja"]},
        "distanceMeters": round(store["distance"]),
        "available": pieces,
        "level": "OUT" if pieces == 0 else "FEW_LEFT" if pieces <= FEW else "IN_STOCK",
    }


def _product(product: Document) -> Document:
    prices = [sku["price"] for sku in product["skus"]]
    return {
        "id": opaque_id("Product", product["_id"]),
        "name": product["names"]["ja"],
        "brand": product["brand"],
        "price": {"lowest": min(prices, key=_amount), "highest": max(prices, key=_amount)},
    }


def _amount(price: Document) -> int:
    amount: int = price["amount"]
    return amount


def _category(found: Document) -> Category:
    names = {Language(language): name for language, name in found["names"].items()}
    return Category(found["id"], found["parent_id"], names, found["kana"], found["position"])
