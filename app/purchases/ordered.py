"""Orders ahead in the one history: each becomes a purchase when it is collected; returns are the order's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from app.members.rank_service import RankService
from app.members.service import MemberService
from app.point_rules.service import PointRulesService, RulesOfTime
from app.purchases.model import (
    AHEAD_TERMINAL,
    GivenBack,
    Purchase,
    PurchaseLine,
    PurchaseReturn,
    ReceiptLine,
    ReceiptName,
    ReturnedPieces,
)
from app.purchases.recording import PurchaseRecording
from app.purchases.reporting import ReceiptReports
from app.purchases.repository import PurchaseRepository
from app.purchases.return_repository import ReturnRepository
from app.purchases.returning import returned
from app.purchases.rewarding import PurchaseRewards, earning_receipt
from app.purchases.rules import day_of
from app.shared.channels import Channel
from app.shared.clock import Clock
from app.shared.database import Database, Session
from app.shared.ids import new_id
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class CollectedOrder:
    """What the history needs to know of an order. Its points are moved by the order itself."""

    order_id: str
    member_id: str
    store_id: str
    number: str
    collected_at: datetime
    lines: tuple[ReceiptLine, ...]
    points_used: int
    points_earned: int


class OrderPurchases:
    """Writes orders into the history, in their own transactions."""

    def __init__(
        self,
        database: Database,
        members: MemberService,
        ranks: RankService,
        stores: StoreService,
        rules: PointRulesService,
        reports: ReceiptReports,
        rewards: PurchaseRewards,
        recording: PurchaseRecording,
        clock: Clock,
    ) -> None:
        self._purchases = PurchaseRepository(database)
        self._returns = ReturnRepository(database)
        self._members = members
        self._ranks = ranks
        self._stores = stores
        self._rules = rules
        self._reports = reports
        self._rewards = rewards
        self._recording = recording
        self._clock = clock

    async def record(self, order: CollectedOrder, session: Session) -> None:
        """Records the order as a purchase at its store, with its miles."""
        member = await self._members.get(order.member_id, session)
        store = await self._stores.require(order.store_id, ["input", "orderId"], session)
        if member is None:
            raise LookupError(f"member {order.member_id} is gone")
        lines = await self._reports.described(order.lines)
        purchase = Purchase(
            id=new_id(),
            version=1,
            name=ReceiptName(Channel.STORE, order.store_id, AHEAD_TERMINAL, order.number),
            member_id=member.id,
            occurred_at=order.collected_at,
            received_at=order.collected_at,
            store_day=day_of(order.collected_at, ZoneInfo(store.time_zone)),
            rank_year=self._ranks.year_of(order.collected_at),
            lines=_sharing(lines, order.points_earned),
            total=sum(line.amount for line in lines),
            reported_by="orders",
            content_hash=order.order_id,
            points_used=order.points_used,
            rank=self._ranks.standing(member).rank,
            order_id=order.order_id,
        )
        rules = RulesOfTime(await self._rules.versions(session), ())
        earned = rules.earned(
            earning_receipt(purchase, await self._reports.paths()), self._ranks.standing(member).rank
        )
        purchase = replace(
            purchase,
            lines=tuple(
                replace(line, miles=share.miles) for line, share in zip(purchase.lines, earned, strict=True)
            ),
        )
        await self._rewards.add_miles(purchase, member, session)
        await self._recording.add(purchase, session)

    async def give_back(
        self,
        order_id: str,
        pieces: Sequence[ReturnedPieces],
        points_returned: int,
        points_taken: int,
        session: Session,
    ) -> None:
        """Notes what of an order was refunded, and takes its miles; its points were moved by the order."""
        purchase = await self._purchases.of_order(order_id, session)
        if purchase is None:
            return
        after, given_back = returned(purchase, pieces)
        given_back = replace(given_back, points_returned=points_returned, points_taken=points_taken)
        after = replace(
            after,
            points_returned=purchase.points_returned + points_returned,
            points_taken=purchase.points_taken + points_taken,
        )
        member = await self._members.get(purchase.member_id or "", session)
        if member is not None:
            await self._rewards.take_miles(purchase, member, given_back, session)
        recorded = self._new_return(after, tuple(pieces), given_back)
        await self._recording.change(after, given_back, recorded.id, purchase.name.store_id, session)
        await self._returns.add(recorded, session)

    def _new_return(
        self, purchase: Purchase, pieces: tuple[ReturnedPieces, ...], given_back: GivenBack
    ) -> PurchaseReturn:
        now = self._clock.now()
        number = f"{purchase.name.receipt_number}/{purchase.version}"
        return PurchaseReturn(
            id=new_id(),
            name=replace(purchase.name, receipt_number=number),
            purchase_id=purchase.id,
            pieces=pieces,
            given_back=given_back,
            occurred_at=now,
            received_at=now,
            reported_by="orders",
            content_hash="",
        )


def _sharing(lines: Sequence[ReceiptLine], points: int) -> tuple[PurchaseLine, ...]:
    """The lines with their shares of the points, by what they cost."""
    total = sum(line.amount for line in lines)
    so_far = accumulate((line.amount for line in lines), initial=0)
    shares = [points * amount // total if total else 0 for amount in so_far]
    return tuple(
        PurchaseLine(line, points=after - before)
        for line, (before, after) in zip(lines, pairwise(shares), strict=True)
    )
