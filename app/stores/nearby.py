"""Stores around a place, from memory: there are hundreds of them, and hardly anything is asked as often."""

from collections.abc import Sequence

from app.shared.database import Database
from app.shared.geo import Circle
from app.shared.paging import Page, PageRequest, page_of
from app.shared.snapshots import Snapshots
from app.stores.errors import StoreNotFound
from app.stores.model import Store, StoreFound
from app.stores.repository import STORES, StoreRepository
from app.stores.rules import around, require_circle


class NearbyStores:
    """All stores, as they are known in this process."""

    def __init__(self, database: Database, snapshots: Snapshots) -> None:
        self._stores = StoreRepository(database)
        self._known: tuple[Store, ...] = ()
        self._snapshot = snapshots.of(self._load, STORES)

    async def all(self) -> tuple[Store, ...]:
        """All stores: the very same object until one of them changes."""
        return await self._snapshot.get()

    async def require(self, store_id: str, path: Sequence[str]) -> Store:
        """The store. One that is not known may be new, and is looked for. Raises StoreNotFound."""
        for store in await self.all():
            if store.id == store_id:
                return store
        new = await self._stores.get(store_id)
        if new is None:
            raise StoreNotFound(path=path)
        self._snapshot.forget()
        return new

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
        return self._known
