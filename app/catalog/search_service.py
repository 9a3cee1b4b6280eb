"""Searching products: by words in Japanese and English, by code, by category, and what to type next."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.catalog.errors import CategoryNotFound, PriceRangeInvalid, TooManyItems
from app.catalog.model import Category, Product, ProductSketch
from app.catalog.remembered_categories import RememberedCategories
from app.catalog.rules import MAXIMUM_PRICE
from app.catalog.search_query import (
    Leniency,
    ProductFilter,
    ProductRequest,
    ProductSort,
    SearchableCategories,
    SearchQuery,
    Selection,
    StockedProducts,
    read_query,
)
from app.catalog.search_repository import FacetCounts, SearchRepository
from app.catalog.words import whole
from app.shared.clock import Clock
from app.shared.errors import CursorInvalid, PageSizeInvalid, SearchTooLong
from app.shared.geo import Circle
from app.shared.mongodb.database import Database
from app.shared.mongodb.reading import Reading
from app.shared.paging import MAXIMUM_PAGE_SIZE, Page, PageRequest, page_of

MAXIMUM_QUERY_LENGTH = 100
MAXIMUM_WISHES = 20
MAXIMUM_SUGGESTIONS = 20
ALTERNATIVES = 10
PRICE_BOUNDS = (0, 1_000, 2_000, 3_000, 5_000, 10_000, MAXIMUM_PRICE + 1)


@dataclass(frozen=True, slots=True)
class ProductsFound:
    """A page of products, and how well they had to match."""

    page: Page[Product]
    leniency: Leniency


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category with how many of the products found stand in it or below it."""

    category: Category
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of the products found have which value."""

    counts: FacetCounts
    categories: tuple[CategoryCount, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What somebody may want to type: a category's name, a brand or a product's name."""

    category: Category | None = None
    brand: str | None = None
    product: Product | None = None


class ProductSearch:
    """The use cases of search."""

    def __init__(
        self, database: Database, categories: RememberedCategories, stocked: StockedProducts, clock: Clock
    ) -> None:
        self._index = SearchRepository(database)
        self._categories = categories
        self._stocked = stocked
        self._clock = clock

    async def search(self, request: ProductRequest, page: PageRequest) -> ProductsFound:
        """The products that match, strictly if any does, and otherwise nearly.

        Raises SearchTooLong, CategoryNotFound, TooManyItems, PriceRangeInvalid, CursorInvalid, and what is
        wrong with the place or store that a product shall be in stock at.
        """
        selection = await self._selection(request, Leniency.STRICT)
        position = page.position(str, int, str)
        if position is not None:
            selection = replace(selection, leniency=_leniency_in(position[0], request.sort))
        after = position[1:] if position else None
        found = await self._index.find(selection, request.sort, after, page.first + 1)
        if not found and position is None and selection.query.words:
            selection = replace(selection, leniency=Leniency.FORGIVING)
            found = await self._index.find(selection, request.sort, None, page.first + 1)
        mark = _cursor_mark(selection.leniency, request.sort)
        items = [(each.product, (mark, each.order, each.product.id)) for each in found]
        return ProductsFound(page_of(items, page), selection.leniency)

    async def reading_of_popular(self, wish: ProductFilter, most: int) -> Reading[list[ProductSketch]]:
        """The most popular products of this kind. Raises what is wrong with the wish, as `search` does."""
        sort = ProductSort.POPULARITY
        selection = await self._selection(ProductRequest(None, wish, sort), Leniency.STRICT)
        return self._index.reading_sketches(selection, sort, most)

    async def skus_found(self, query: str, most: int) -> list[str]:
        """The SKUs of the products that are most relevant, so many at the most. Raises SearchTooLong."""
        found = await self.search(ProductRequest(query), PageRequest(MAXIMUM_PAGE_SIZE))
        return [sku.id for product, _ in found.page.items for sku in product.skus][:most]

    async def facets(self, request: ProductRequest, leniency: Leniency) -> Facets:
        """The counts for what `search` finds with this request and leniency."""
        selection = await self._selection(request, leniency)
        counts = await self._index.facets(selection, PRICE_BOUNDS)
        return Facets(counts, tuple(_with_ancestors(counts, await self._categories.get())))

    async def alternatives(self, request: ProductRequest) -> list[Product]:
        """For a search that found nothing: what is nearest, or else popular in the category, or at all.

        Wherever it is in stock: what she looked for is the nearest, though another store has it.
        """
        selection = replace(await self._selection(request, Leniency.ANY), stock=None)
        everything = replace(selection, query=SearchQuery())
        unfiltered = replace(everything, filter=ProductFilter(), wanted_category_ids=None)
        for attempt in (selection, everything, unfiltered):
            found = await self._index.find(attempt, ProductSort.RELEVANCE, None, ALTERNATIVES)
            if found:
                return [each.product for each in found]
        return []

    async def like(self, product: Product, around: Circle) -> list[Product]:
        """Other products of its category: those that stores in the circle have, or else any; ten at most."""
        if (await self._categories.get()).tree.get(product.category_id) is None:
            return []
        here = ProductFilter(category_id=product.category_id, in_stock_near=around)
        for wish in (here, replace(here, in_stock_near=None)):
            found = await self.search(ProductRequest(filter=wish), PageRequest(ALTERNATIVES + 1))
            others = [each for each, _ in found.page.items if each.id != product.id]
            if others:
                return others[:ALTERNATIVES]
        return []

    async def suggest(self, prefix: str, first: int) -> list[Suggestion]:
        """Categories, brands and products whose name has what was typed so far.

        Raises SearchTooLong and PageSizeInvalid.
        """
        if not 1 <= first <= MAXIMUM_SUGGESTIONS:
            raise PageSizeInvalid(path=["first"], maximum=MAXIMUM_SUGGESTIONS)
        selection = await self._selection(ProductRequest(prefix), Leniency.STRICT, "prefix")
        typed = whole(prefix)
        if not typed:
            return []
        named = (await self._categories.get()).beginning_with(typed)
        found = await self._index.find(selection, ProductSort.RELEVANCE, None, first)
        products = [each.product for each in found]
        brands = [each.brand for each in products if _begins(typed, [each.brand, each.brand_kana or ""])]
        suggestions = [
            *(Suggestion(category=each) for each in named),
            *(Suggestion(brand=each) for each in dict.fromkeys(brands)),
            *(Suggestion(product=each) for each in products),
        ]
        return suggestions[:first]

    async def _selection(
        self, request: ProductRequest, leniency: Leniency, field: str = "query"
    ) -> Selection:
        """The request, read. Raises what is wrong with it."""
        text = request.query or ""
        if len(text) > MAXIMUM_QUERY_LENGTH:
            raise SearchTooLong(path=[field], maximum=MAXIMUM_QUERY_LENGTH)
        categories = await self._categories.get()
        _require_sane(request.filter, categories)
        wanted = request.filter.category_id
        now = self._clock.now()
        return Selection(
            read_query(text, categories),
            request.filter,
            categories.with_descendants([wanted]) if wanted is not None else None,
            leniency,
            now,
            await self._stocked.condition(request.filter, now),
        )


