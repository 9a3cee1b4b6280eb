"""Which stores can send goods to which."""

from app.shared.geo import distance_meters
from app.stores.known_stores import KnownStores
from app.stores.model import Store, StoreServiceKind

NEAREST = 10  # as many sources are looked at for each store that is out


class TransferSources:
    """The stores nearest to a store that can send goods to it. Only stores with TRANSFER send and receive."""

    def __init__(self, stores: KnownStores) -> None:
        self._stores = stores
        self._known: tuple[Store, ...] = ()
        self._nearest: dict[str, tuple[Store, ...]] = {}

    async def nearest(self, receiver: Store) -> tuple[Store, ...]:
        """The ten nearest sources, the nearest first; none for a store that receives no goods."""
        if StoreServiceKind.TRANSFER not in receiver.services:
            return ()
        stores = await self._stores.all()
        if stores is not self._known:
            self._known = stores
            self._nearest = {}
        if receiver.id not in self._nearest:
            self._nearest[receiver.id] = _nearest(receiver, stores)
        return self._nearest[receiver.id]


def _nearest(receiver: Store, stores: tuple[Store, ...]) -> tuple[Store, ...]:
    senders = [
        store for store in stores if StoreServiceKind.TRANSFER in store.services and store.id != receiver.id
    ]
    senders.sort(key=lambda store: (distance_meters(receiver.location, store.location), store.id))
    return tuple(senders[:NEAREST])
