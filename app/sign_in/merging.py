"""Making one member of two: a guest becomes part of the member that she turns out to be."""

from app.beacons.service import BeaconService
from app.carts.service import CartService
from app.check_ins.service import CheckInService
from app.coupons.taking_over import CouponTakeover
from app.decisions.log import DecisionLog
from app.inbox.service import InboxService
from app.interests.service import InterestService
from app.members.model import Member
from app.members.rank_service import RankService
from app.members.service import MemberService
from app.orders.service import OrderService
from app.points.service import PointService
from app.purchases.history import PurchaseHistory
from app.search_history.service import SearchHistoryService
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session
from app.sign_in.model import GuestMerge
from app.sign_in.repository import MergeRepository


class GuestMerging:
    """Moves what a guest has to a member, within the transaction that signs her in."""

    def __init__(
        self,
        database: Database,
        members: MemberService,
        ranks: RankService,
        points: PointService,
        check_ins: CheckInService,
        purchases: PurchaseHistory,
        orders: OrderService,
        carts: CartService,
        coupons: CouponTakeover,
        search_history: SearchHistoryService,
        inbox: InboxService,
        interests: InterestService,
        beacons: BeaconService,
        decision_log: DecisionLog,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._merges = MergeRepository(database)
        self._members = members
        self._ranks = ranks
        self._points = points
        self._check_ins = check_ins
        self._purchases = purchases
        self._orders = orders
        self._carts = carts
        self._coupons = coupons
        self._search_history = search_history
        self._inbox = inbox
        self._interests = interests
        self._beacons = beacons
        self._decision_log = decision_log
        self._events = events
        self._clock = clock

    async def merge(self, guest_id: str, member_id: str, session: Session) -> tuple[Member, GuestMerge]:
        """Points, miles, check-ins, orders, the cart, favourites, interests and inbox become hers, once.

        The guest is closed. Check-ins that the member could not have made herself stay behind, and the
        points that were awarded for them are withdrawn: being two does not pay. Raises Unauthenticated when
        the guest was merged or signed up before.
        """
        guest, member = await self._members.merge(guest_id, member_id, session)
        member = await self._ranks.merge(guest, member, session)
        check_ins = await self._check_ins.take_over(guest_id, member_id, session)
        moved, withdrawn = await self._points.merge(guest_id, member_id, check_ins.unearned_points, session)
        purchases = await self._purchases.take_over(guest_id, member_id, session)
        orders = await self._orders.take_over(guest_id, member_id, session)
        await self._carts.merge(guest_id, member_id, session)
        coupons = await self._coupons.take_over(guest_id, member_id, session)
        await self._search_history.merge(guest_id, member_id, session)
        await self._inbox.take_over(guest_id, member_id, session)
        await self._interests.merge(guest_id, member_id, session)
        await self._beacons.end(guest_id, session)
        await self._decision_log.merge(guest_id, member_id, coupons > 0, session)
        merge = GuestMerge(
            guest_id=guest_id,
            member_id=member_id,
            points_moved=moved,
            points_withdrawn=withdrawn,
            check_ins_moved=len(check_ins.accepted),
            check_ins_declined=len(check_ins.declined),
            purchases_moved=purchases,
            orders_moved=orders,
            merged_at=self._clock.now(),
        )
        await self._merges.add(merge, session)
        await self._events.append(
            Event(
                "GuestMerged",
                f"member:{member_id}",
                merge.merged_at,
                {"guest_id": guest_id, "points": moved, "check_ins": merge.check_ins_moved},
            ),
            session,
        )
        return member, merge
