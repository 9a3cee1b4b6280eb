"""Stock as it changes: first what is, then each level whose availability is another by now."""

from collections.abc import Collection
from functools import partial

from app.auth.actor import Actor
from app.catalog.service import CatalogService
from app.inventory.errors import StockWatchInvalid
from app.inventory.level_repository import STOCK_LEVELS, StockLevelRepository, level_from
from app.inventory.model import StockKey
from app.inventory.shared_watch import Read, SharedWatch, StockWatcher
from app.inventory.visibility import WatchedProducts, sees_unpublished
from app.shared.clock import Clock
from app.shared.geo import Circle, GeoPoint
from app.shared.mongodb.database import Database
from app.shared.mongodb.joined_reads import JoinedReads
from app.shared.mongodb.live import LiveCollection
from app.shared.paging import MAXIMUM_PAGE_SIZE, PageRequest
from app.stores.known_stores import KnownStores

MAXIMUM_WATCHED_SKUS = 20
MAXIMUM_WATCHED_STORES = 100

Key = tuple[
    tuple[str, ...], frozenset[str] | None, bool
]  # SKUs, stores, and whether all products are told of


class StockWatchService:
    """The use cases of watching stock."""

    def __init__(
        self, database: Database, catalog: CatalogService, stores: KnownStores, clock: Clock
    ) -> None:
        self._levels = StockLevelRepository(database)
        self._live = LiveCollection(
            database, STOCK_LEVELS, lambda document: str(document["sku_id"]), level_from, clock
        )
        self._reads: JoinedReads[Read] = JoinedReads()
        self._watches: dict[Key, SharedWatch] = {}
        self._products = WatchedProducts(catalog, clock)
        self._stores = stores
        self._clock = clock

    async def begin(
        self, actor: Actor, sku_ids: Collection[str], store_ids: Collection[str] | None
    ) -> StockWatcher:
        """Begins to watch the levels of these SKUs, at these stores or at all: the watcher is to leave.

        She is told of all of them first, then of those that changed. Of products that are not published, only
        those who keep stock are told. Raises StockWatchInvalid.
        """
        skus = tuple(sorted(set(sku_ids)))
        stores = None if store_ids is None else frozenset(store_ids)
        if not 1 <= len(skus) <= MAXIMUM_WATCHED_SKUS or len(stores or ()) > MAXIMUM_WATCHED_STORES:
            raise StockWatchInvalid(
                path=["skuIds"], maximum_skus=MAXIMUM_WATCHED_SKUS, maximum_stores=MAXIMUM_WATCHED_STORES
            )
        key = (skus, stores, sees_unpublished(actor))
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = self._watch(key)
        return await watch.join()

    async def begin_near(
        self, actor: Actor, sku_id: str, place: GeoPoint, radius_meters: int
    ) -> StockWatcher:
        """The same at the stores around a place, as they are at the start: the nearest 100.

        Raises PlaceInvalid and RadiusInvalid.
        """
        page = await self._stores.page(Circle(place, radius_meters), PageRequest(MAXIMUM_PAGE_SIZE))
        return await self.begin(actor, [sku_id], [found.store.id for found, _ in page.items])

    def _watch(self, key: Key) -> SharedWatch:
        skus, stores, tells_of_unpublished = key
        return SharedWatch(
            self._live,
            skus,
            lambda level: stores is None or level.key.store_id in stores,
            partial(self._reads.get, (skus, stores), partial(self._read, skus, stores)),
            None if tells_of_unpublished else self._products,
            self._clock,
            partial(self._watches.__delitem__, key),
        )

    async def _read(self, skus: tuple[str, ...], stores: frozenset[str] | None) -> Read:
        if stores is not None:
            keys = [StockKey(sku_id, store_id) for sku_id in skus for store_id in sorted(stores)]
            found = list((await self._levels.get_many(keys)).values())
        else:
            found = [level for sku_id in skus for level in await self._levels.of_sku(sku_id)]
        return found, self._clock.now()
