"""What members can do with purchases: look at them, add up what they spent, and claim a receipt."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.members.service import MemberService
from app.purchases.errors import ClaimAmbiguous, ClaimNotFound, TooManyClaims
from app.purchases.model import Purchase, PurchaseFilter, PurchaseReturn, Spending, SpendingBy
from app.purchases.reporting import ReceiptReports
from app.purchases.repository import PurchaseRepository
from app.purchases.return_repository import ReturnRepository
from app.purchases.rewarding import PurchaseRewards
from app.purchases.rules import MAXIMUM_LINES
from app.shared.clock import Clock
from app.shared.errors import SearchTooLong, Unauthenticated
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session
from app.shared.paging import Page, PageRequest
from app.shared.rate_limits import RateLimit, RateLimits

MAXIMUM_QUERY_LENGTH = 100
CLAIMABLE_FOR = timedelta(days=30)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # before this there are no purchases
LONGEST_SPENDING = timedelta(days=3 * 366)
FAILED_CLAIMS_OF_MEMBER = RateLimit("failed-claims", 5, timedelta(days=1))
FAILED_CLAIMS_FROM_NETWORK = RateLimit("failed-claims-from", 50, timedelta(hours=1))


class PurchaseHistory:
    """The use cases of members."""

    def __init__(
        self,
        database: Database,
        members: MemberService,
        reports: ReceiptReports,
        rewards: PurchaseRewards,
        limits: RateLimits,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._purchases = PurchaseRepository(database)
        self._returns = ReturnRepository(database)
        self._members = members
        self._reports = reports
        self._rewards = rewards
        self._limits = limits
        self._events = events
        self._clock = clock

    async def buyers_between(self, begins: datetime, ends: datetime) -> list[str]:
        """The members who bought from then until just before."""
        return await self._purchases.buyers_between(begins, ends)

    async def buyers_since(self, member_ids: Sequence[str], since: datetime) -> frozenset[str]:
        """Those of these members who have bought since then."""
        return await self._purchases.buyers_since(member_ids, since)

    async def get(self, purchase_id: str) -> Purchase | None:
        return await self._purchases.get(purchase_id)

    async def of_member(self, member_id: str, wanted: PurchaseFilter, request: PageRequest) -> Page[Purchase]:
        """The member's purchases, the newest first. Raises SearchTooLong and CursorInvalid."""
        if wanted.query is not None and len(wanted.query) > MAXIMUM_QUERY_LENGTH:
            raise SearchTooLong(path=["filter", "query"], maximum=MAXIMUM_QUERY_LENGTH)
        return await self._purchases.page(member_id, wanted, request)

    async def returns_of(self, purchase_id: str) -> list[PurchaseReturn]:
        """What was returned of a purchase, the oldest first: at most 200 returns."""
        return await self._returns.of_purchase(purchase_id, MAXIMUM_LINES)

    async def spending(
        self, member_id: str, by: SpendingBy, since: datetime | None, until: datetime | None
    ) -> list[Spending]:
        """What the member spent, less what she returned: the last twelve months unless told otherwise.

        Of a longer time than three years, the last three count.
        """
        end = max(until or self._clock.now(), EARLIEST)
        start = since or end - timedelta(days=365)
        return await self._purchases.spending(member_id, by, max(start, end - LONGEST_SPENDING), end)

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> int:
        """Makes a guest's purchases the member's, and says how many they were."""
        return await self._purchases.take_over(guest_id, member_id, session)

    async def claim(
        self, member_id: str, receipt_number: str, total: int, store_id: str | None, network: str
    ) -> Purchase:
        """Makes an anonymous purchase of the last 30 days the member's, once; what it earns is hers.

        Again, it is the same purchase. Five failures a day, and 50 an hour from one network, are all there
        are: each counts before it is looked at. Raises ClaimNotFound, ClaimAmbiguous and TooManyClaims.
        """
        failures = (
            self._limits.one(FAILED_CLAIMS_OF_MEMBER, member_id),
            self._limits.one(FAILED_CLAIMS_FROM_NETWORK, network),
        )
        for failure in failures:
            wait = await failure.take()
            if wait:
                raise TooManyClaims(wait_seconds=wait)
        purchase = await self._claimable(member_id, receipt_number, total, store_id)
        if purchase.member_id is None:
            purchase = await self._claim(member_id, purchase.id)
        for failure in failures:
            await failure.take_back()
        return purchase

    async def _claimable(
        self, member_id: str, receipt_number: str, total: int, store_id: str | None
    ) -> Purchase:
        found = await self._purchases.with_number(
            receipt_number[:100], total, store_id, self._clock.now() - CLAIMABLE_FOR, MAXIMUM_LINES
        )
        own = [each for each in found if each.member_id == member_id and each.claimed_at is not None]
        free = [each for each in found if each.member_id is None]
        if len(free) > 1:
            raise ClaimAmbiguous(path=["input", "storeId"])
        if not free and not own:
            raise ClaimNotFound(path=["input", "receiptNumber"], maximum_days=CLAIMABLE_FOR.days)
        return (free or own)[0]

    async def _claim(self, member_id: str, purchase_id: str) -> Purchase:
        paths = await self._reports.paths()
        found = await self._purchases.get(purchase_id)
        if found is None:
            raise LookupError(f"purchase {purchase_id} is gone")
        rules = await self._reports.rules_since(found.occurred_at)

        async def act(session: Session) -> Purchase:
            member = await self._members.get(member_id, session)
            purchase = await self._purchases.get(purchase_id, session)
            if member is None:
                raise Unauthenticated
            if purchase is None or purchase.member_id not in (None, member_id):
                raise ClaimNotFound(path=["input", "receiptNumber"], maximum_days=CLAIMABLE_FOR.days)
            if purchase.member_id == member_id:
                return purchase
            now = self._clock.now()
            claimed = await self._rewards.grant(purchase, member, rules, paths, session)
            claimed = replace(claimed, claimed_at=now, version=purchase.version + 1)
            await self._purchases.replace(claimed, session)
            data = {"purchase_id": claimed.id, "member_id": member_id, "store_id": claimed.name.store_id}
            await self._events.append(Event("PurchaseClaimed", f"purchase:{claimed.id}", now, data), session)
            return claimed

        return await self._database.transaction(act)
