"""Orders ahead in the one history: each becomes a purchase when it is collected; returns are the order's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.catalog.model import Product
from app.catalog.service import CatalogService
from app.members.model import Member
from app.members.rank_service import RankService
from app.members.service import MemberService
from app.point_rules.model import CouponReward
from app.point_rules.service import PointRulesService, RulesOfTime
from app.purchases.coupon_rewards import with_coupons
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
from app.purchases.reporting import Goods, ReceiptReports
from app.purchases.repository import PurchaseRepository
from app.purchases.return_repository import ReturnRepository
from app.purchases.returning import returned
from app.purchases.rewarding import PurchaseRewards, earning_receipt
from app.purchases.rules import day_of
from app.shared.channels import Channel
from app.shared.clock import Clock
from app.shared.events import Event
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Joined, Reading
from app.stores.known_stores import KnownStores


@dataclass(frozen=True, slots=True)
class CollectedOrder:
    """What the history needs to know of an order. `coupons` name its lines by their place among them."""

    order_id: str
    member_id: str
    store_id: str
    number: str
    collected_at: datetime
    lines: tuple[ReceiptLine, ...]
    points_used: int
    coupons: tuple[CouponReward, ...] = ()


@dataclass(frozen=True, slots=True)
class PurchaseBasis:
    """What an order is recorded by: its member, the products of its lines, and the rules of now."""

    member: Member | None
    products: tuple[Product, ...]
    rules: RulesOfTime


class OrderPurchases:
    """Writes orders into the history, in their own transactions."""

    def __init__(
        self,
        database: Database,
        members: MemberService,
        ranks: RankService,
        catalog: CatalogService,
        stores: KnownStores,
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
        self._catalog = catalog
        self._stores = stores
        self._rules = rules
        self._reports = reports
        self._rewards = rewards
        self._recording = recording
        self._clock = clock

    async def foreseen(self, order: CollectedOrder, member: Member) -> list[int]:
        """The points that each line would earn if it were bought now, coupons and all. Nothing is read but
        the rules, which are at most 10 s old: the lines are to name their categories.
        """
        purchase = self._purchase_of(order, member, list(order.lines), order.collected_at.date())
        rules = await self._rules.of_now()
        earned = await self._earning(purchase, member, rules, order.coupons)
        return [line.points for line in earned.lines]

    def reading_basis(
        self, source: Reading[object], member_field: str, sku_field: str
    ) -> Joined[PurchaseBasis]:
        """What the purchase is recorded by that the source finds, which names its member and SKUs so."""
        member = self._members.reading_named(source, member_field)
        products = self._catalog.reading_named(source, sku_field)
        rules = self._rules.reading_since(self._clock.now())
        return Joined(
            [member, products, rules],
            lambda found: PurchaseBasis(found[member], tuple(found[products]), found[rules]),
        )

    async def record(
        self, order: CollectedOrder, basis: PurchaseBasis, session: Session
    ) -> tuple[Purchase, Event]:
        """Records the order as a purchase at its store, with its miles and what it earns by the rules.

        Where the member's miles have changed since the basis was read, the transaction runs again. The points
        themselves are moved by the order, which tells of the purchase, too.
        """
        member, rules = basis.member, basis.rules
        store = await self._stores.require(order.store_id, ["input", "orderId"])
        if member is None:
            raise LookupError(f"member {order.member_id} is gone")
        goods = Goods(basis.products)
        lines = [goods.described(line) for line in order.lines]
        store_day = day_of(order.collected_at, ZoneInfo(store.time_zone))
        purchase = await self._earning(
            self._purchase_of(order, member, lines, store_day), member, rules, order.coupons
        )
        purchase = self._rewards.with_pending(purchase)
        await self._rewards.add_miles(purchase, member, session)
        return purchase, await self._recording.add(purchase, session)

    def _purchase_of(
        self, order: CollectedOrder, member: Member, lines: Sequence[ReceiptLine], store_day: date
    ) -> Purchase:
        return Purchase(
            id=new_id(),
            version=1,
            name=ReceiptName(Channel.STORE, order.store_id, AHEAD_TERMINAL, order.number),
            member_id=member.id,
            occurred_at=order.collected_at,
            received_at=order.collected_at,
            store_day=store_day,
            rank_year=self._ranks.year_of(order.collected_at),
            lines=tuple(PurchaseLine(line) for line in lines),
            total=sum(line.amount for line in lines),
            reported_by="orders",
            content_hash=order.order_id,
            points_used=order.points_used,
            rank=self._ranks.standing(member).rank,
            order_id=order.order_id,
        )

    async def _earning(
        self, purchase: Purchase, member: Member, rules: RulesOfTime, coupons: Sequence[CouponReward]
    ) -> Purchase:
        """The purchase with what its lines earn."""
        receipt = earning_receipt(purchase, await self._reports.paths())
        earned = rules.earned(receipt, self._ranks.standing(member).rank)
        lines = tuple(
            replace(line, points=share.points, miles=share.miles)
            for line, share in zip(purchase.lines, earned, strict=True)
        )
        return with_coupons(replace(purchase, lines=lines), coupons)

    def reading_purchase(self, order_id: str) -> Joined[tuple[Purchase | None, Member | None]]:
        """The purchase that the order became when it was collected, with its member."""
        purchase = self._purchases.reading_of_order(order_id)
        member = self._members.reading_named(purchase, "member_id")
        return Joined([purchase, member], lambda found: (found[purchase], found[member]))

    async def give_back(
        self,
        purchase: Purchase,
        member: Member | None,
        pieces: Sequence[ReturnedPieces],
        points_returned: int,
        session: Session,
    ) -> tuple[int, Event]:
        """Notes what of an order was refunded, and takes its miles from the member, as both were read.

        Where one has changed since, the transaction runs again. Returns how many points its pieces had
        earned: the order takes them back, and tells of the return.
        """
        after, given_back = returned(purchase, pieces)
        given_back = replace(given_back, points_returned=points_returned)
        after = replace(after, points_returned=purchase.points_returned + points_returned)
        if member is not None:
            await self._rewards.take_miles(purchase, member, given_back, session)
        recorded = self._new_return(after, tuple(pieces), given_back)
        told = await self._recording.change(after, given_back, recorded.id, purchase.name.store_id, session)
        await self._returns.add(recorded, session)
        return given_back.points_taken, told

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
