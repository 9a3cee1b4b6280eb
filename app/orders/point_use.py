"""The points that an order is paid with, and those that it earns."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from app.orders.drafting import Draft
from app.orders.model import Order
from app.orders.states import OrderState
from app.points.model import PointReason, PointSource
from app.points.service import PointService
from app.shared.clock import Clock
from app.shared.database import Session


class OrderPoints:
    """Moves points along with an order, in its transaction."""

    def __init__(self, points: PointService, clock: Clock) -> None:
        self._points = points
        self._clock = clock

    async def use(self, order: Order, session: Session) -> None:
        """Spends the points of this version of the order. Raises InsufficientPoints."""
        if order.totals.points_used:
            source = self._source(order, PointReason.PAYMENT)
            await self._points.spend(order.member_id, order.totals.points_used, source, session)

    async def use_new(self, drafts: Iterable[Draft], session: Session) -> None:
        """Spends the points of new orders from the accounts that they were drafted with, by one command.

        Where one has changed since, the transaction runs again. Raises InsufficientPoints.
        """
        spendings = [
            (draft.account, draft.order.totals.points_used, self._source(draft.order, PointReason.PAYMENT))
            for draft in drafts
            if draft.order.totals.points_used
        ]
        await self._points.spend_many(spendings, session)

    async def give_back(self, order: Order, session: Session) -> None:
        """Returns what this version of the order spent, to the lots it came from."""
        if order.totals.points_used:
            await self._points.reverse(
                order.member_id,
                self._source(order, PointReason.REFUND),
                session,
                spent_by=order.points_member_id,
            )

    async def change(self, before: Order, after: Order, session: Session) -> Order:
        """Spends as many points as the changed order is paid with, and returns the others."""
        if after.totals.points_used == before.totals.points_used:
            return after
        await self.give_back(before, session)
        after = replace(after, points_version=after.version, points_member_id=after.member_id)
        await self.use(after, session)
        return after

    async def earn(self, order: Order, available_at: datetime | None, session: Session) -> None:
        """Awards what the collected order earns; until then they are pending."""
        if order.totals.points_to_earn:
            await self._points.earn(
                order.member_id,
                order.totals.points_to_earn,
                self._source(order, PointReason.ORDER),
                session,
                available_at=available_at,
            )

    async def give_part_back(self, order: Order, amount: int, key: str, session: Session) -> None:
        """Returns some of what the order spent to the lots that it came from."""
        if amount:
            returned_before = sum(refund.points for refund in order.refunds)
            spent = self._source(order, PointReason.PAYMENT).reference
            source = PointSource(f"refund:{key}", PointReason.REFUND, self._clock.now(), order.store_id)
            await self._points.reverse_part(
                order.member_id, order.points_member_id, spent, returned_before, amount, source, session
            )

    async def take_back(
        self, order: Order, amount: int, available_at: datetime | None, key: str, session: Session
    ) -> None:
        """Takes back points that refunded pieces had earned, to be spent from then on; what is not there is
        owed.
        """
        if amount:
            now = self._clock.now()
            earned_at = next(move.moved_at for move in order.moves if move.state is OrderState.COLLECTED)
            source = PointSource(f"refund:{key}", PointReason.ORDER_REFUNDED, now, order.store_id)
            await self._points.claw_back(order.member_id, amount, earned_at, available_at, source, session)

    def _source(self, order: Order, reason: PointReason) -> PointSource:
        reference = f"order:{order.id}:{order.points_version}"
        return PointSource(reference, reason, self._clock.now(), order.store_id)
