"""What can be done with recommendations: ask for some."""

from collections.abc import Sequence

from app.catalog.model import Product, ProductSketch
from app.catalog.search_query import ProductFilter
from app.catalog.search_service import ProductSearch
from app.catalog.service import CatalogService
from app.interests.model import InterestAspect, Interests
from app.interests.rules import NO_INTERESTS, liked
from app.interests.service import InterestService
from app.inventory.model import StockKey
from app.inventory.service import StockService
from app.learning.related import RelatedSkus
from app.recommendations.errors import RecommendationCountInvalid, RecommendationPlaceInvalid
from app.recommendations.model import (
    Candidate,
    Choice,
    ReasonKind,
    Recommendation,
    RecommendationPlace,
    Taste,
)
from app.recommendations.rules import MAXIMUM_RECOMMENDATIONS, beside_her, chosen, related_to, relative
from app.shared.clock import Clock
from app.shared.mongodb.database import Database
from app.shared.mongodb.reading import read_together
from app.stores.service import StoreService

LIKED_SKUS = 20
LIKED_CATEGORIES = 3
LIKED_BRANDS = 3
SEARCHED = 40  # products that a search adds to the candidates
STOCK_LOOKED_AT = 100  # products whose stock is looked up: twice as many as can be asked for
SKUS_LOOKED_AT = 10  # of each of those


