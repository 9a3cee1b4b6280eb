"""What a till needs to go on by itself while it cannot reach us; what it sold it sends later."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.members.model import RevokedCard
from app.members.service import MemberService
from app.offers.model import Offer
from app.offers.service import OfferService
from app.point_rules.model import PointCampaign, PointRules
from app.point_rules.service import PointRulesService
from app.shared.clock import Clock
from app.shared.paging import Page, PageRequest

OVERLAP = timedelta(minutes=2)  # what was under way when a snapshot was taken is in the next one


@dataclass(frozen=True, slots=True)
class PosSnapshot:
    """The rules of this moment. The next snapshot is asked for since `next_since`."""

    since: datetime | None
    taken_at: datetime
    next_since: datetime
    rules: PointRules
    campaigns: tuple[PointCampaign, ...]
    offers: tuple[Offer, ...]


class PosSnapshots:
    """Takes snapshots for tills."""

    def __init__(
        self, members: MemberService, rules: PointRulesService, offers: OfferService, clock: Clock
    ) -> None:
        self._members = members
        self._offers = offers
        self._rules = rules
        self._clock = clock

    async def take(self, since: datetime | None) -> PosSnapshot:
        """The rules of now, campaigns of now and to come, and the offers that are given now."""
        now = self._clock.now()
        held = await self._rules.since(now)
        offers = await self._offers.running()
        return PosSnapshot(since, now, now - OVERLAP, held.at(now), held.campaigns, tuple(offers))

    async def revoked_cards(self, since: datetime | None, request: PageRequest) -> Page[RevokedCard]:
        """Cards that are none any more since this moment, or since ever, the first revoked first."""
        return await self._members.revoked_cards(since, request)
