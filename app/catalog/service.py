"""What can be done with the catalogue: look at products and categories, and bring them up to date."""

from collections.abc import Iterable, Sequence, Set

from app.auth.actor import OPERATOR, Manager, PartnerActor
from app.auth.partner_service import PartnerService
from app.catalog.batches import NumberedProduct, category_rows, product_rows, without_repetitions
from app.catalog.category_tree import CategoryTree
from app.catalog.model import (
    Category,
    CategoryRow,
    DescribedProduct,
    Product,
    ProductRow,
    ProductSketch,
    RowOutcome,
)
from app.catalog.remembered_categories import RememberedCategories
from app.catalog.repository import CategoryRepository, ProductRepository
from app.catalog.search_repository import SearchRepository
from app.shared.batches import require_batch
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Reading

_CHANGES = {RowOutcome.CREATED, RowOutcome.UPDATED}
SUBJECT = "catalog"
ROWS_AT_ONCE = 25  # a product has up to 6,000 terms, each an entry of the search index


class CatalogService:
    """The use cases of products and categories."""

    def __init__(
        self,
        database: Database,
        partners: PartnerService,
        categories: RememberedCategories,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._products = ProductRepository(database)
        self._trees = CategoryRepository(database)
        self._partners = partners
        self._index = SearchRepository(database)
        self._categories = categories
        self._events = events
        self._clock = clock

    async def categories(self) -> CategoryTree:
        """All categories, as they were at most 10 s ago."""
        return (await self._categories.get()).tree

    async def product(self, product_id: str) -> DescribedProduct | None:
        """The product, if it is published now."""
        return self._published(await self._products.get(product_id))

    async def product_by_jan(self, jan: str) -> DescribedProduct | None:
        """The product that has a SKU with this JAN, if it is published now."""
        return self._published(await self._products.by_jan(jan))

    async def product_by_sku(self, sku_id: str) -> DescribedProduct | None:
        """The product that has this SKU, if it is published now."""
        return self._published(await self._products.by_sku(sku_id))

    async def described(self, product_ids: Sequence[str]) -> dict[str, DescribedProduct]:
        """These products, published or not, with all that is said of them, by their ids."""
        return {each.id: each for each in await self._products.described(product_ids)}

    async def products_of_skus(self, sku_ids: Sequence[str]) -> dict[str, Product]:
        """Each of these SKUs with its product, published or not; those that do not exist are left out."""
        products = await self._products.with_skus(sku_ids) if sku_ids else []
        return _by_sku(products, sku_ids)

    def reading_of_codes(self, sku_ids: Sequence[str], jans: Sequence[str]) -> Reading[list[Product]]:
        """The products that have one of these SKUs or of these JANs, published or not."""
        return self._products.reading_of_codes(sku_ids, jans)

    def reading_named(self, source: Reading[object], field: str) -> Reading[list[Product]]:
        """The products, published or not, of the SKUs that what the source finds names in this field."""
        return self._products.reading_named(source, field)

    async def average_price(self, sku_ids: Set[str], category_ids: Set[str], brands: Set[str]) -> int:
        """What these SKUs, and those of these categories and brands, cost on average, in yen.

        With all below the categories; all goods where nothing is named. Of up to 1,000 products; 0 for none.
        """
        tree = await self.categories()
        below = {
            each.id
            for each in tree.in_order()
            if not category_ids.isdisjoint(above.id for above in tree.path(each.id))
        }
        return await self._products.average_price(sku_ids, below, brands)

    def reading_of_skus(self, sku_ids: Sequence[str]) -> Reading[dict[str, Product]]:
        """What `products_of_skus` tells."""
        products = self._products.reading_of_skus(sku_ids)
        return products.understood(lambda found: _by_sku(found, sku_ids))

    def reading_sketches(self, sku_ids: Sequence[str]) -> Reading[list[ProductSketch]]:
        """What it takes to choose among the products, published or not, that have one of these SKUs."""
        return self._products.reading_sketches(sku_ids)

    async def missing_skus(self, sku_ids: Iterable[str]) -> set[str]:
        """Those among these that name no SKU."""
        wanted = set(sku_ids)
        return wanted - {sku_id for each in await self._sketches(wanted) for sku_id in each.sku_ids}

    async def published_skus(self, sku_ids: Iterable[str]) -> set[str]:
        """Those among these of which the product is published now."""
        wanted, now = set(sku_ids), self._clock.now()
        published = (each for each in await self._sketches(wanted) if each.is_published(now))
        return wanted & {sku_id for each in published for sku_id in each.sku_ids}

    async def upsert_products(
        self, products: Sequence[DescribedProduct], by: PartnerActor | Manager = OPERATOR
    ) -> list[ProductRow]:
        """Adds new products and changes those that are there already, a row at a time.

        A product that is bad is refused with its reasons, and the others go in: 25 rows together or not at
        all, for MongoDB holds what a transaction writes in memory. The same content again changes nothing,
        so a batch that broke off is sent again. Raises BatchSizeInvalid and Unauthenticated.
        """
        require_batch(products, "products")
        wanted, rows = without_repetitions(products)
        for start in range(0, len(wanted), ROWS_AT_ONCE):
            rows |= await self._upsert_together(wanted[start : start + ROWS_AT_ONCE], by)
        return [rows[number] for number in sorted(rows)]

    async def _upsert_together(
        self, wanted: Sequence[NumberedProduct], by: PartnerActor | Manager
    ) -> dict[int, ProductRow]:
        async def act(session: Session) -> dict[int, ProductRow]:
            await self._partners.require_living(by, session)
            tree, _ = await self._trees.tree(session)
            kept = await self._products.touched_by([product for _, product in wanted], session)
            rows = product_rows(wanted, kept, tree, self._clock.now())
            changed = [row.product for row in rows.values() if row.product and row.outcome in _CHANGES]
            if changed:
                await self._write(sorted(changed, key=_product_id), session)
            return rows

        return await self._database.transaction(act)

    async def upsert_categories(
        self, categories: Sequence[Category], by: PartnerActor | Manager = OPERATOR
    ) -> list[CategoryRow]:
        """Adds new categories and changes or moves those that are there already, as products are.

        Raises BatchSizeInvalid and Unauthenticated.
        """
        require_batch(categories, "categories")

        async def act(session: Session) -> list[CategoryRow]:
            await self._partners.require_living(by, session)
            tree, version = await self._trees.tree(session)
            rows, changed_tree = category_rows(categories, tree)
            changed = [row.category.id for row in rows if row.category and row.outcome in _CHANGES]
            if changed:
                await self._trees.replace_tree(changed_tree, version, session)
                await self._append("CategoriesChanged", {"category_ids": changed}, session)
            return rows

        rows = await self._database.transaction(act)
        self._categories.forget()
        return rows

    async def _sketches(self, sku_ids: Set[str]) -> list[ProductSketch]:
        return await self._products.sketches_with_skus(sorted(sku_ids)) if sku_ids else []

    async def _write(self, products: Sequence[DescribedProduct], session: Session) -> None:
        await self._products.replace_many(products, session)
        await self._index.replace_many(products, session)
        await self._append("ProductsChanged", {"product_ids": [each.id for each in products]}, session)

    async def _append(self, event_type: str, data: dict[str, list[str]], session: Session) -> None:
        await self._events.append(Event(event_type, SUBJECT, self._clock.now(), data), session)

    def _published(self, product: DescribedProduct | None) -> DescribedProduct | None:
        return product if product and product.is_published(self._clock.now()) else None


def _by_sku(products: Iterable[Product], sku_ids: Iterable[str]) -> dict[str, Product]:
    wanted = set(sku_ids)
    return {sku.id: product for product in products for sku in product.skus if sku.id in wanted}


def _product_id(product: Product) -> str:
    return product.id
