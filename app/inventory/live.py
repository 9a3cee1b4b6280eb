"""Stock as it changes: first what is, then each level whose availability is another by now."""

from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime
from sys import intern
from typing import TypeAlias

from app.auth.actor import Actor
from app.catalog.service import CatalogService
from app.inventory.errors import StockWatchInvalid
from app.inventory.level_repository import STOCK_LEVELS, StockLevelRepository, level_from
from app.inventory.model import StockKey, StockLevel
from app.inventory.rules import available
from app.inventory.visibility import WatchedProducts, sees_unpublished
from app.shared.clock import Clock
from app.shared.database import Database
from app.shared.geo import Circle, GeoPoint
from app.shared.joined_reads import JoinedReads
from app.shared.live import LiveCollection, Told
from app.shared.paging import MAXIMUM_PAGE_SIZE, PageRequest
from app.stores.known_stores import KnownStores

MAXIMUM_WATCHED_SKUS = 20
MAXIMUM_WATCHED_STORES = 100
TICK_SECONDS = 1.0  # a hold that expires is seen so soon, though nothing is written then

Read: TypeAlias = tuple[Sequence[StockLevel], datetime]  # levels as they were at a moment


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
        self._products = WatchedProducts(catalog, clock)
        self._stores = stores
        self._clock = clock

    async def watch(
        self, actor: Actor, sku_ids: Collection[str], store_ids: Collection[str] | None
    ) -> AsyncGenerator[Told[list[StockLevel]], None]:
        """The levels of these SKUs, at these stores or at all: first all of them, then those that changed.

        Of products that are not published, only those who keep stock are told. Raises StockWatchInvalid.
        """
        skus = sorted(set(sku_ids))
        stores = None if store_ids is None else set(store_ids)
        if not 1 <= len(skus) <= MAXIMUM_WATCHED_SKUS or len(stores or ()) > MAXIMUM_WATCHED_STORES:
            raise StockWatchInvalid(
                path=["skuIds"], maximum_skus=MAXIMUM_WATCHED_SKUS, maximum_stores=MAXIMUM_WATCHED_STORES
            )

        async def read() -> Read:
            if stores is not None:
                keys = [StockKey(sku_id, store_id) for sku_id in skus for store_id in sorted(stores)]
                found = list((await self._levels.get_many(keys)).values())
            else:
                found = [level for sku_id in skus for level in await self._levels.of_sku(sku_id)]
            return found, self._clock.now()

        key = (tuple(skus), None if stores is None else frozenset(stores))
        async with self._live.listen(
            skus, lambda level: stores is None or level.key.store_id in stores
        ) as listener:
            seen = _Seen()
            levels, moment = await self._reads.get(key, read)
            yield Told(await self._visible(seen.changed(levels, moment), actor, moment), moment)
            while True:
                levels = ()  # until there are others, which may take hours
                await listener.wait(TICK_SECONDS if seen.has_holds else None)
                has_gap = listener.has_gap
                levels = listener.take()
                if has_gap:
                    levels, moment = await self._reads.get(key, read)
                elif levels:
                    moment = max(moment, listener.moment)
                else:  # a hold may have ended
                    moment = self._clock.now()
                if changed := await self._visible(seen.changed(levels, moment), actor, moment):
                    yield Told(changed, moment)
                    del changed

    async def _visible(self, levels: list[StockLevel], actor: Actor, now: datetime) -> list[StockLevel]:
        """Those levels that somebody who watches them is told of."""
        if not levels or sees_unpublished(actor):
            return levels
        known = await self._products.of({level.key.sku_id for level in levels})
        return [
            level
            for level in levels
            if (product := known[level.key.sku_id]) is not None and product.is_published(now)
        ]

    async def watch_near(
        self, actor: Actor, sku_id: str, place: GeoPoint, radius_meters: int
    ) -> AsyncGenerator[Told[list[StockLevel]], None]:
        """The SKU's levels at the stores around a place, as they are at the start: the nearest 100.

        Raises PlaceInvalid and RadiusInvalid.
        """
        page = await self._stores.page(Circle(place, radius_meters), PageRequest(MAXIMUM_PAGE_SIZE))
        async with aclosing(
            self.watch(actor, [sku_id], [found.store.id for found, _ in page.items])
        ) as watch:
            async for levels in watch:
                yield levels


class _Seen:
    """How many pieces of each level somebody who watches was told are available.

    Thousands watch: of a level without holds, only its revision and these pieces are kept.
    """

    def __init__(self) -> None:
        self._told: dict[StockKey, tuple[int, int]] = {}  # a level's revision, and its pieces
        self._holding: dict[StockKey, StockLevel] = {}
        self._next_end: datetime | None = None  # no hold ends before

    @property
    def has_holds(self) -> bool:
        """Whether a level may change by a hold's end alone."""
        return bool(self._holding)

    def changed(self, levels: Iterable[StockLevel], now: datetime) -> list[StockLevel]:
        """The levels of which more or fewer are available now than she was told, these ones being new."""
        touched: dict[StockKey, StockLevel] = {}
        if self._next_end is not None and self._next_end <= now:
            touched |= self._holding
            self._next_end = None
        # What was read at the start may be newer than what is then told of a change before it.
        touched |= {level.key: level for level in levels if self._knows_less(level)}
        changed = [level for level in touched.values() if self._is_another(level, now)]
        for level in touched.values():
            self._keep_holds(level, now)
        return sorted(changed, key=lambda level: level.key.text)

    def _knows_less(self, level: StockLevel) -> bool:
        known = self._told.get(level.key)
        return known is None or known[0] < level.revision

    def _is_another(self, level: StockLevel, now: datetime) -> bool:
        """Whether other pieces are available than was told, which is noted as told."""
        key, pieces = level.key, available(level, now)
        known = self._told.get(key)
        if known is None:  # all who watch keep the same two texts
            key = StockKey(intern(key.sku_id), intern(key.store_id))
        self._told[key] = level.revision, pieces
        return known is None or known[1] != pieces

    def _keep_holds(self, level: StockLevel, now: datetime) -> None:
        ends = [each.until for each in level.held if now < each.until]
        if not ends:
            self._holding.pop(level.key, None)
            return
        self._holding[level.key] = level
        self._next_end = min(ends if self._next_end is None else [*ends, self._next_end])
