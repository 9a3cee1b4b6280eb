"""The search index in MongoDB: for each product its terms, and what a list is filtered and sorted by.

All of that stands in one index, so candidates are found, scored, filtered, sorted and counted without reading
a single document; only the products of the page are read in the end, by the same command.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import DESCENDING, IndexModel

from app.catalog.documents import AS_SKETCHED, product_from, sketch_from
from app.catalog.model import DescribedProduct, Product, ProductSketch
from app.catalog.search_pipelines import COLLECTION, FACTS, facet_pipeline, page_pipeline
from app.catalog.search_query import ProductSort, Selection
from app.catalog.search_terms import boost_of, newness_of, terms_of
from app.shared.mongodb.database import CollectionDefinition, Database, Document, Session
from app.shared.mongodb.documents import MOMENT, STRING, at_least, document, list_of, nullable
from app.shared.mongodb.reading import Reading

PRODUCT_SEARCH = CollectionDefinition(
    COLLECTION,
    validator=document(
        _id=STRING,
        terms=list_of(STRING),
        boost=at_least(0),
        brand=STRING,
        category_id=STRING,
        price_low=at_least(0),
        price_high=at_least(0),
        tags=STRING,  # one string, each tag between line breaks: an index covers no second list
        newness=at_least(0),
        published_from=nullable(MOMENT),
        published_until=nullable(MOMENT),
    ),
    indexes=[
        IndexModel(
            [
                ("terms", 1),
                ("boost", DESCENDING),
                ("_id", 1),
                *((fact, 1) for fact in FACTS if fact != "boost"),
            ],
            name="terms_and_facts",
        )
    ],
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that was found, and its place in the order: smaller comes first."""

    product: Product
    order: int


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """How many of the products found have each value. Prices are counted from each bound up to the next."""

    total: int
    brands: tuple[tuple[str, int], ...]
    categories: tuple[tuple[str, int], ...]
    tags: tuple[tuple[str, int], ...]
    prices: tuple[tuple[int, int], ...]


class SearchRepository:
    """Reads and writes the search index."""

    def __init__(self, database: Database) -> None:
        self._index = database.collection(PRODUCT_SEARCH)

    async def replace_many(self, products: Iterable[DescribedProduct], session: Session) -> None:
        await self._index.replace_many([document_of(product) for product in products], session=session)

    async def add_many(self, products: Iterable[DescribedProduct], session: Session) -> None:
        await self._index.insert_many([document_of(product) for product in products], session=session)

    async def find(
        self, selection: Selection, sort: ProductSort, after: tuple[int, str] | None, limit: int
    ) -> list[Candidate]:
        """The first candidates that follow the one at `after`, in their order."""
        return _candidates(await self._index.aggregate(page_pipeline(selection, sort, after, limit)))

    @staticmethod
    def reading_sketches(selection: Selection, sort: ProductSort, limit: int) -> Reading[list[ProductSketch]]:
        """The first of all, as much of each as it takes to choose among them."""
        return Reading(
            PRODUCT_SEARCH,
            page_pipeline(selection, sort, None, limit, AS_SKETCHED),
            lambda found: [sketch_from(product) for each in found for product in each["product"]],
        )

    async def facets(self, selection: Selection, price_bounds: Sequence[int]) -> FacetCounts:
        (found,) = await self._index.aggregate(facet_pipeline(selection, price_bounds))
        return FacetCounts(
            total=found["total"][0]["count"] if found["total"] else 0,
            brands=_counts(found["brands"]),
            categories=_counts(found["categories"]),
            tags=_counts(found["tags"]),
            prices=_counts(found["prices"]),
        )


def _candidates(found: list[Document]) -> list[Candidate]:
    return [Candidate(product_from(product), each["order"]) for each in found for product in each["product"]]


def _counts(found: list[Document]) -> tuple[tuple[Any, int], ...]:
    return tuple((each["_id"], each["count"]) for each in found)


def document_of(product: DescribedProduct) -> Document:
    lowest, highest = product.prices
    return {
        "_id": product.id,
        "terms": terms_of(product),
        "boost": boost_of(product),
        "brand": product.brand,
        "category_id": product.category_id,
        "price_low": lowest.amount,
        "price_high": highest.amount,
        "tags": "\n".join(["", *product.tags, ""]),
        "newness": newness_of(product),
        "published_from": product.published_from,
        "published_until": product.published_until,
    }
