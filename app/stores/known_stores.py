"""Stores from memory: there are hundreds of them, and hardly anything is asked for as often."""

from collections.abc import Collection, Sequence

from app.shared.geo import Circle
from app.shared.mongodb.database import Database
from app.shared.mongodb.snapshots import Snapshots
from app.shared.paging import Page, PageRequest, page_of
from app.stores.errors import StoreNotFound
from app.stores.model import Store, StoreFound
from app.stores.repository import STORES, StoreRepository
from app.stores.rules import around, require_circle


class KnownStores:
    """All stores, as they are known in this process."""

    def __init__(self, database: Database, snapshots: Snapshots) -> None:
        self._stores = StoreRepository(database)
        self._known: tuple[Store, ...] = ()
        self._by_id: dict[str, Store] = {}
        self._snapshot = snapshots.of(self._load, STORES)

    async def all(self) -> tuple[Store, ...]:
        """All stores: the very same object until one of them changes."""
        return await self._snapshot.get()

    async def require(self, store_id: str, path: Sequence[str]) -> Store:
        """The store. Raises StoreNotFound."""
        found = await self.get_many([store_id])
        if not found:
            raise StoreNotFound(path=path)
        return found[0]

    async def get_many(self, store_ids: Collection[str]) -> list[Store]:
        """The stores with these ids, each once. Those that are not known may be new, and are looked for."""
        await self.all()
        wanted = dict.fromkeys(store_ids)
        found = [self._by_id[each] for each in wanted if each in self._by_id]
        if len(found) < len(wanted):
            new = await self._stores.get_many([each for each in wanted if each not in self._by_id])
            if new:
                self._snapshot.forget()
            found += new
        return found

    async def page(self, circle: Circle, request: PageRequest) -> Page[StoreFound]:
        """The stores in the circle, the nearest first.

        Raises PlaceInvalid, RadiusInvalid and CursorInvalid.
        """
        require_circle(circle, ["near"], ["radiusMeters"])
        position = request.position(float, str)
        found = [(each, (each.distance_meters, each.store.id)) for each in around(await self.all(), circle)]
        if position is not None:
            found = [(each, key) for each, key in found if key > position]
        return page_of(found[: request.first + 1], request)

    async def nearest(self, circle: Circle, number: int) -> list[StoreFound]:
        """So many stores in the circle at the most, the nearest first."""
        return around(await self.all(), circle)[:number]

    async def _load(self) -> tuple[Store, ...]:
        found = tuple(await self._stores.all())
        if found != self._known:
            self._known = found
            self._by_id = {store.id: store for store in found}
        return self._known
