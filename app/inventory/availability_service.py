"""Where a SKU can be had around a place, and when."""

from collections.abc import Sequence
from datetime import timedelta

from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import StockKey
from app.inventory.obtaining import StoreAvailability, availability_at
from app.inventory.transfers import TransferSources
from app.shared.clock import Clock
from app.shared.database import Database
from app.shared.geo import GeoPoint
from app.shared.paging import Page, PageRequest
from app.stores.model import Store, StoreFound
from app.stores.service import StoreService


class AvailabilityService:
    """The use cases of availability. What it tells holds for the moment of reading."""

    def __init__(
        self, database: Database, stores: StoreService, clock: Clock, transfer_time: timedelta
    ) -> None:
        self._levels = StockLevelRepository(database)
        self._stores = stores
        self._sources = TransferSources(stores, clock)
        self._clock = clock
        self._transfer_time = transfer_time

    async def near(
        self, sku_id: str, place: GeoPoint, radius_meters: int, request: PageRequest
    ) -> Page[StoreAvailability]:
        """The SKU at each store in the circle, the nearest first. Raises PlaceInvalid and RadiusInvalid."""
        page = await self._stores.search(place, radius_meters, None, request)
        at_stores = await self.at(sku_id, [found for found, _ in page.items])
        items = tuple(
            (availability, cursor) for availability, (_, cursor) in zip(at_stores, page.items, strict=True)
        )
        return Page(items, page.has_next, page.has_previous)

    async def at(self, sku_id: str, stores: Sequence[StoreFound]) -> list[StoreAvailability]:
        """The SKU at each of these stores, in their order."""
        sources = {found.store.id: await self._sources.nearest(found.store) for found in stores}
        ids = {store.id for store in _all_of(stores, sources)}
        levels = await self._levels.get_many(StockKey(sku_id, store_id) for store_id in sorted(ids))
        now = self._clock.now()
        return [
            availability_at(found, sku_id, levels, sources[found.store.id], self._transfer_time, now)
            for found in stores
        ]


def _all_of(stores: Sequence[StoreFound], sources: dict[str, tuple[Store, ...]]) -> list[Store]:
    return [found.store for found in stores] + [store for each in sources.values() for store in each]
