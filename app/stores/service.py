"""What can be done with stores: find them, look at them."""

from collections.abc import Collection, Iterable, Sequence

from app.shared.channels import Channel
from app.shared.errors import SearchTooLong
from app.shared.geo import Circle, GeoPoint
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest
from app.stores.errors import StoreNotFound
from app.stores.known_stores import KnownStores
from app.stores.model import Store, StoreFound, StoreMatch, StoreServiceKind
from app.stores.repository import StoreRepository
from app.stores.rules import folded, require_circle

MAXIMUM_QUERY_LENGTH = 100


class StoreService:
    """The use cases of stores."""

    def __init__(self, database: Database, known: KnownStores) -> None:
        self._stores = StoreRepository(database)
        self._known = known

    def reading(self, store_id: str) -> Reading[Store | None]:
        return self._stores.reading(store_id)

    async def get(self, store_id: str) -> Store | None:
        return next(iter(await self.get_many([store_id])), None)

    async def get_many(self, store_ids: Sequence[str]) -> list[Store]:
        """The stores with these ids, in any order; ids of no store are left out."""
        return await self._known.get_many(store_ids) if store_ids else []

    async def require(self, store_id: str, path: Sequence[str], session: Session = None) -> Store:
        """The store, in a transaction as it is there. Raises StoreNotFound."""
        store = await (self._stores.get(store_id, session) if session else self.get(store_id))
        if store is None:
            raise StoreNotFound(path=path)
        return store

    async def require_all(self, store_ids: Sequence[str], path: Sequence[str]) -> None:
        """Raises StoreNotFound unless all these stores exist."""
        if len(await self.get_many(store_ids)) != len(set(store_ids)):
            raise StoreNotFound(path=path)

    async def require_codes(self, codes: Sequence[str]) -> list[Store]:
        """The stores with these codes. Raises StoreNotFound unless all of them exist."""
        stores = await self._stores.by_codes(codes)
        if len(stores) != len(set(codes)):
            raise StoreNotFound
        return stores

    async def ids_of(self, channels: Iterable[Channel], among: Collection[str] | None) -> frozenset[str]:
        """The stores of these channels, of all stores or of those with these ids."""
        return frozenset(await self._stores.ids_of(channels, among))

    async def search(
        self,
        near: GeoPoint | None,
        radius_meters: int,
        query: str | None,
        request: PageRequest,
        services: Collection[StoreServiceKind] = (),
    ) -> Page[StoreFound]:
        """Stores whose name, kana or address contains the query, in the circle around `near` if given.

        Only those that have all the services.

        Raises PlaceInvalid, RadiusInvalid and SearchTooLong.
        """
        if query is not None and len(query) > MAXIMUM_QUERY_LENGTH:
            raise SearchTooLong(path=["query"], maximum=MAXIMUM_QUERY_LENGTH)
        words = folded(query or "")
        if near is None:
            return await self._found(await self._stores.list(words, services, request))
        require_circle(Circle(near, radius_meters), ["near"], ["radiusMeters"])
        return await self._found(await self._stores.near(near, radius_meters, words, services, request))

    async def _found(self, page: Page[StoreMatch]) -> Page[StoreFound]:
        """The stores of these matches, from memory."""
        stores = {each.id: each for each in await self.get_many([match.store_id for match, _ in page.items])}
        items = tuple(
            (StoreFound(stores[match.store_id], match.distance_meters), cursor)
            for match, cursor in page.items
            if match.store_id in stores
        )
        return Page(items, page.has_next, page.has_previous, page.end)
