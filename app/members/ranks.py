"""Pure decisions about ranks: which one a member holds, until when, and what is missing to the next.

A rank is earned by the miles of one calendar year. It is held until that year ends, and for some months of
grace after it; then it falls to the rank that the new year's miles have earned by that time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.members.model import Member, Rank
from app.members.rules import RANK_THRESHOLDS, rank_for


class RankReason(StrEnum):
    """Why a rank changed."""

    PURCHASE = "PURCHASE"
    RETURN = "RETURN"
    MERGE = "MERGE"
    YEAR_ENDED = "YEAR_ENDED"


@dataclass(frozen=True, slots=True)
class RankChange:
    """A change of a member's rank, number `seq` of hers. `reference` names what changed it, if anything."""

    id: str
    member_id: str
    seq: int
    before: Rank
    after: Rank
    reason: RankReason
    reference: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands at a moment. Miles are those of that year.

    `held_until` is when the rank ends unless it is earned anew; None for the lowest. `miles_to_keep` are
    missing to hold it a year longer, `miles_to_next` to the rank above it; None where there is none.
    """

    rank: Rank
    miles: int
    miles_to_next: int | None
    miles_to_keep: int | None
    held_until: datetime | None


@lru_cache(maxsize=100)
def _end_of_grace(time_zone: ZoneInfo, months: int, year: int) -> datetime:
    """When so many months have passed after the year; every card shown asks."""
    years, months = divmod(months, 12)
    return datetime(year + 1 + years, months + 1, 1, tzinfo=time_zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class RankRules:
    """The retailer's rules: its own calendar, and for how many months after a year its rank is held still."""

    time_zone: ZoneInfo
    grace_months: int

    def year_of(self, moment: datetime) -> int:
        """The year whose miles what happens then earns."""
        return moment.astimezone(self.time_zone).year

    def held_until(self, year: int) -> datetime:
        """When the rank that this year's miles earned ends."""
        return _end_of_grace(self.time_zone, self.grace_months, year)

    def rank_at(self, member: Member, moment: datetime) -> Rank:
        """The rank that her miles make at this moment."""
        return self._rank_in(self.year_of(moment), member, moment)

    def _rank_in(self, year: int, member: Member, moment: datetime) -> Rank:
        last_year = member.miles_in(year - 1) if moment < self.held_until(year - 1) else 0
        return rank_for(max(member.miles_in(year), last_year))

    def standing(self, member: Member, now: datetime) -> Standing:
        """Where she stands now."""
        year = self.year_of(now)
        rank, miles = self._rank_in(year, member, now), member.miles_in(year)
        is_earned_anew = miles >= RANK_THRESHOLDS[rank]
        above = [threshold for threshold in RANK_THRESHOLDS.values() if threshold > RANK_THRESHOLDS[rank]]
        return Standing(
            rank=rank,
            miles=miles,
            miles_to_next=min(above) - miles if above else None,
            miles_to_keep=None if rank is Rank.MEMBER else max(0, RANK_THRESHOLDS[rank] - miles),
            held_until=None if rank is Rank.MEMBER else self.held_until(year if is_earned_anew else year - 1),
        )

    def ended_ranks(
        self, member: Member, held: Rank, since: datetime, now: datetime
    ) -> list[tuple[Rank, datetime]]:
        """To which ranks she fell when years ended, and when, after `since`, from the rank she held then."""
        falls: list[tuple[Rank, datetime]] = []
        for year in range(self.year_of(since) - 2, self.year_of(now)):
            ended_at = self.held_until(year)
            rank = self.rank_at(member, ended_at)
            if since < ended_at <= now and RANK_THRESHOLDS[rank] < RANK_THRESHOLDS[held]:
                falls.append((rank, ended_at))
                held = rank
        return falls
