"""Where a SKU can be had around a place, and when."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from app.auth.actor import Actor
from app.catalog.model import Product
from app.catalog.search_service import ProductSearch
from app.catalog.service import CatalogService
from app.inventory.errors import SkuNotFound
from app.inventory.model import StockKey
from app.inventory.obtaining import OtherSku, StoreAvailability, availability_at
from app.inventory.piece_repository import PieceRepository
from app.inventory.transfers import TransferSources
from app.inventory.visibility import may_see
from app.shared.clock import Clock
from app.shared.geo import Circle, GeoPoint
from app.shared.mongodb.database import Database
from app.shared.paging import Page, PageRequest
from app.stores.known_stores import KnownStores
from app.stores.model import Store, StoreFound
from app.stores.rules import MAXIMUM_RADIUS_METERS, around

Wanted = tuple[str, StoreFound]  # a SKU at a store
Sources = Mapping[str, Sequence[Store]]  # by the id of the store that they send to

STORES_ELSEWHERE = 5
STORES_FOR_OTHER_SKUS = 20


class AvailabilityService:
    """The use cases of availability. What it tells holds for the moment of reading."""

    def __init__(
        self,
        database: Database,
        catalog: CatalogService,
        search: ProductSearch,
        stores: KnownStores,
        clock: Clock,
        transfer_time: timedelta,
    ) -> None:
        self._pieces = PieceRepository(database)
        self._catalog = catalog
        self._search = search
        self._stores = stores
        self._sources = TransferSources(stores)
        self._clock = clock
        self._transfer_time = transfer_time

    async def near(
        self, actor: Actor, sku_id: str, place: GeoPoint, radius_meters: int, request: PageRequest
    ) -> Page[StoreAvailability]:
        """The SKU at each store in the circle, the nearest first.

        Raises PlaceInvalid, RadiusInvalid, CursorInvalid, and SkuNotFound when there is no such SKU that the
        caller may see: to others than who keeps stock, what is not published does not exist.
        """
        page = await self._stores.page(Circle(place, radius_meters), request)
        wanted = [(sku_id, found) for found, _ in page.items]
        sources = await self._sources_of(wanted)
        now = self._clock.now()
        pieces, product = await self._pieces.with_product(_keys(wanted, sources), sku_id, now)
        if product is None or not may_see(actor, product, now):
            raise SkuNotFound(path=["skuId"])
        at_stores = self._at_stores(wanted, sources, pieces, now)
        items = ((at_store, cursor) for at_store, (_, cursor) in zip(at_stores, page.items, strict=True))
        return Page(tuple(items), page.has_next, page.has_previous)

    async def at(self, keys: Collection[StockKey]) -> dict[StockKey, StoreAvailability]:
        """Each SKU at its store; keys of stores that do not exist are left out."""
        wanted_ids = {key.store_id for key in keys}
        found = {store.id: StoreFound(store) for store in await self._stores.all() if store.id in wanted_ids}
        wanted = [(key.sku_id, found[key.store_id]) for key in keys if key.store_id in found]
        sources = await self._sources_of(wanted)
        now = self._clock.now()
        pieces = await self._pieces.get_many(_keys(wanted, sources), now)
        at_stores = self._at_stores(wanted, sources, pieces, now)
        return {StockKey(each.sku_id, each.found.store.id): each for each in at_stores}

    async def elsewhere(self, sku_id: str, place: GeoPoint) -> list[StoreAvailability]:
        """The SKU at the nearest stores that have it, however far they are; five at the most."""
        now = self._clock.now()
        pieces = await self._pieces.of_sku(sku_id, now)
        stocked = {key.store_id for key, number in pieces.items() if number}
        stores = [store for store in await self._stores.all() if store.id in stocked]
        return [
            availability_at(each, sku_id, pieces, (), self._transfer_time, now)
            for each in around(stores, Circle(place, MAXIMUM_RADIUS_METERS))[:STORES_ELSEWHERE]
        ]

    async def other_skus(self, sku_id: str, place: GeoPoint, stores: Sequence[StoreFound]) -> list[OtherSku]:
        """The other SKUs of the product that one of the first 20 of these stores has, each at the first.

        Where there are no stores at all, the nearest 20 are looked at, however far they are.
        """
        now = self._clock.now()
        product = (await self._catalog.products_of_skus([sku_id])).get(sku_id)
        others = [sku for sku in product.skus if sku.id != sku_id] if product else []
        if product is None or not others or not product.is_published(now):
            return []
        everywhere = Circle(place, MAXIMUM_RADIUS_METERS)
        nearest = stores or await self._stores.nearest(everywhere, STORES_FOR_OTHER_SKUS)
        nearest = nearest[:STORES_FOR_OTHER_SKUS]
        keys = [StockKey(sku.id, found.store.id) for sku in others for found in nearest]
        pieces = await self._pieces.get_many(keys, now)
        at_stores = (
            (sku, availability_at(found, sku.id, pieces, (), self._transfer_time, now))
            for sku in others
            for found in nearest
        )
        first: dict[str, OtherSku] = {}
        for sku, at_store in at_stores:
            if at_store.available:
                first.setdefault(sku.id, OtherSku(sku, product, at_store))
        return list(first.values())

    async def alternatives(self, sku_id: str, around: Circle) -> list[Product]:
        """Other products of the category, those that stores in the circle have; ten at the most."""
        product = (await self._catalog.products_of_skus([sku_id])).get(sku_id)
        return await self._search.like(product, around) if product else []

    async def _sources_of(self, wanted: Sequence[Wanted]) -> Sources:
        """The stores that can send goods to each of these stores."""
        return {found.store.id: await self._sources.nearest(found.store) for _, found in wanted}

    def _at_stores(
        self, wanted: Sequence[Wanted], sources: Sources, pieces: Mapping[StockKey, int], now: datetime
    ) -> list[StoreAvailability]:
        """Each of these SKUs at its store, in their order."""
        return [
            availability_at(found, sku_id, pieces, sources[found.store.id], self._transfer_time, now)
            for sku_id, found in wanted
        ]


def _keys(wanted: Sequence[Wanted], sources: Sources) -> list[StockKey]:
    """The levels to read: of each SKU at its store, and at those that could send it."""
    keys = {
        StockKey(sku_id, store.id)
        for sku_id, found in wanted
        for store in (found.store, *sources[found.store.id])
    }
    return sorted(keys, key=lambda key: key.text)
