"""Conditions: who may have an offer and who may use it, as a tree that pure functions evaluate.

The same tree decides when coupons are issued, when they are used, and whom a preview counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.members.model import Rank
from app.members.rules import RANK_THRESHOLDS
from app.shared.geo import GeoPoint, distance_meters

LONGEST_LOOK_BACK_DAYS = 365  # how far back visits and purchases are among the facts


@dataclass(frozen=True, slots=True)
class Spending:
    """What a member bought at one time and did not return, in yen."""

    at: datetime
    yen: int


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What is known of a member at one moment, of the last 365 days.

    `local_time` is the moment by the retailer's own clock. `interests` are codes of categories, with those
    above them, and brands. `place` is where she is, if that is known. `used_offers` were ever redeemed.
    """

    member_id: str
    local_time: datetime
    rank: Rank = Rank.MEMBER
    miles: int = 0
    registered_at: datetime | None = None
    birthday: date | None = None
    visits: tuple[datetime, ...] = ()
    purchases: tuple[Spending, ...] = ()
    interested_categories: frozenset[str] = frozenset()
    interested_brands: frozenset[str] = frozenset()
    place: GeoPoint | None = None
    used_offers: frozenset[str] = frozenset()

    @property
    def last_seen(self) -> datetime | None:
        """When she last visited or bought."""
        return max((*self.visits, *(each.at for each in self.purchases)), default=None)


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each of these holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    condition: "Condition"


@dataclass(frozen=True, slots=True)
class RankAtLeast:
    rank: Rank


@dataclass(frozen=True, slots=True)
class MilesAtLeast:
    miles: int


@dataclass(frozen=True, slots=True)
class InSegment:
    """The condition of the segment with this code holds; it is put in its place before it is evaluated."""

    segment: str


@dataclass(frozen=True, slots=True)
class SeenWithin:
    """She visited or bought within so many days."""

    days: int


@dataclass(frozen=True, slots=True)
class AbsentFor:
    """She was there before, or registered, and not seen for so many days."""

    days: int


@dataclass(frozen=True, slots=True)
class VisitsAtLeast:
    times: int
    days: int


@dataclass(frozen=True, slots=True)
class BoughtAtLeast:
    """She bought so many times and kept something of it."""

    times: int
    days: int


@dataclass(frozen=True, slots=True)
class SpentAtLeast:
    yen: int
    days: int


@dataclass(frozen=True, slots=True)
class BirthdayMonth:
    """It is the month of her birthday."""


@dataclass(frozen=True, slots=True)
class InterestedInCategory:
    category_id: str


@dataclass(frozen=True, slots=True)
class InterestedInBrand:
    brand: str


@dataclass(frozen=True, slots=True)
class NearStore:
    """She is within so many metres of a store, whose place was looked up when this was saved."""

    store_id: str
    radius_meters: int
    place: GeoPoint


@dataclass(frozen=True, slots=True)
class OnWeekdays:
    """It is one of these days; Monday is 0."""

    weekdays: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BetweenHours:
    """It is from this hour until just before that one, perhaps over midnight."""

    from_hour: int
    until_hour: int


@dataclass(frozen=True, slots=True)
class NewWithin:
    """She got her card within so many days."""

    days: int


@dataclass(frozen=True, slots=True)
class HasUsed:
    """She has used a coupon of this offer."""

    offer_id: str


Leaf = (
    RankAtLeast
    | MilesAtLeast
    | InSegment
    | SeenWithin
    | AbsentFor
    | VisitsAtLeast
    | BoughtAtLeast
    | SpentAtLeast
    | BirthdayMonth
    | InterestedInCategory
    | InterestedInBrand
    | NearStore
    | OnWeekdays
    | BetweenHours
    | NewWithin
    | HasUsed
)
Condition = AllOf | AnyOf | Not | Leaf


def holds(condition: Condition | None, facts: MemberFacts) -> bool:
    """Whether the condition holds for these facts; none always does, and what is not known does not hold."""
    match condition:
        case None:
            return True
        case AllOf(conditions=conditions):
            return all(holds(each, facts) for each in conditions)
        case AnyOf(conditions=conditions):
            return any(holds(each, facts) for each in conditions)
        case Not(condition=inner):
            return not holds(inner, facts)
        case _:
            return _leaf_holds(condition, facts)


def reasons(condition: Condition | None, facts: MemberFacts) -> Iterator[Leaf]:
    """The leaves that hold, outside of any `Not`: why a condition that holds does so."""
    match condition:
        case None | Not():
            return
        case AllOf(conditions=conditions) | AnyOf(conditions=conditions):
            for each in conditions:
                if holds(each, facts):
                    yield from reasons(each, facts)
        case _:
            yield condition


def leaves(condition: Condition | None) -> Iterator[Leaf]:
    """Every leaf of the tree."""
    match condition:
        case None:
            return
        case AllOf(conditions=conditions) | AnyOf(conditions=conditions):
            for each in conditions:
                yield from leaves(each)
        case Not(condition=inner):
            yield from leaves(inner)
        case _:
            yield condition


def is_within_hours(value: int, first: int, last: int) -> bool:
    """Whether a time of the day lies from the first until just before the last, perhaps over midnight."""
    if first <= last:
        return first <= value < last
    return value >= first or value < last


def _leaf_holds(leaf: Leaf, facts: MemberFacts) -> bool:
    now = facts.local_time
    match leaf:
        case RankAtLeast(rank=rank):
            return RANK_THRESHOLDS[facts.rank] >= RANK_THRESHOLDS[rank]
        case MilesAtLeast(miles=miles):
            return facts.miles >= miles
        case SeenWithin(days=days):
            return facts.last_seen is not None and facts.last_seen >= now - timedelta(days=days)
        case AbsentFor(days=days):
            seen = facts.last_seen or facts.registered_at
            return seen is not None and seen < now - timedelta(days=days)
        case VisitsAtLeast(times=times, days=days):
            return sum(visit >= now - timedelta(days=days) for visit in facts.visits) >= times
        case BoughtAtLeast(times=times, days=days):
            since = now - timedelta(days=days)
            return sum(each.yen > 0 and each.at >= since for each in facts.purchases) >= times
        case SpentAtLeast(yen=yen, days=days):
            since = now - timedelta(days=days)
            return sum(each.yen for each in facts.purchases if each.at >= since) >= yen
        case BirthdayMonth():
            return facts.birthday is not None and facts.birthday.month == now.month
        case InterestedInCategory(category_id=category_id):
            return category_id in facts.interested_categories
        case InterestedInBrand(brand=brand):
            return brand in facts.interested_brands
        case NearStore(place=place, radius_meters=radius):
            return facts.place is not None and distance_meters(facts.place, place) <= radius
        case OnWeekdays(weekdays=weekdays):
            return now.weekday() in weekdays
        case BetweenHours(from_hour=from_hour, until_hour=until_hour):
            return is_within_hours(now.hour, from_hour, until_hour)
        case NewWithin(days=days):
            return facts.registered_at is not None and facts.registered_at >= now - timedelta(days=days)
        case HasUsed(offer_id=offer_id):
            return offer_id in facts.used_offers
        case InSegment():
            return False  # a segment that is not there has no members
