"""Orders as they change: first what is, then each order that is another by now."""

from collections.abc import AsyncGenerator

from app.orders.documents import order_from
from app.orders.model import Order
from app.orders.repository import ORDERS, OrderRepository
from app.shared.database import Database
from app.shared.live import LiveCollection


class OrderWatchService:
    """The use cases of following orders. Who may follow which is the caller's to check."""

    def __init__(self, database: Database) -> None:
        self._orders = OrderRepository(database)
        self._live = LiveCollection(database, ORDERS, lambda document: str(document["store_id"]))

    async def watch_order(self, order: Order) -> AsyncGenerator[Order, None]:
        """The order as it is, and whenever it has changed."""
        version = 0
        async with self._live.listen([order.store_id], lambda each: each["_id"] == order.id) as listener:
            newest = await self._orders.get(order.id)
            while True:
                if newest is not None and newest.version > version:
                    version = newest.version
                    yield newest
                await listener.wait()
                has_gap = listener.has_gap
                told = [order_from(document) for document in listener.take()]
                newest = await self._orders.get(order.id) if has_gap or not told else told[-1]

    async def watch_store(self, store_id: str) -> AsyncGenerator[list[Order], None]:
        """A store's open orders, and then those that have changed, the ended ones too."""
        async with self._live.listen([store_id]) as listener:
            yield await self._orders.all_open_at(store_id)
            while True:
                await listener.wait()
                has_gap = listener.has_gap
                told = [order_from(document) for document in listener.take()]
                if has_gap:
                    yield await self._orders.all_open_at(store_id)
                elif told:
                    yield told
