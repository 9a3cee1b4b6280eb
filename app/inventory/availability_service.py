"""Where a SKU can be had around a place, and when."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from app.catalog.service import CatalogService
from app.inventory.errors import SkuNotFound
from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import StockKey
from app.inventory.obtaining import OtherSku, StoreAvailability, availability_at
from app.inventory.rules import available
from app.inventory.transfers import TransferSources
from app.shared.clock import Clock
from app.shared.database import Database
from app.shared.geo import GeoPoint, distance_meters
from app.shared.paging import Page, PageRequest
from app.stores.model import StoreFound
from app.stores.service import StoreService

STORES_ELSEWHERE = 5
STORES_FOR_OTHER_SKUS = 20


class AvailabilityService:
    """The use cases of availability. What it tells holds for the moment of reading."""

    def __init__(
        self,
        database: Database,
        catalog: CatalogService,
        stores: StoreService,
        clock: Clock,
        transfer_time: timedelta,
    ) -> None:
        self._levels = StockLevelRepository(database)
        self._catalog = catalog
        self._stores = stores
        self._sources = TransferSources(stores, clock)
        self._clock = clock
        self._transfer_time = transfer_time

    async def near(
        self, sku_id: str, place: GeoPoint, radius_meters: int, request: PageRequest
    ) -> Page[StoreAvailability]:
        """The SKU at each store in the circle, the nearest first.

        Raises PlaceInvalid, RadiusInvalid and SkuNotFound.
        """
        page = await self._stores.search(place, radius_meters, None, request)
        at_stores = await self._of([(sku_id, found) for found, _ in page.items])
        # What can be had exists: only where nothing can be is it worth a command to ask.
        if not any(each.available or each.transfer for each in at_stores):
            await self._require_sku(sku_id)
        items = tuple(
            (availability, cursor) for availability, (_, cursor) in zip(at_stores, page.items, strict=True)
        )
        return Page(items, page.has_next, page.has_previous)

    async def at(self, keys: Collection[StockKey]) -> dict[StockKey, StoreAvailability]:
        """Each SKU at its store; keys of stores that do not exist are left out."""
        stores = await self._stores.get_many(sorted({key.store_id for key in keys}))
        found = {store.id: StoreFound(store) for store in stores}
        wanted = [(key.sku_id, found[key.store_id]) for key in keys if key.store_id in found]
        return {StockKey(each.sku_id, each.found.store.id): each for each in await self._of(wanted)}

    async def elsewhere(self, sku_id: str, place: GeoPoint) -> list[StoreAvailability]:
        """The SKU at the nearest stores that have it, however far they are; five at the most."""
        now = self._clock.now()
        levels = {level.key: level for level in await self._levels.of_sku(sku_id)}
        stocked = [key.store_id for key, level in levels.items() if available(level, now)]
        stores = await self._stores.get_many(stocked) if stocked else []
        found = [StoreFound(store, distance_meters(place, store.location)) for store in stores]
        found.sort(key=lambda each: (each.distance_meters, each.store.id))
        return [
            availability_at(each, sku_id, levels, (), self._transfer_time, now)
            for each in found[:STORES_ELSEWHERE]
        ]

    async def other_skus(self, sku_id: str, stores: Sequence[StoreFound]) -> list[OtherSku]:
        """The other SKUs of the product that one of the first 20 of these stores has, each at the first."""
        now = self._clock.now()
        product = (await self._catalog.products_of_skus([sku_id])).get(sku_id)
        others = [sku for sku in product.skus if sku.id != sku_id] if product else []
        if product is None or not others or not product.is_published(now):
            return []
        around = stores[:STORES_FOR_OTHER_SKUS]
        keys = [StockKey(sku.id, found.store.id) for sku in others for found in around]
        levels = await self._levels.get_many(keys)
        at_stores = (
            (sku, availability_at(found, sku.id, levels, (), self._transfer_time, now))
            for sku in others
            for found in around
        )
        nearest: dict[str, OtherSku] = {}
        for sku, at_store in at_stores:
            if at_store.available:
                nearest.setdefault(sku.id, OtherSku(sku, product, at_store))
        return list(nearest.values())

    async def _of(self, wanted: Sequence[tuple[str, StoreFound]]) -> list[StoreAvailability]:
        """Each of these SKUs at its store, in their order."""
        sources = {found.store.id: await self._sources.nearest(found.store) for _, found in wanted}
        keys = {
            StockKey(sku_id, store.id)
            for sku_id, found in wanted
            for store in (found.store, *sources[found.store.id])
        }
        levels = await self._levels.get_many(sorted(keys, key=_text))
        now = self._clock.now()
        return [
            availability_at(found, sku_id, levels, sources[found.store.id], self._transfer_time, now)
            for sku_id, found in wanted
        ]

    async def _require_sku(self, sku_id: str) -> None:
        if await self._catalog.missing_skus([sku_id]):
            raise SkuNotFound(path=["skuId"])


def _text(key: StockKey) -> str:
    return key.text
