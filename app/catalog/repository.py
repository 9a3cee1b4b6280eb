"""Products and the tree of categories in MongoDB."""

from collections.abc import Iterable, Sequence, Set
from typing import Any

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.catalog.category_tree import CategoryTree
from app.catalog.documents import (
    AS_LISTED,
    AS_SKETCHED,
    DETAILS,
    SKETCHED,
    described_from,
    document_of,
    product_from,
    sketch_from,
    text_document,
    texts_from,
)
from app.catalog.model import Category, DescribedProduct, Product, ProductSketch, TaxRate
from app.shared.money import Currency
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, Schema, at_least, document, list_of, nullable, one_of
from app.shared.mongodb.following import following
from app.shared.mongodb.reading import Reading

TREE_ID = "categories"
PRICED_PRODUCTS = 1_000

_TEXTS: Schema = document(ja=STRING, en=STRING)

PRODUCTS = CollectionDefinition(
    "products",
    validator=document(
        _id=STRING,
        names=_TEXTS,
        kana=STRING,
        brand=STRING,
        brand_kana=nullable(STRING),
        category_id=STRING,
        descriptions=_TEXTS,
        tax_rate=one_of(TaxRate),
        skus=list_of(
            document(
                id=STRING,
                jan=STRING,
                price=document(amount=at_least(0), currency=one_of(Currency)),
                colour=nullable(_TEXTS),
                size=nullable(STRING),
                preparation_weight=at_least(0),
            )
        ),
        tags=list_of(STRING),
        attributes=list_of(document(name=STRING, value=STRING)),
        images=list_of(STRING),
        popularity=at_least(0),
        published_from=nullable(MOMENT),
        published_until=nullable(MOMENT),
        created_at=nullable(MOMENT),
    ),
    indexes=[
        IndexModel([("skus.id", 1)], unique=True),
        IndexModel([("skus.jan", 1)], unique=True),
        IndexModel([("category_id", 1)]),
        IndexModel([("brand", 1)]),
    ],
)

# All categories in one document: they change together or not at all, and none can be put below itself by two
# callers at once.
CATEGORY_TREES = CollectionDefinition(
    "category_trees",
    validator=document(
        _id=STRING,
        version=at_least(1),
        categories=list_of(
            document(id=STRING, parent_id=nullable(STRING), names=_TEXTS, kana=STRING, position=at_least(0))
        ),
    ),
)