def _cursor_mark(leniency: Leniency, sort: ProductSort) -> str:
    return f"{leniency} {sort}"


def _leniency_in(mark: str, sort: ProductSort) -> Leniency:
    """The leniency that a cursor of a list in this order was made with. Raises CursorInvalid."""
    for leniency in (Leniency.STRICT, Leniency.FORGIVING):
        if mark == _cursor_mark(leniency, sort):
            return leniency
    raise CursorInvalid(path=["after"])


def _require_sane(wish: ProductFilter, categories: SearchableCategories) -> None:
    """Raises CategoryNotFound, TooManyItems and PriceRangeInvalid."""
    if wish.category_id is not None and categories.tree.get(wish.category_id) is None:
        raise CategoryNotFound(path=["filter", "categoryId"])
    for field, wishes in (("brands", wish.brands), ("tags", wish.tags)):
        if len(wishes) > MAXIMUM_WISHES:
            raise TooManyItems(path=["filter", field], maximum=MAXIMUM_WISHES)
    lowest = 0 if wish.lowest_price is None else wish.lowest_price
    highest = MAXIMUM_PRICE if wish.highest_price is None else wish.highest_price
    if not 0 <= lowest <= highest <= MAXIMUM_PRICE:
        raise PriceRangeInvalid(path=["filter", "priceRange"], minimum=0, maximum=MAXIMUM_PRICE)


def _with_ancestors(counts: FacetCounts, categories: SearchableCategories) -> Iterable[CategoryCount]:
    """The counts of categories, each with those below it, in the order of the tree from the top."""
    below: dict[str, int] = {}
    for category_id, count in counts.categories:
        for category in categories.tree.path(category_id):
            below[category.id] = below.get(category.id, 0) + count
    for category in categories.tree.in_order():
        if category.id in below:
            yield CategoryCount(category, below[category.id])


def _begins(typed: str, names: Iterable[str]) -> bool:
    return any(whole(name).startswith(typed) for name in names)