class RecommendationService:
    """The use cases of recommendations. Who allows no personalization is shown what is popular, and what
    goes with the product she looks at.
    """

    def __init__(
        self,
        database: Database,
        interests: InterestService,
        related_skus: RelatedSkus,
        catalog: CatalogService,
        search: ProductSearch,
        stock: StockService,
        stores: StoreService,
        clock: Clock,
    ) -> None:
        self._database = database
        self._interests = interests
        self._related_skus = related_skus
        self._catalog = catalog
        self._search = search
        self._stock = stock
        self._stores = stores
        self._clock = clock

    async def recommend(
        self,
        member_id: str | None,
        place: RecommendationPlace,
        store_id: str | None,
        product_id: str | None,
        first: int,
    ) -> list[Recommendation]:
        """Published SKUs for this member, each of another product, the best first.

        What is available goes first: at the store that is named, or else at the one she visits most. What she
        has looked at already is no news, and not among them. Raises RecommendationCountInvalid,
        RecommendationPlaceInvalid and StoreNotFound.
        """
        if not 1 <= first <= MAXIMUM_RECOMMENDATIONS:
            raise RecommendationCountInvalid(path=["first"], maximum=MAXIMUM_RECOMMENDATIONS)
        product = await self._product(place, store_id, product_id)
        interests = await self._interests.of_member(member_id) if member_id else NO_INTERESTS
        now = self._clock.now()
        known = liked(interests, InterestAspect.SKU, now)
        store_id = store_id or next(iter(liked(interests, InterestAspect.STORE, now)), None)
        taste = await self._taste(interests, known, product)
        products = await self._products(taste, store_id)
        without = {each.id for each in products if any(sku_id in known for sku_id in each.sku_ids)}
        if product is not None:
            without.add(product.id)
        candidates = [Candidate(each, sku_id) for each in products for sku_id in each.sku_ids]
        if store_id is not None:
            nearly = chosen(candidates, taste, without, STOCK_LOOKED_AT)
            candidates = await self._at_store(nearly, taste, store_id)
        return await self._shown(chosen(candidates, taste, without, first))

    async def beside(
        self, member_id: str, store_id: str, category_ids: Sequence[str], sku_ids: Sequence[str], first: int
    ) -> list[Recommendation]:
        """Of these categories and SKUs, what the store has now, what she likes first."""
        interests = await self._interests.of_member(member_id)
        known = liked(interests, InterestAspect.SKU, self._clock.now())
        taste = await self._taste(interests, known, None)
        tree = await self._catalog.categories()
        wishes = [
            ProductFilter(category_id=each, in_stock_at=store_id)
            for each in category_ids
            if tree.get(each) is not None
        ]
        products = await self._published(sku_ids, wishes)
        candidates = [Candidate(each, sku_id) for each in products for sku_id in each.sku_ids]
        nearly = chosen(candidates, taste, (), STOCK_LOOKED_AT)
        at_store = await self._at_store(nearly, taste, store_id)
        return await self._shown(beside_her(chosen(at_store, taste, (), first)))

    async def _product(
        self, place: RecommendationPlace, store_id: str | None, product_id: str | None
    ) -> Product | None:
        if place is RecommendationPlace.STORE and store_id is None:
            raise RecommendationPlaceInvalid(path=["storeId"])
        if store_id is not None:
            await self._stores.require(store_id, ["storeId"])
        if place is not RecommendationPlace.PRODUCT:
            return None
        product = await self._catalog.product(product_id) if product_id else None
        if product is None:
            raise RecommendationPlaceInvalid(path=["productId"])
        return product

    async def _taste(self, interests: Interests, known: dict[str, float], product: Product | None) -> Taste:
        """What she likes; beside a product, what goes with that instead of with what she liked before."""
        now = self._clock.now()
        tree = await self._catalog.categories()
        if product is not None:
            kind, anchors = ReasonKind.RELATED_TO_PRODUCT, dict.fromkeys((s.id for s in product.skus), 1.0)
            liked_categories = {product.category_id: 1.0}
        else:
            kind, anchors = ReasonKind.RELATED_TO_LIKED, relative(known, LIKED_SKUS)
            liked_categories = liked(interests, InterestAspect.CATEGORY, now)
        there = {key: weight for key, weight in liked_categories.items() if tree.get(key) is not None}
        categories = relative(there, LIKED_CATEGORIES)
        brands = relative(liked(interests, InterestAspect.BRAND, now), LIKED_BRANDS)
        related = await self._related_skus.of_skus(list(anchors))
        return Taste(categories, brands, related_to(anchors, related, kind))

    async def _products(self, taste: Taste, store_id: str | None) -> list[ProductSketch]:
        """All that may be recommended: what is related, and what is popular: at all, in the store, in the
        categories and of the brands that she likes.
        """
        wishes = [ProductFilter(), *(ProductFilter(category_id=each) for each in taste.categories)]
        wishes += [ProductFilter(brands=(each,)) for each in taste.brands]
        if store_id is not None:
            wishes.append(ProductFilter(in_stock_at=store_id))
        return await self._published(sorted(taste.related), wishes)

    async def _published(
        self, sku_ids: Sequence[str], wishes: Sequence[ProductFilter]
    ) -> list[ProductSketch]:
        """The products of these SKUs, and the most popular ones that meet each wish."""
        related = self._catalog.reading_sketches(sku_ids)
        popular = [await self._search.reading_of_popular(wish, SEARCHED) for wish in wishes]
        found = await read_together(self._database, related, *popular)
        now = self._clock.now()
        every = [*found[related], *(each for reading in popular for each in found[reading])]
        return list({each.id: each for each in every if each.is_published(now)}.values())

    async def _at_store(self, nearly: Sequence[Choice], taste: Taste, store_id: str) -> list[Candidate]:
        """What the store has of these products: of each the first SKUs, and those that are related."""
        products = [each.candidate.product for each in nearly]
        wanted = [
            (product, StockKey(sku_id, store_id))
            for product in products
            for place, sku_id in enumerate(product.sku_ids)
            if place < SKUS_LOOKED_AT or sku_id in taste.related
        ]
        pieces = await self._stock.available([key for _, key in wanted])
        return [Candidate(product, key.sku_id, pieces.get(key, 0)) for product, key in wanted]

    async def _shown(self, choices: Sequence[Choice]) -> list[Recommendation]:
        """The choices with what is shown of each; what has gone meanwhile is left out."""
        products = await self._catalog.products_of_skus([each.candidate.sku_id for each in choices])
        return [
            Recommendation(product, sku, each.candidate.available, each.reasons)
            for each in choices
            if (product := products.get(each.candidate.sku_id)) is not None
            for sku in product.skus
            if sku.id == each.candidate.sku_id
        ]
