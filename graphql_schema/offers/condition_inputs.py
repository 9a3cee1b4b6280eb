"""Conditions as headquarters write them: a tree of which each node says exactly one thing."""

from collections.abc import Callable
from typing import Any

import strawberry

from app.members.model import Rank
from app.offers import conditions
from app.offers.condition_rules import MAXIMUM_DEPTH
from app.offers.conditions import AllOf, AnyOf, Condition, Leaf, Not
from app.offers.errors import ConditionInvalid
from app.shared.geo import GeoPoint
from graphql_schema.node import key_of
from graphql_schema.stores.types import Weekday

NOWHERE = GeoPoint(0.0, 0.0)  # until the store's place is looked up


@strawberry.input(description="So many visits or purchases in so many days.")
class TimesInput:
    times: int = strawberry.field(description="1 to 400.")
    days: int = strawberry.field(description="1 to 365.")


@strawberry.input(description="So much spent in so many days.")
class SpendingInput:
    yen: int = strawberry.field(description="1 to 1,000,000,000.")
    days: int = strawberry.field(description="1 to 365.")


@strawberry.input(description="All that is near a store.")
class NearStoreInput:
    store_id: strawberry.ID = strawberry.field(description="The store.")
    radius_meters: int = strawberry.field(description="1 to 100,000.")


@strawberry.input(description="Hours of the day by the retailer's clock, perhaps over midnight.")
class HoursInput:
    from_hour: int = strawberry.field(description="0 to 23.")
    until_hour: int = strawberry.field(description="1 to 24: until just before.")


@strawberry.input(
    description="A condition on a member at a moment: exactly one of these. At most 6 levels and 60 nodes.",
    one_of=True,
)
class ConditionInput:
    all: list["ConditionInput"] | None = strawberry.field(
        default=strawberry.UNSET, description="Each of these holds."
    )
    any: list["ConditionInput"] | None = strawberry.field(
        default=strawberry.UNSET, description="At least one of these holds."
    )
    not_: "ConditionInput | None" = strawberry.field(
        name="not", default=strawberry.UNSET, description="This does not hold."
    )
    rank_at_least: Rank | None = strawberry.field(
        default=strawberry.UNSET, description="Her rank is this or a higher one."
    )
    miles_at_least: int | None = strawberry.field(
        default=strawberry.UNSET, description="Her miles of this calendar year."
    )
    in_segment: str | None = strawberry.field(
        default=strawberry.UNSET, description="She belongs to the segment with this code."
    )
    seen_within_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="She visited or bought within so many days: 1 to 365."
    )
    absent_for_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="She was not seen for so many days: 1 to 365."
    )
    visits_at_least: TimesInput | None = strawberry.field(
        default=strawberry.UNSET, description="How often she checked in."
    )
    bought_at_least: TimesInput | None = strawberry.field(
        default=strawberry.UNSET, description="How often she bought and kept something, in any channel."
    )
    spent_at_least: SpendingInput | None = strawberry.field(
        default=strawberry.UNSET, description="What she bought in all channels, less what she returned."
    )
    is_birthday_month: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it is the month of her birthday."
    )
    interested_in_category: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="She showed interest in this category or one below it."
    )
    interested_in_brand: str | None = strawberry.field(
        default=strawberry.UNSET, description="She showed interest in this brand."
    )
    near_store: NearStoreInput | None = strawberry.field(
        default=strawberry.UNSET, description="She is near this store, as her last check-in today tells."
    )
    on_weekdays: list[Weekday] | None = strawberry.field(
        default=strawberry.UNSET, description="It is one of these days by the retailer's clock."
    )
    between_hours: HoursInput | None = strawberry.field(
        default=strawberry.UNSET, description="It is this time of the day."
    )
    new_within_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="She got her card within so many days: 1 to 365."
    )
    has_used_offer: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="She used a coupon of this offer."
    )
    has_not_used_offer: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="She used no coupon of this offer."
    )


def condition_of(given: ConditionInput, path: tuple[str, ...], depth: int = 1) -> Condition:
    """The condition that is meant. Raises InvalidId, and ConditionInvalid for a tree that is too deep."""
    if depth > MAXIMUM_DEPTH:
        problem = {"ja": "条件の入れ子は6段までです", "en": "at most 6 levels"}
        raise ConditionInvalid(path=path, problem=problem)
    if given.all:
        return AllOf(_inner(given.all, (*path, "all"), depth))
    if given.any:
        return AnyOf(_inner(given.any, (*path, "any"), depth))
    if given.not_:
        return Not(condition_of(given.not_, (*path, "not"), depth + 1))
    for name, meant in _LEAVES.items():
        value = getattr(given, name)
        if value not in (None, strawberry.UNSET):
            return meant(value, path)
    return AllOf(())  # an empty list, which is refused when it is saved


def _inner(given: list[ConditionInput], path: tuple[str, ...], depth: int) -> tuple[Condition, ...]:
    return tuple(condition_of(each, (*path, str(number)), depth + 1) for number, each in enumerate(given))


def _birthday_month(is_so: bool, path: tuple[str, ...]) -> Condition:
    return conditions.BirthdayMonth() if is_so else Not(conditions.BirthdayMonth())


def _near_store(near: NearStoreInput, path: tuple[str, ...]) -> Leaf:
    store_id = key_of(near.store_id, "Store", [*path, "nearStore", "storeId"])
    return conditions.NearStore(store_id, near.radius_meters, NOWHERE)


def _category(id: str, path: tuple[str, ...]) -> Leaf:
    return conditions.InterestedInCategory(key_of(id, "Category", [*path, "interestedInCategory"]))


def _weekdays(days: list[Weekday], path: tuple[str, ...]) -> Leaf:
    return conditions.OnWeekdays(tuple(sorted({day.value for day in days})))


def _used(id: str, path: tuple[str, ...]) -> Leaf:
    return conditions.HasUsed(key_of(id, "Offer", [*path, "hasUsedOffer"]))


_LEAVES: dict[str, Callable[[Any, tuple[str, ...]], Condition]] = {
    "rank_at_least": lambda rank, path: conditions.RankAtLeast(rank),
    "miles_at_least": lambda miles, path: conditions.MilesAtLeast(miles),
    "in_segment": lambda segment, path: conditions.InSegment(segment),
    "seen_within_days": lambda days, path: conditions.SeenWithin(days),
    "absent_for_days": lambda days, path: conditions.AbsentFor(days),
    "visits_at_least": lambda visits, path: conditions.VisitsAtLeast(visits.times, visits.days),
    "bought_at_least": lambda bought, path: conditions.BoughtAtLeast(bought.times, bought.days),
    "spent_at_least": lambda spent, path: conditions.SpentAtLeast(spent.yen, spent.days),
    "is_birthday_month": _birthday_month,
    "interested_in_category": _category,
    "interested_in_brand": lambda brand, path: conditions.InterestedInBrand(brand),
    "near_store": _near_store,
    "on_weekdays": _weekdays,
    "between_hours": lambda hours, path: conditions.BetweenHours(hours.from_hour, hours.until_hour),
    "new_within_days": lambda days, path: conditions.NewWithin(days),
    "has_used_offer": _used,
    "has_not_used_offer": lambda id, path: Not(_used(id, path)),
}
