"""Does what time has done: orders that nobody accepted have expired, those that nobody collected are over.

Such an order counts as ended from its very moment on, and its holds have ended by themselves; what is left to
do is to return points, to settle the payment and to tell everybody.
"""

from app.orders.changing import OrderChanging
from app.orders.model import Order
from app.orders.repository import OrderRepository
from app.orders.states import Mover
from app.orders.sweeping import each_by_itself
from app.shared.clock import Clock
from app.shared.mongodb.database import Database, Session
from app.shared.processes.tasks import was_cancelled

AT_ONCE = 100


class OrderTimekeeping:
    """Ends orders whose time is over; run often, by any number of processes."""

    def __init__(self, database: Database, changing: OrderChanging, clock: Clock) -> None:
        self._orders = OrderRepository(database)
        self._changing = changing
        self._clock = clock

    async def sweep(self) -> int:
        """Ends what time has ended, and says how many orders those were; one that cannot be is logged."""
        now, ended = self._clock.now(), 0
        failed: set[str] = set()
        while not was_cancelled() and (due := await self._orders.ended_by(now, AT_ONCE, failed)):
            left = await each_by_itself(due, self._notice, "order_not_ended")
            ended += len(due) - len(left)
            failed |= left
        return ended

    async def _notice(self, order: Order) -> Order:
        return await self._changing.change(order.id, lambda _: True, self._end)

    async def _end(self, order: Order, session: Session) -> Order:
        state = order.state_at(self._clock.now())
        if state is order.state:
            return order  # somebody else was first, or moved it in time
        return await self._changing.move(order, state, Mover.TIME, "time", session)
