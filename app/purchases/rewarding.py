"""What a purchase does to its member's account: points used and earned, miles, and all of it back again."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.members.model import Member
from app.members.rank_service import RankService
from app.members.ranks import RankReason
from app.members.service import MemberService
from app.point_rules.model import EarningLine, EarningReceipt
from app.point_rules.service import RulesOfTime
from app.points.model import PointReason, PointSource
from app.points.service import PointService
from app.purchases.model import GivenBack, Purchase
from app.purchases.rules import available_at
from app.shared.clock import Clock
from app.shared.mongodb.database import Session

Paths = dict[str, tuple[str, ...]]  # of each category, from the topmost one down to itself


class PurchaseRewards:
    """Moves points and miles along with a purchase, in its transaction."""

    def __init__(
        self,
        members: MemberService,
        ranks: RankService,
        points: PointService,
        clock: Clock,
        time_zone: ZoneInfo,
        return_days: int,
    ) -> None:
        self._members = members
        self._ranks = ranks
        self._points = points
        self._clock = clock
        self._time_zone = time_zone
        self._return_days = return_days

    async def grant(
        self, purchase: Purchase, member: Member, rules: RulesOfTime, paths: Paths, session: Session
    ) -> Purchase:
        """The purchase as the member's: the points she used are taken, what it earns by the rules is hers.

        By the rank that she held when she bought. Raises PointBalanceLimit and PointLotLimit.
        """
        rank = await self._ranks.rank_then(member, purchase.occurred_at, session)
        shares = rules.earned(earning_receipt(purchase, paths), rank)
        after = replace(
            self.with_pending(purchase),
            member_id=member.id,
            rank=rank,
            spent_by=member.id if purchase.points_used else None,
            lines=tuple(
                replace(line, points=share.points, miles=share.miles)
                for line, share in zip(purchase.lines, shares, strict=True)
            ),
        )
        after = replace(after, points_taken=after.share_of_returned)
        source = _source(after, f"purchase:{after.id}", PointReason.PURCHASE, after.occurred_at)
        if after.points_used:
            used = replace(source, reason=PointReason.PAYMENT)
            await self._points.debit(member.id, after.points_used, used, session)
        if after.points_earned:
            await self._points.earn(
                member.id, after.points_earned, source, session, available_at=after.points_available_at
            )
        await self.add_miles(after, member, session)
        return after

    def with_pending(self, purchase: Purchase) -> Purchase:
        """The purchase with the moment from which its points can be spent."""
        available = available_at(purchase.occurred_at, self._return_days, self._time_zone, self._clock.now())
        return replace(purchase, points_available_at=available)

    async def add_miles(self, purchase: Purchase, member: Member, session: Session) -> None:
        """Gives the member the purchase's miles, in the year in which she bought."""
        if purchase.miles_earned:
            miles = {purchase.rank_year: purchase.miles_earned}
            await self._ranks.add_miles(member, miles, RankReason.PURCHASE, purchase.id, session)

    async def take_back(
        self,
        purchase: Purchase,
        given_back: GivenBack,
        returned_before: int,
        key: str,
        returned_at: datetime,
        session: Session,
    ) -> None:
        """Returns points that paid to their lots, and then takes what the returned pieces had earned."""
        member = await self._members.get(purchase.member_id, session) if purchase.member_id else None
        if member is None:
            return
        reference = f"return:{key}"
        refund = _source(purchase, reference, PointReason.REFUND, returned_at)
        draft = self._points.draft(await self._points.newest(member.id, session))
        if given_back.points_returned:
            spent_by = purchase.spent_by or member.id
            spent = await self._points.spending(spent_by, f"purchase:{purchase.id}", session)
            draft.reverse_part(spent, returned_before, given_back.points_returned, refund)
        if given_back.points_taken:
            taken = replace(refund, reason=PointReason.PURCHASE_RETURNED)
            draft.claw_back(
                given_back.points_taken, purchase.occurred_at, purchase.points_available_at, taken
            )
        await self._points.add(draft.entries, session)
        await self.take_miles(purchase, member, given_back, session)

    async def take_miles(
        self, purchase: Purchase, member: Member, given_back: GivenBack, session: Session
    ) -> None:
        if given_back.miles_taken:
            miles = {purchase.rank_year: -given_back.miles_taken}
            await self._ranks.add_miles(member, miles, RankReason.RETURN, purchase.id, session)


def _source(purchase: Purchase, reference: str, reason: PointReason, occurred_at: datetime) -> PointSource:
    return PointSource(reference, reason, occurred_at, purchase.name.store_id)


def earning_receipt(purchase: Purchase, paths: Paths) -> EarningReceipt:
    return EarningReceipt(
        occurred_at=purchase.occurred_at,
        channel=purchase.name.channel,
        store_id=purchase.name.store_id,
        lines=tuple(
            EarningLine(
                amount=line.item.amount,
                tax_rate=line.item.tax_rate,
                category_path=paths.get(line.item.category_id, ()) if line.item.category_id else (),
                is_gift_card=line.item.is_gift_card,
            )
            for line in purchase.lines
        ),
        points_used=purchase.points_used,
    )
