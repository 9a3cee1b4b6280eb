"""Orders as they change: first what is, then each order that is another by now."""

from collections.abc import AsyncGenerator, Iterable

from app.auth.actor import StaffActor
from app.orders.changing import store_asked
from app.orders.documents import order_from
from app.orders.model import Order
from app.orders.repository import ORDERS, OrderRepository
from app.orders.states import is_open
from app.shared.clock import Clock
from app.shared.mongodb.database import Database
from app.shared.mongodb.live import LiveCollection, Told


class OrderWatchService:
    """The use cases of following orders."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._orders = OrderRepository(database)
        self._clock = clock
        self._live = LiveCollection(
            database, ORDERS, lambda document: str(document["store_id"]), order_from, clock
        )

    async def watch_order(self, order: Order) -> AsyncGenerator[Told[Order], None]:
        """The order as it is, and whenever it has changed. Who may follow it is the caller's to check."""
        version = 0
        order_id = order.id
        async with self._live.listen([order.store_id], lambda each: each.id == order_id) as listener:
            del order  # it may be followed for hours, and is read anew
            newest = await self._orders.get(order_id)
            moment = self._clock.now()
            while True:
                if newest is not None and newest.version > version:
                    version = newest.version
                    yield Told(newest, moment)
                newest = None
                await listener.wait()
                has_gap = listener.has_gap
                told, moment = listener.take(), listener.moment
                if has_gap or not told:
                    newest, moment = await self._orders.get(order_id), self._clock.now()
                else:
                    newest = told[-1]

    async def watch_store(
        self, staff: StaffActor, store_id: str | None
    ) -> AsyncGenerator[Told[list[Order]], None]:
        """A store's open orders, and then those that have changed, the ended ones too.

        The store is her own when none is named; headquarters may follow any. Raises DeviceOfNoStore and
        Forbidden.
        """
        store = store_asked(staff, store_id)
        async with self._live.listen([store]) as listener:
            orders = await self._orders.all_open_at(store)
            known_open = _open_after(set(), orders)
            yield Told(orders, self._clock.now())
            while True:
                del orders
                await listener.wait()
                has_gap = listener.has_gap
                orders, moment = listener.take(), listener.moment
                if has_gap:
                    orders = await self._open_now_or_before(store, known_open)
                    moment = self._clock.now()
                known_open = _open_after(known_open, orders)
                if orders:
                    yield Told(orders, moment)

    async def _open_now_or_before(self, store_id: str, known_open: set[str]) -> list[Order]:
        """The open orders, and those that were open when changes were last told of and have ended since."""
        orders = await self._orders.all_open_at(store_id)
        ended = known_open - {order.id for order in orders}
        return [*orders, *await self._orders.get_many(ended)]


def _open_after(known_open: set[str], told: Iterable[Order]) -> set[str]:
    """The ids of the orders that are open once these were told."""
    now_open = {order.id: is_open(order.state) for order in told}
    return {id for id in known_open | now_open.keys() if now_open.get(id, True)}
