"""The facts about members that conditions are evaluated on, gathered from wherever they are known.

Check-ins and orders stand above coupons, so they come through protocols.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from app.catalog.service import CatalogService
from app.coupons.redemption_repository import RedemptionRepository
from app.interests.model import InterestAspect, Interests
from app.interests.rules import NO_INTERESTS, liked
from app.interests.service import InterestService
from app.members.model import Member
from app.members.rank_service import RankService
from app.members.service import MemberService
from app.offers.conditions import LONGEST_LOOK_BACK_DAYS, MemberFacts, Spending
from app.shared.clock import Clock
from app.shared.database import Database
from app.shared.geo import GeoPoint

LOOK_BACK = timedelta(days=LONGEST_LOOK_BACK_DAYS)
PLACE_KNOWN_FOR = timedelta(hours=2)  # after a check-in
INTERESTED_FROM = 0.5  # 1 is worth a view at this moment


@dataclass(frozen=True, slots=True)
class Visit:
    """When a member was at a store, and where she then was."""

    at: datetime
    place: GeoPoint


class VisitHistory(Protocol):
    """Knows who visited when."""

    async def visits_of(self, member_ids: Sequence[str], since: datetime) -> Mapping[str, list[Visit]]:
        """The visits of each of these members, in any order."""
        ...


class SpendingHistory(Protocol):
    """Knows who bought when, and for how much."""

    async def spending_of(self, member_ids: Sequence[str], since: datetime) -> Mapping[str, list[Spending]]:
        """What each of these members bought, in any order."""
        ...


class FactGathering:
    """Gathers facts, the same for one member as for many."""

    def __init__(
        self,
        database: Database,
        members: MemberService,
        ranks: RankService,
        catalog: CatalogService,
        interests: InterestService,
        visits: VisitHistory,
        spending: SpendingHistory,
        clock: Clock,
        time_zone: ZoneInfo,
    ) -> None:
        self._redemptions = RedemptionRepository(database)
        self._members = members
        self._ranks = ranks
        self._catalog = catalog
        self._interests = interests
        self._visits = visits
        self._spending = spending
        self._clock = clock
        self._time_zone = time_zone

    async def of_member(self, member_id: str, place: GeoPoint | None = None) -> MemberFacts:
        """What is known of this member now; where she is, if the caller knows."""
        facts = await self.of_members(await self._members.get_many([member_id]), place)
        return facts[0] if facts else MemberFacts(member_id, self._local_time())

    async def of_members(self, members: Sequence[Member], place: GeoPoint | None = None) -> list[MemberFacts]:
        """What is known of these members now. Seven commands to MongoDB, however many they are."""
        ids = [member.id for member in members]
        since = self._clock.now() - LOOK_BACK
        visits, spending, used, interests = await asyncio.gather(
            self._visits.visits_of(ids, since),
            self._spending.spending_of(ids, since),
            self._redemptions.used_offers(ids),
            self._interests_of(members),
        )
        local_time = self._local_time()
        return [
            MemberFacts(
                member_id=member.id,
                local_time=local_time,
                rank=standing.rank,
                miles=standing.miles,
                registered_at=member.registered_at,
                birthday=member.profile.birthday,
                visits=tuple(visit.at for visit in visits.get(member.id, ())),
                purchases=tuple(spending.get(member.id, ())),
                interested_categories=interests[member.id][0],
                interested_brands=interests[member.id][1],
                place=place or self._last_place(visits.get(member.id, [])),
                used_offers=frozenset(used.get(member.id, ())),
            )
            for member, standing in ((each, self._ranks.standing(each)) for each in members)
        ]

    async def _interests_of(
        self, members: Sequence[Member]
    ) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        """The categories, with those above them, and the brands that each member marked or likes."""
        now = self._clock.now()
        interests = await self._interests.of_members([member.id for member in members])
        tree = await self._catalog.categories()
        found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        for member in members:
            own = interests.get(member.id, NO_INTERESTS)
            marked = [*member.profile.favourite_categories, *_liked(own, InterestAspect.CATEGORY, now)]
            categories = {above.id for each in marked for above in tree.path(each)}
            found[member.id] = frozenset(categories), frozenset(_liked(own, InterestAspect.BRAND, now))
        return found

    def _last_place(self, visits: Sequence[Visit]) -> GeoPoint | None:
        last = max(visits, key=lambda visit: visit.at, default=None)
        return last.place if last and last.at >= self._clock.now() - PLACE_KNOWN_FOR else None

    def _local_time(self) -> datetime:
        return self._clock.now().astimezone(self._time_zone)


def _liked(interests: Interests, aspect: InterestAspect, now: datetime) -> list[str]:
    """What she likes at least as much as what she viewed 60 days ago."""
    return [key for key, weight in liked(interests, aspect, now).items() if weight >= INTERESTED_FROM]
