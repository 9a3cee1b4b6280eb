"""Which stores can send goods to which: remembered for a minute, for stores seldom change."""

from datetime import datetime, timedelta

from app.shared.clock import Clock
from app.shared.geo import distance_meters
from app.stores.model import Store, StoreServiceKind
from app.stores.service import StoreService

REMEMBERED_FOR = timedelta(minutes=1)
NEAREST = 10  # as many sources are looked at for each store that is out


class TransferSources:
    """The stores nearest to a store that can send goods to it. Only stores with TRANSFER send and receive."""

    def __init__(self, stores: StoreService, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._read_at: datetime | None = None
        self._all: list[Store] = []
        self._nearest: dict[str, tuple[Store, ...]] = {}

    async def nearest(self, receiver: Store) -> tuple[Store, ...]:
        """The ten nearest sources, the nearest first; none for a store that receives no goods."""
        if StoreServiceKind.TRANSFER not in receiver.services:
            return ()
        await self._refresh()
        if receiver.id not in self._nearest:
            others = [store for store in self._all if store.id != receiver.id]
            others.sort(key=lambda store: (distance_meters(receiver.location, store.location), store.id))
            self._nearest[receiver.id] = tuple(others[:NEAREST])
        return self._nearest[receiver.id]

    async def _refresh(self) -> None:
        now = self._clock.now()
        if self._read_at is None or not timedelta(0) <= now - self._read_at < REMEMBERED_FOR:
            self._all = await self._stores.offering(StoreServiceKind.TRANSFER)
            self._nearest = {}
            self._read_at = now
