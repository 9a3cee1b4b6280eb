"""The points that an order is paid with, and those that it earns."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from app.orders.drafting import Draft
from app.orders.model import Order
from app.orders.states import OrderState
from app.points.errors import PointSpendNotFound
from app.points.model import PointAccount, PointEntry, PointReason, PointSource
from app.points.service import PointService
from app.shared.clock import Clock
from app.shared.mongodb.database import Session
from app.shared.mongodb.reading import Reading


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

    def reading_account(self, source: Reading[Order | None]) -> Reading[PointAccount | None]:
        """The account of the member whose order the source finds; None where there is no entry."""
        return self._points.reading_account_named(source, "member_id")

    async def earn(
        self, order: Order, account: PointAccount | None, available_at: datetime | None, session: Session
    ) -> None:
        """Awards what the collected order earns to the account as it was read; until then it is pending.

        Where the account has changed since, the transaction runs again.
        """
        if order.totals.points_to_earn:
            source = self._source(order, PointReason.ORDER)
            account = account or PointAccount(order.member_id)
            _, entries = self._points.earning(account, order.totals.points_to_earn, source, available_at)
            await self._points.add(entries, session)

    def reading_spendings(self, source: Reading[Order | None], order_id: str) -> Reading[list[PointEntry]]:
        """What was spent on this order, which is the one that the source finds, in each of its versions."""
        return self._points.reading_spendings_named(source, "points_member_id", f"order:{order_id}:")

    async def refund(
        self,
        order: Order,
        account: PointAccount | None,
        spendings: Iterable[PointEntry],
        returned: int,
        unearned: int,
        available_at: datetime | None,
        key: str,
        session: Session,
    ) -> None:
        """Returns some of what the order spent to the lots that it came from, and takes back what refunded
        pieces had earned, which can be spent from `available_at` on; what is not there is owed.

        Where the account has changed since it was read, all runs again. Raises PointSpendNotFound.
        """
        draft = self._points.draft(account or PointAccount(order.member_id))
        source = PointSource(f"refund:{key}", PointReason.REFUND, self._clock.now(), order.store_id)
        if returned:
            reference = self._source(order, PointReason.PAYMENT).reference
            spent = next((each for each in spendings if each.source.reference == reference), None)
            if spent is None:
                raise PointSpendNotFound
            returned_before = sum(refund.points for refund in order.refunds)
            draft.reverse_part(spent, returned_before, returned, source)
        if unearned:
            earned_at = next(move.moved_at for move in order.moves if move.state is OrderState.COLLECTED)
            taken = replace(source, reason=PointReason.ORDER_REFUNDED)
            draft.claw_back(unearned, earned_at, available_at, taken)
        await self._points.add(draft.entries, session)

    def _source(self, order: Order, reason: PointReason) -> PointSource:
        reference = f"order:{order.id}:{order.points_version}"
        return PointSource(reference, reason, self._clock.now(), order.store_id)
