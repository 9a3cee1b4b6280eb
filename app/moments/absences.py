"""Notices who was not seen for as many days as an offer says: once an absence."""

from datetime import datetime, timedelta

from app.check_ins.service import CheckInService
from app.decisions.model import Moment
from app.decisions.service import OfferDecisions
from app.members.service import MemberService
from app.moments.windows import Windows
from app.offers.conditions import AbsentFor, leaves
from app.offers.model import OfferMoment
from app.offers.service import OfferService
from app.purchases.history import PurchaseHistory


class Absences:
    """Goes through those who visited, bought or registered so many days ago, an hour of that day at a time.

    Whoever was seen since does not meet the offer's own condition, so each absence comes up once.
    """

    def __init__(
        self,
        windows: Windows,
        offers: OfferService,
        members: MemberService,
        check_ins: CheckInService,
        purchases: PurchaseHistory,
        decisions: OfferDecisions,
    ) -> None:
        self._windows = windows
        self._offers = offers
        self._members = members
        self._check_ins = check_ins
        self._purchases = purchases
        self._decisions = decisions

    async def notice(self) -> int:
        """Has those decided who became absent since the last time; says how many were looked at."""
        noticed = 0
        for days in await self._asked_days():
            async for begins, ends in self._windows.due(f"absences-{days}", timedelta(days=days)):
                for member_id in await self._seen(begins, ends):
                    source = f"absence:{days}:{begins.isoformat()}:{member_id}"
                    await self._decisions.decide(Moment(OfferMoment.ABSENCE, source, member_id))
                    noticed += 1
        return noticed

    async def _asked_days(self) -> list[int]:
        """After how many days offers want to be given."""
        days: set[int] = set()
        for offer in await self._offers.given_at(OfferMoment.ABSENCE):
            condition = await self._offers.evaluable(offer.terms.issued_if)
            days |= {leaf.days for leaf in leaves(condition) if isinstance(leaf, AbsentFor)}
        return sorted(days)

    async def _seen(self, begins: datetime, ends: datetime) -> list[str]:
        """Who was seen in this hour, or got her card."""
        visitors = await self._check_ins.visitors_between(begins, ends)
        buyers = await self._purchases.buyers_between(begins, ends)
        new = await self._members.registered_between(begins, ends)
        return sorted({*visitors, *buyers, *new})