class ProductRepository:
    """Reads and writes products. Several are read as lists tell of them, unless they are to be described."""

    def __init__(self, database: Database) -> None:
        self._products = database.collection(PRODUCTS)

    async def get(self, product_id: str) -> DescribedProduct | None:
        return await self._one({"_id": product_id})

    async def by_jan(self, jan: str) -> DescribedProduct | None:
        return await self._one({"skus.jan": jan})

    async def by_sku(self, sku_id: str) -> DescribedProduct | None:
        return await self._one({"skus.id": sku_id})

    async def described(self, product_ids: Sequence[str]) -> list[DescribedProduct]:
        return await self._described({"_id": {"$in": list(product_ids)}})

    async def with_skus(self, sku_ids: Sequence[str]) -> list[Product]:
        """The products that have one of these SKUs."""
        found = await self._products.find({"skus.id": {"$in": list(sku_ids)}}, without=DETAILS)
        return [product_from(each) for each in found]

    async def sketches_with_skus(self, sku_ids: Sequence[str]) -> list[ProductSketch]:
        """What it takes to choose among the products that have one of these SKUs."""
        found = await self._products.find({"skus.id": {"$in": list(sku_ids)}}, only=SKETCHED)
        return [sketch_from(each) for each in found]

    def reading_sketches(self, sku_ids: Sequence[str]) -> Reading[list[ProductSketch]]:
        """What `sketches_with_skus` tells."""
        return Reading(
            PRODUCTS,
            [{"$match": {"skus.id": {"$in": list(sku_ids)}}}, AS_SKETCHED],
            lambda found: [sketch_from(each) for each in found],
        )

    def reading_of_codes(self, sku_ids: Sequence[str], jans: Sequence[str]) -> Reading[list[Product]]:
        """The products that have one of these SKUs or of these JANs."""
        named = [{"skus.id": {"$in": list(sku_ids)}}, {"skus.jan": {"$in": list(jans)}}]
        return Reading(
            PRODUCTS,
            [{"$match": {"$or": named}}, AS_LISTED],
            lambda found: [product_from(each) for each in found],
        )

    def reading_named(self, source: Reading[object], field: str) -> Reading[list[Product]]:
        """The products of the SKUs that what the source finds names in this field."""
        products = Reading(PRODUCTS, [AS_LISTED], lambda found: [product_from(each) for each in found])
        return following(source, field, products, "skus.id")

    async def average_price(self, sku_ids: Set[str], category_ids: Set[str], brands: Set[str]) -> int:
        """The average price of SKUs that are any of these, or of all, among 1,000 products; 0 without any."""
        named = [
            {field: {"$in": sorted(values)}}
            for field, values in (("skus.id", sku_ids), ("category_id", category_ids), ("brand", brands))
            if values
        ]
        of_skus = {"$match": {"skus.id": {"$in": sorted(sku_ids)}}}
        found = await self._products.aggregate(
            [
                {"$match": {"$or": named} if named else {"_id": {"$gt": ""}}},
                {"$limit": PRICED_PRODUCTS},
                {"$unwind": "$skus"},
                *([of_skus] if sku_ids and not (category_ids or brands) else []),
                {"$group": {"_id": None, "price": {"$avg": "$skus.price.amount"}}},
            ]
        )
        return round(found[0]["price"] or 0) if found else 0

    def reading_of_skus(self, sku_ids: Sequence[str]) -> Reading[list[Product]]:
        """The products that have one of these SKUs."""
        return Reading(
            PRODUCTS,
            [{"$match": {"skus.id": {"$in": list(sku_ids)}}}, AS_LISTED],
            lambda found: [product_from(each) for each in found],
        )

    async def touched_by(
        self, products: Sequence[DescribedProduct], session: Session
    ) -> list[DescribedProduct]:
        """These products as they are kept now, and all others that have one of their SKUs or JANs."""
        skus = [sku for product in products for sku in product.skus]
        ways = [
            {"_id": {"$in": [product.id for product in products]}},
            {"skus.id": {"$in": [sku.id for sku in skus]}},
            {"skus.jan": {"$in": [sku.jan for sku in skus]}},
        ]
        return await self._described({"$or": ways}, session)

    async def after(self, product_id: str, limit: int, session: Session) -> list[DescribedProduct]:
        """The products that follow this one in the order of their ids."""
        found = await self._products.find(
            {"_id": {"$gt": product_id}}, sort=[("_id", 1)], limit=limit, session=session
        )
        return [described_from(each) for each in found]

    async def add_many(self, products: Iterable[DescribedProduct], session: Session) -> None:
        await self._products.insert_many([document_of(each) for each in products], session=session)

    async def replace_many(self, products: Iterable[DescribedProduct], session: Session) -> None:
        """Writes each product in the place of the one with its id; where another was first, runs again."""
        try:
            await self._products.replace_many([document_of(each) for each in products], session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def _one(self, query: Document) -> DescribedProduct | None:
        found = await self._products.find_one(query)
        return described_from(found) if found else None

    async def _described(self, query: Document, session: Session = None) -> list[DescribedProduct]:
        return [described_from(each) for each in await self._products.find(query, session=session)]


class CategoryRepository:
    """Reads and writes the tree of categories."""

    def __init__(self, database: Database) -> None:
        self._trees = database.collection(CATEGORY_TREES)

    async def tree(self, session: Session = None) -> tuple[CategoryTree, int]:
        """The tree and its version; 0 before there is any category."""
        return await self.newer_tree(0, session) or (CategoryTree(), 0)

    async def newer_tree(self, version: int, session: Session = None) -> tuple[CategoryTree, int] | None:
        """The tree and its version, if there is a later one than this."""
        found = await self._trees.find_one({"_id": TREE_ID, "version": {"$gt": version}}, session=session)
        return (CategoryTree(map(_category_from, found["categories"])), found["version"]) if found else None

    async def replace_tree(self, tree: CategoryTree, version: int, session: Session) -> None:
        """Writes the tree in the place of that version; where another was first, runs again."""
        change = {"version": version + 1, "categories": [_category_document(each) for each in tree]}
        if version == 0:
            try:
                await self._trees.insert_one({"_id": TREE_ID, **change}, session=session)
            except DuplicateKeyError:
                raise ConcurrentChange from None
        elif not await self._trees.find_one_and_update(
            {"_id": TREE_ID, "version": version}, {"$set": change}, session=session
        ):
            raise ConcurrentChange


def _category_document(category: Category) -> Document:
    return {
        "id": category.id,
        "parent_id": category.parent_id,
        "names": text_document(category.names),
        "kana": category.kana,
        "position": category.position,
    }


def _category_from(found: dict[str, Any]) -> Category:
    return Category(
        found["id"], found["parent_id"], texts_from(found["names"]), found["kana"], found["position"]
    )
