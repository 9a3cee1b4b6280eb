"""Products and the tree of categories in MongoDB."""

from collections.abc import Iterable, Sequence, Set
from typing import Any

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.catalog.category_tree import CategoryTree
from app.catalog.model import Attribute, Category, Product, Sku, TaxRate, Texts
from app.shared.database import CollectionDefinition, ConcurrentChange, Database, Document, Session
from app.shared.documents import MOMENT, STRING, Schema, at_least, document, list_of, nullable, one_of
from app.shared.i18n import Language
from app.shared.money import Currency, Money
from app.shared.reading import Reading

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
    """Reads and writes products."""

    def __init__(self, database: Database) -> None:
        self._products = database.collection(PRODUCTS)

    async def get(self, product_id: str) -> Product | None:
        return await self._one({"_id": product_id})

    async def by_jan(self, jan: str) -> Product | None:
        return await self._one({"skus.jan": jan})

    async def by_sku(self, sku_id: str) -> Product | None:
        return await self._one({"skus.id": sku_id})

    async def get_many(self, product_ids: Sequence[str]) -> list[Product]:
        return await self._all({"_id": {"$in": list(product_ids)}})

    async def with_skus(self, sku_ids: Sequence[str], session: Session = None) -> list[Product]:
        """The products that have one of these SKUs."""
        return await self._all({"skus.id": {"$in": list(sku_ids)}}, session)

    def reading_of_codes(self, sku_ids: Sequence[str], jans: Sequence[str]) -> Reading[list[Product]]:
        """The products that have one of these SKUs or of these JANs."""
        named = [{"skus.id": {"$in": list(sku_ids)}}, {"skus.jan": {"$in": list(jans)}}]
        return Reading(
            PRODUCTS, [{"$match": {"$or": named}}], lambda found: [product_from(each) for each in found]
        )

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
            [{"$match": {"skus.id": {"$in": list(sku_ids)}}}],
            lambda found: [product_from(each) for each in found],
        )

    async def touched_by(self, products: Sequence[Product], session: Session) -> list[Product]:
        """These products as they are kept now, and all others that have one of their SKUs or JANs."""
        skus = [sku for product in products for sku in product.skus]
        ways = [
            {"_id": {"$in": [product.id for product in products]}},
            {"skus.id": {"$in": [sku.id for sku in skus]}},
            {"skus.jan": {"$in": [sku.jan for sku in skus]}},
        ]
        return await self._all({"$or": ways}, session)

    async def after(self, product_id: str, limit: int, session: Session) -> list[Product]:
        """The products that follow this one in the order of their ids."""
        found = await self._products.find(
            {"_id": {"$gt": product_id}}, sort=[("_id", 1)], limit=limit, session=session
        )
        return [product_from(each) for each in found]

    async def add_many(self, products: Iterable[Product], session: Session) -> None:
        await self._products.insert_many([document_of(each) for each in products], session=session)

    async def replace_many(self, products: Iterable[Product], session: Session) -> None:
        """Writes each product in the place of the one with its id; where another was first, runs again."""
        try:
            await self._products.replace_many([document_of(each) for each in products], session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None

    async def _one(self, query: Document) -> Product | None:
        found = await self._products.find_one(query)
        return product_from(found) if found else None

    async def _all(self, query: Document, session: Session = None) -> list[Product]:
        return [product_from(each) for each in await self._products.find(query, session=session)]


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


def document_of(product: Product) -> Document:
    return {
        "_id": product.id,
        "names": _texts(product.names),
        "kana": product.kana,
        "brand": product.brand,
        "brand_kana": product.brand_kana,
        "category_id": product.category_id,
        "descriptions": _texts(product.descriptions),
        "tax_rate": product.tax_rate.value,
        "skus": [_sku_document(sku) for sku in product.skus],
        "tags": list(product.tags),
        "attributes": [{"name": each.name, "value": each.value} for each in product.attributes],
        "images": list(product.images),
        "popularity": product.popularity,
        "published_from": product.published_from,
        "published_until": product.published_until,
        "created_at": product.created_at,
    }


def product_from(found: Document) -> Product:
    return Product(
        id=found["_id"],
        names=_by_language(found["names"]),
        kana=found["kana"],
        brand=found["brand"],
        brand_kana=found["brand_kana"],
        category_id=found["category_id"],
        descriptions=_by_language(found["descriptions"]),
        tax_rate=TaxRate(found["tax_rate"]),
        skus=tuple(_sku_from(each) for each in found["skus"]),
        tags=tuple(found["tags"]),
        attributes=tuple(Attribute(each["name"], each["value"]) for each in found["attributes"]),
        images=tuple(found["images"]),
        popularity=found["popularity"],
        published_from=found["published_from"],
        published_until=found["published_until"],
        created_at=found["created_at"],
    )


def _sku_document(sku: Sku) -> Document:
    return {
        "id": sku.id,
        "jan": sku.jan,
        "price": {"amount": sku.price.amount, "currency": sku.price.currency.value},
        "colour": _texts(sku.colour) if sku.colour else None,
        "size": sku.size,
        "preparation_weight": sku.preparation_weight,
    }


def _sku_from(found: dict[str, Any]) -> Sku:
    price = found["price"]
    return Sku(
        id=found["id"],
        jan=found["jan"],
        price=Money(price["amount"], Currency(price["currency"])),
        colour=_by_language(found["colour"]) if found["colour"] else None,
        size=found["size"],
        preparation_weight=found["preparation_weight"],
    )


def _category_document(category: Category) -> Document:
    return {
        "id": category.id,
        "parent_id": category.parent_id,
        "names": _texts(category.names),
        "kana": category.kana,
        "position": category.position,
    }


def _category_from(found: dict[str, Any]) -> Category:
    return Category(
        found["id"], found["parent_id"], _by_language(found["names"]), found["kana"], found["position"]
    )


def _texts(texts: Texts) -> dict[str, str]:
    return {language.value: text for language, text in texts.items()}


def _by_language(texts: dict[str, str]) -> Texts:
    return {Language(language): text for language, text in texts.items()}
