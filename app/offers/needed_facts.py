"""Which facts a condition is evaluated on: for many members, what nobody asks about is not read."""

from collections.abc import Mapping
from enum import Enum, auto

from app.offers import conditions
from app.offers.conditions import Condition, Leaf, leaves


class Fact(Enum):
    """What is known of a member beside her card and her profile."""

    VISITS = auto()
    PURCHASES = auto()
    INTERESTS = auto()
    USED_OFFERS = auto()


ALL_FACTS = frozenset(Fact)

# A leaf that is not here needs none.
_NEEDED: Mapping[type[Leaf], frozenset[Fact]] = {
    conditions.SeenWithin: frozenset({Fact.VISITS, Fact.PURCHASES}),
    conditions.AbsentFor: frozenset({Fact.VISITS, Fact.PURCHASES}),
    conditions.VisitsAtLeast: frozenset({Fact.VISITS}),
    conditions.BoughtAtLeast: frozenset({Fact.PURCHASES}),
    conditions.SpentAtLeast: frozenset({Fact.PURCHASES}),
    conditions.InterestedInCategory: frozenset({Fact.INTERESTS}),
    conditions.InterestedInBrand: frozenset({Fact.INTERESTS}),
    conditions.NearStore: frozenset({Fact.VISITS}),  # where she checked in last
    conditions.HasUsed: frozenset({Fact.USED_OFFERS}),
}


def needed_facts(condition: Condition | None) -> frozenset[Fact]:
    """All that any leaf of the tree asks about."""
    return frozenset(fact for leaf in leaves(condition) for fact in _NEEDED.get(type(leaf), ()))
