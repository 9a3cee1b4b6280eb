"""Gives purchases the points that coupons at their tills bring, and takes them when a use is taken back.

A till uses a coupon and reports the receipt in any order, and through different queues. So the events of
both are followed: whichever comes later finds the other one.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog

from app.coupons.model import Redemption
from app.coupons.receipts import ReceiptUses, named_receipt, receipt_owner
from app.point_rules.model import CouponReward
from app.points.model import PointReason, PointSource
from app.points.service import PointService
from app.purchases.coupon_rewards import with_coupons
from app.purchases.model import Purchase, ReceiptName
from app.purchases.repository import PurchaseRepository
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.mongodb.database import Database, Session
from app.stores.service import StoreService

READER = "coupon-points"
EVENTS_AT_ONCE = 20

log = structlog.get_logger(__name__)


class Told(Protocol):
    """An event."""

    @property
    def type(self) -> str: ...

    @property
    def data(self) -> Mapping[str, Any]: ...


class EventFeed(Protocol):
    """Reads events on, each once. They stand above purchases."""

    async def read_on(
        self, reader: str, types: Collection[str], limit: int, session: Session
    ) -> Sequence[Told]: ...


class CouponPoints:
    """Follows purchases and the uses of coupons at tills."""

    def __init__(
        self,
        database: Database,
        feed: EventFeed,
        uses: ReceiptUses,
        stores: StoreService,
        points: PointService,
        clock: Clock,
    ) -> None:
        self._database = database
        self._feed = feed
        self._uses = uses
        self._stores = stores
        self._points = points
        self._clock = clock
        self._purchases = PurchaseRepository(database)
        self._settle: dict[str, Callable[[Mapping[str, Any], Session], Awaitable[None]]] = {
            "CouponRedeemed": self._settle_use,
            "RedemptionRolledBack": self._settle_use,
            "PurchaseRecorded": self._settle_purchase,
            "PurchaseClaimed": self._settle_purchase,
        }

    async def follow(self) -> int:
        """Settles what the events since the last time are about; says how many those were."""
        settled = 0
        while done := await self._database.transaction(self._follow_some):
            settled += done
        return settled

    async def _follow_some(self, session: Session) -> int:
        events = await self._feed.read_on(READER, self._settle, EVENTS_AT_ONCE, session)
        for event in events:
            await self._settle[event.type](event.data, session)
        return len(events)

    async def _settle_use(self, data: Mapping[str, Any], session: Session) -> None:
        owner = await self._uses.owner_of(data["redemption_id"], session)
        if owner is None:
            return  # an order's, which has its points with its collection
        store_id, terminal, number = named_receipt(owner)
        store = await self._stores.get(store_id)
        if store is None:
            return
        name = ReceiptName(store.channel, store_id, terminal, number)
        purchase = await self._purchases.by_name(name, session)
        if purchase is not None:
            await self._give(purchase, await self._uses.of(owner, session), session)

    async def _settle_purchase(self, data: Mapping[str, Any], session: Session) -> None:
        purchase = await self._purchases.get(data["purchase_id"], session)
        if purchase is None or purchase.order_id is not None or purchase.name.store_id is None:
            return
        name = purchase.name
        owner = receipt_owner(purchase.name.store_id, name.terminal, name.receipt_number)
        await self._give(purchase, await self._uses.of(owner, session), session)

    async def _give(self, purchase: Purchase, uses: Sequence[Redemption], session: Session) -> None:
        """Earns or takes what the purchase's own member gets by her own coupons, beyond what she has."""
        if purchase.member_id is None:
            return
        rewards = [_reward(use, purchase) for use in uses if use.member_id == purchase.member_id]
        after = with_coupons(purchase, rewards)
        if after == purchase:
            return
        after = replace(after, version=purchase.version + 1)
        source = PointSource(
            f"coupons:{purchase.id}:{after.version}",
            PointReason.COUPON,
            purchase.occurred_at,
            purchase.name.store_id,
        )
        try:
            await self._move(purchase, after.points_earned - purchase.points_earned, source, session)
        except Refusal as refusal:  # her account holds no more: nothing was written
            log.warning("coupon_points_not_given", purchase_id=purchase.id, code=refusal.code)
            return
        await self._purchases.replace(after, session)

    async def _move(self, purchase: Purchase, points: int, source: PointSource, session: Session) -> None:
        member_id, available_at = purchase.member_id or "", purchase.points_available_at
        if points > 0:
            is_pending = available_at is not None and available_at > self._clock.now()
            await self._points.earn(
                member_id, points, source, session, available_at=available_at if is_pending else None
            )
        elif points < 0:
            await self._points.claw_back(
                member_id, -points, purchase.occurred_at, available_at, source, session
            )


def _reward(use: Redemption, purchase: Purchase) -> CouponReward:
    lines = None
    if use.points_sku_ids is not None:
        sku_ids = frozenset(use.points_sku_ids)
        lines = frozenset(number for number, line in enumerate(purchase.lines) if line.item.sku_id in sku_ids)
    return CouponReward(use.points_multiplier, use.bonus_points, lines)
