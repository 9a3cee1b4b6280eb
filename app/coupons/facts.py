"""The facts about members that conditions are evaluated on, gathered from wherever they are known.

Check-ins and orders stand above coupons, so they come through protocols.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.catalog.category_tree import CategoryTree
from app.catalog.service import CatalogService
from app.coupons.redemption_repository import RedemptionRepository
from app.interests.model import InterestAspect, Interests
from app.interests.rules import NO_INTERESTS, liked
from app.interests.service import InterestService
from app.members.model import Member
from app.members.rank_service import RankService
from app.members.service import MemberService
from app.offers.conditions import LONGEST_LOOK_BACK_DAYS, MemberFacts, Spending
from app.offers.needed_facts import ALL_FACTS, Fact
from app.shared.clock import Clock
from app.shared.geo import GeoPoint
from app.shared.mongodb.database import Database
from app.shared.mongodb.reading import Found, Joined, Reading, known, read_together

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

    def reading_visits(self, member_ids: Sequence[str], since: datetime) -> Reading[dict[str, list[Visit]]]:
        """The visits of each of these members, in any order."""
        ...


class SpendingHistory(Protocol):
    """Knows who bought when, and for how much."""

    def reading_spending(
        self, member_ids: Sequence[str], since: datetime
    ) -> Reading[dict[str, list[Spending]]]:
        """What each of these members bought, in any order."""
        ...


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of members, by their ids, and the categories of this moment."""

    visits: dict[str, list[Visit]]
    spending: dict[str, list[Spending]]
    used: dict[str, frozenset[str]]
    interests: dict[str, Interests]
    categories: CategoryTree


class FactGathering:
    """Gathers facts, the same for one member as for many, by one command to MongoDB."""

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
        self._database = database
        self._redemptions = RedemptionRepository(database)
        self._members = members
        self._ranks = ranks
        self._catalog = catalog
        self._interests = interests
        self._visits = visits
        self._spending = spending
        self._clock = clock
        self._time_zone = time_zone

    async def of_member(self, member_id: str) -> MemberFacts:
        """What is known of this member now."""
        facts = await self.reading(member_id, None, self._interests.reading([member_id]))
        return (await read_together(self._database, facts))[facts]

    async def of_members(self, members: Sequence[Member], needed: frozenset[Fact]) -> list[MemberFacts]:
        """What is known of these members now, of what is needed; the rest is as of who never did a thing."""
        ids = [member.id for member in members]
        reading = await self._reading(ids, self._interests.reading(ids), needed)
        found = (await read_together(self._database, reading))[reading]
        return [self._facts(member, found, None) for member in members]

    async def reading(
        self, member_id: str, place: GeoPoint | None, interests: Joined[dict[str, Interests]]
    ) -> Joined[MemberFacts]:
        """What is known of this member, her interests being read thus; where she is, if the caller knows."""
        reading = await self._reading([member_id], interests)
        own = self._members.reading(member_id)

        def facts(found: Found) -> MemberFacts:
            member = found[own]
            if member is None:
                return MemberFacts(member_id, self._local_time())
            return self._facts(member, found[reading], place)

        return Joined([own, reading], facts)

    async def _reading(
        self,
        member_ids: Sequence[str],
        interests: Joined[dict[str, Interests]],
        needed: frozenset[Fact] = ALL_FACTS,
    ) -> Joined[_Known]:
        since = self._clock.now() - LOOK_BACK
        nobody: Joined[dict[str, Any]] = known({})
        visits = self._visits.reading_visits(member_ids, since) if Fact.VISITS in needed else nobody
        spending = self._spending.reading_spending(member_ids, since) if Fact.PURCHASES in needed else nobody
        used = self._redemptions.reading_used_offers(member_ids) if Fact.USED_OFFERS in needed else nobody
        interests = interests if Fact.INTERESTS in needed else nobody
        categories = await self._catalog.categories()
        return Joined(
            [visits, spending, used, interests],
            lambda found: _Known(found[visits], found[spending], found[used], found[interests], categories),
        )

    def _facts(self, member: Member, found: _Known, place: GeoPoint | None) -> MemberFacts:
        visits = found.visits.get(member.id, ())
        standing = self._ranks.standing(member)
        own, now = found.interests.get(member.id, NO_INTERESTS), self._clock.now()
        marked = [*member.profile.favourite_categories, *_liked(own, InterestAspect.CATEGORY, now)]
        return MemberFacts(
            member_id=member.id,
            local_time=self._local_time(),
            rank=standing.rank,
            miles=standing.miles,
            registered_at=member.registered_at,
            birthday=member.profile.birthday,
            visits=tuple(visit.at for visit in visits),
            purchases=tuple(found.spending.get(member.id, ())),
            interested_categories=frozenset(
                above.id for each in marked for above in found.categories.path(each)
            ),
            interested_brands=frozenset(_liked(own, InterestAspect.BRAND, now)),
            place=place or self._last_place(visits),
            used_offers=found.used.get(member.id, frozenset()),
        )

    def _last_place(self, visits: Sequence[Visit]) -> GeoPoint | None:
        last = max(visits, key=lambda visit: visit.at, default=None)
        return last.place if last and last.at >= self._clock.now() - PLACE_KNOWN_FOR else None

    def _local_time(self) -> datetime:
        return self._clock.now().astimezone(self._time_zone)


def _liked(interests: Interests, aspect: InterestAspect, now: datetime) -> list[str]:
    """What she likes at least as much as what she viewed 60 days ago."""
    return [key for key, weight in liked(interests, aspect, now).items() if weight >= INTERESTED_FROM]
