"""Conditions: when they hold, how they are kept, and what may be saved."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.members.model import Rank
from app.offers import conditions as c
from app.offers.condition_documents import LEAVES, condition_document, condition_from
from app.offers.condition_rules import MAXIMUM_DEPTH, MAXIMUM_NODES, require_sound, with_segments
from app.offers.needed_facts import ALL_FACTS, Fact, needed_facts
from app.offers.texts import reason_text
from app.shared.errors import SeveralRefusals
from app.shared.geo import GeoPoint
from app.shared.i18n import Language
from tests.conftest import NOON_IN_TOKYO as NOW
from tests.examples import UMEDA, north_of
from tests.offer_examples import some_facts

SATURDAY = 5
NEAR_UMEDA = c.NearStore("store", 1_000, UMEDA)

LEAF_EXAMPLES: list[c.Leaf] = [
    c.RankAtLeast(Rank.GOLD),
    c.MilesAtLeast(100),
    c.InSegment("regulars"),
    c.SeenWithin(30),
    c.AbsentFor(60),
    c.VisitsAtLeast(3, 90),
    c.BoughtAtLeast(2, 90),
    c.SpentAtLeast(5_000, 90),
    c.BirthdayMonth(),
    c.InterestedInCategory("stationery"),
    c.InterestedInBrand("Akari"),
    NEAR_UMEDA,
    c.OnWeekdays((SATURDAY,)),
    c.BetweenHours(15, 18),
    c.NewWithin(7),
    c.HasUsed("offer"),
]


def test_there_is_an_example_of_every_leaf() -> None:
    assert {type(leaf) for leaf in LEAF_EXAMPLES} == set(LEAVES.values())


@pytest.mark.parametrize(
    ("leaf", "facts", "expected"),
    [
        (c.RankAtLeast(Rank.GOLD), {"rank": Rank.PLATINUM}, True),
        (c.RankAtLeast(Rank.GOLD), {"rank": Rank.SILVER}, False),
        (c.MilesAtLeast(100), {"miles": 100}, True),
        (c.MilesAtLeast(100), {"miles": 99}, False),
        (c.InSegment("gone"), {}, False),
        (c.SeenWithin(30), {"visits": (NOW - timedelta(days=30),)}, True),
        (c.SeenWithin(30), {"visits": (NOW - timedelta(days=31),)}, False),
        (c.SeenWithin(30), {}, False),
        (c.AbsentFor(60), {"visits": (NOW - timedelta(days=61),)}, True),
        (c.AbsentFor(60), {"purchases": (c.Spending(NOW - timedelta(days=59), 1),)}, False),
        (c.AbsentFor(60), {"registered_at": NOW - timedelta(days=61)}, True),
        (c.AbsentFor(60), {}, False),
        (c.VisitsAtLeast(2, 90), {"visits": (NOW, NOW - timedelta(days=90))}, True),
        (c.VisitsAtLeast(2, 90), {"visits": (NOW, NOW - timedelta(days=91))}, False),
        (c.BoughtAtLeast(2, 90), {"purchases": (c.Spending(NOW, 1), c.Spending(NOW, 1))}, True),
        (c.BoughtAtLeast(2, 90), {"purchases": (c.Spending(NOW, 1), c.Spending(NOW, 0))}, False),
        (c.SpentAtLeast(500, 90), {"purchases": (c.Spending(NOW, 499), c.Spending(NOW, 1))}, True),
        (c.SpentAtLeast(500, 90), {"purchases": (c.Spending(NOW, 499),)}, False),
        (c.BirthdayMonth(), {"birthday": date(1990, 11, 3)}, True),
        (c.BirthdayMonth(), {"birthday": date(1990, 12, 3)}, False),
        (c.BirthdayMonth(), {}, False),
        (c.InterestedInCategory("tea"), {"interested_categories": frozenset({"tea"})}, True),
        (c.InterestedInCategory("tea"), {}, False),
        (c.InterestedInBrand("Akari"), {"interested_brands": frozenset({"Akari"})}, True),
        (c.InterestedInBrand("Akari"), {}, False),
        (NEAR_UMEDA, {"place": north_of(UMEDA, 990)}, True),
        (NEAR_UMEDA, {"place": north_of(UMEDA, 1_010)}, False),
        (NEAR_UMEDA, {}, False),
        (c.OnWeekdays((SATURDAY,)), {}, True),
        (c.OnWeekdays((0, 1)), {}, False),
        (c.BetweenHours(12, 13), {}, True),
        (c.BetweenHours(13, 18), {}, False),
        (c.BetweenHours(22, 13), {}, True),
        (c.BetweenHours(22, 12), {}, False),
        (c.NewWithin(7), {"registered_at": NOW - timedelta(days=7)}, True),
        (c.NewWithin(7), {"registered_at": NOW - timedelta(days=8)}, False),
        (c.HasUsed("offer"), {"used_offers": frozenset({"offer"})}, True),
        (c.HasUsed("offer"), {}, False),
    ],
)
def test_a_leaf_holds_just_when_it_should(leaf: c.Leaf, facts: dict[str, Any], expected: bool) -> None:
    local = some_facts(**facts)
    assert c.holds(leaf, local) is expected
    assert c.holds(c.Not(leaf), local) is not expected


def trees() -> st.SearchStrategy[c.Condition]:
    leaf = st.sampled_from(LEAF_EXAMPLES)
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=4).map(lambda each: c.AllOf(tuple(each))),
            st.lists(inner, min_size=1, max_size=4).map(lambda each: c.AnyOf(tuple(each))),
            inner.map(c.Not),
        ),
        max_leaves=12,
    )


@given(trees())
def test_a_tree_is_kept_as_it_is(tree: c.Condition) -> None:
    assert condition_from(condition_document(tree)) == tree


@given(trees())
def test_the_reasons_of_a_tree_that_holds_all_hold(tree: c.Condition) -> None:
    facts = some_facts(rank=Rank.PLATINUM, place=UMEDA, visits=(NOW,), interested_brands=frozenset({"Akari"}))
    if c.holds(tree, facts):
        assert all(c.holds(leaf, facts) for leaf in c.reasons(tree, facts))


FACTS: dict[Fact, dict[str, Any]] = {
    Fact.VISITS: {"visits": (NOW,) * 3, "place": UMEDA},
    Fact.PURCHASES: {"purchases": (c.Spending(NOW, 5_000),) * 2},
    Fact.INTERESTS: {
        "interested_categories": frozenset({"stationery"}),
        "interested_brands": frozenset({"Akari"}),
    },
    Fact.USED_OFFERS: {"used_offers": frozenset({"offer"})},
}


@given(trees(), st.frozensets(st.sampled_from(Fact)))
def test_what_a_tree_does_not_need_changes_nothing(tree: c.Condition, there: frozenset[Fact]) -> None:
    needed = needed_facts(tree)
    all_there = some_facts(**{name: value for fact in there for name, value in FACTS[fact].items()})
    only_needed = some_facts(
        **{name: value for fact in there & needed for name, value in FACTS[fact].items()}
    )
    assert c.holds(tree, only_needed) is c.holds(tree, all_there)


def test_each_fact_is_needed_by_a_leaf_and_many_by_none() -> None:
    assert frozenset().union(*map(needed_facts, LEAF_EXAMPLES)) == ALL_FACTS
    assert needed_facts(c.AllOf((c.Not(c.RankAtLeast(Rank.GOLD)), c.NewWithin(7)))) == frozenset()
    assert needed_facts(None) == frozenset()


@given(trees())
def test_an_all_is_the_and_of_its_parts_and_an_any_the_or(tree: c.Condition) -> None:
    facts = some_facts(miles=100)
    other = c.MilesAtLeast(100)
    assert c.holds(c.AllOf((tree, other)), facts) == c.holds(tree, facts)
    assert c.holds(c.AnyOf((tree, other)), facts)
    assert c.holds(None, facts)


@pytest.mark.parametrize("leaf", LEAF_EXAMPLES)
def test_every_reason_has_words_in_both_languages(leaf: c.Leaf) -> None:
    texts = {language: reason_text(leaf, {}, language) for language in Language}
    assert texts[Language.JA] != texts[Language.EN]
    assert "{" not in "".join(texts.values())


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        (c.AllOf(()), ("all",)),
        (c.AllOf((c.BirthdayMonth(), c.SeenWithin(0))), ("all", "1")),
        (c.Not(c.AnyOf((c.AbsentFor(366),))), ("not", "any", "0")),
        (c.VisitsAtLeast(0, 1), ()),
        (c.BoughtAtLeast(401, 1), ()),
        (c.VisitsAtLeast(1, 0), ()),
        (c.SpentAtLeast(0, 1), ()),
        (c.MilesAtLeast(0), ()),
        (c.OnWeekdays(()), ()),
        (c.BetweenHours(9, 9), ()),
        (c.BetweenHours(24, 9), ()),
        (c.NearStore("store", 0, GeoPoint(0, 0)), ()),
        (c.InterestedInBrand(""), ()),
        (c.InterestedInBrand("x" * 101), ()),
    ],
)
def test_a_bad_node_is_named_by_its_path(tree: c.Condition, path: tuple[str, ...]) -> None:
    with pytest.raises(SeveralRefusals) as raised:
        require_sound(tree, ("input",))
    (refusal,) = raised.value.refusals
    assert (refusal.code, refusal.path) == ("CONDITION_INVALID", ("input", *path))


def test_a_tree_is_bounded_in_depth_and_size() -> None:
    deep: c.Condition = c.BirthdayMonth()
    for _ in range(MAXIMUM_DEPTH - 1):
        deep = c.Not(deep)
    require_sound(deep, ())
    with pytest.raises(SeveralRefusals):
        require_sound(c.Not(deep), ())
    require_sound(c.AnyOf((c.BirthdayMonth(),) * (MAXIMUM_NODES - 1)), ())
    with pytest.raises(SeveralRefusals):
        require_sound(c.AnyOf((c.BirthdayMonth(),) * MAXIMUM_NODES), ())


def test_a_segment_is_its_condition() -> None:
    tree = c.AllOf((c.Not(c.InSegment("regulars")), c.InSegment("gone")))
    resolved = with_segments(tree, {"regulars": c.MilesAtLeast(1)})
    assert resolved == c.AllOf((c.Not(c.MilesAtLeast(1)), c.InSegment("gone")))
