"""What an offer is worth at a moment, and which ones a member gets."""

from dataclasses import replace
from datetime import timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.decisions import rules
from app.decisions.model import CHOSEN, Candidate, Caps, Outcome, Receipt
from app.interests.model import InterestAspect
from app.members.model import Rank
from app.offers import conditions as c
from app.offers.conditions import InterestedInBrand, InterestedInCategory, Spending
from app.offers.model import Benefit, BenefitKind, OfferLimits, OfferScope
from app.offers.rules import BOUNDS
from tests.conftest import NOON_IN_TOKYO as NOW
from tests.offer_examples import TOKYO, some_facts, some_terms

STATIONERY = OfferScope(category_ids=frozenset({"stationery"}))
CAPS = Caps(a_day=3, a_week=7)
POINTS = {BenefitKind.POINTS_MULTIPLIER, BenefitKind.BONUS_POINTS}

scores = st.floats(0, 1e6)
candidates = st.lists(
    st.builds(
        lambda number, score, refusal, held_out: Candidate(
            str(number),
            score=None if refusal else rules.scored(1.0, score, 0),
            refusal=refusal,
            is_held_out=held_out,
        ),
        st.integers(0, 1_000),
        scores,
        st.sampled_from([None, None, Outcome.NOT_ELIGIBLE, Outcome.NO_CONSENT]),
        st.booleans(),
    ),
    unique_by=lambda each: each.offer_id,
    max_size=40,
)


@given(candidates, st.integers(0, 2))
def test_the_best_get_the_places_and_everything_is_told(given_: list[Candidate], places: int) -> None:
    told = {each.offer_id: each for each in rules.verdicts(given_, places)}
    assert told.keys() == {each.offer_id for each in given_}
    chosen = [each for each in told.values() if each.outcome in CHOSEN]
    good = [each for each in given_ if each.score and each.score.total >= rules.LEAST_SCORE]
    assert len(chosen) == min(places, len(good))
    best = sorted((each.score.total for each in good if each.score), reverse=True)[:places]
    assert sorted((each.score.total for each in chosen if each.score), reverse=True) == best
    for each in given_:
        if each.refusal is not None:
            assert told[each.offer_id].outcome is each.refusal
        elif told[each.offer_id].outcome is Outcome.HELD_OUT:
            assert each.is_held_out


def test_without_a_place_all_are_capped_and_else_outscored() -> None:
    two = [Candidate(each, score=rules.scored(1, 10, 0)) for each in "ab"]
    assert [each.outcome for each in rules.verdicts(two, 0)] == [Outcome.CAPPED] * 2
    assert [each.outcome for each in rules.verdicts(two, 1)] == [Outcome.GIVEN, Outcome.OUTSCORED]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_rate_is_a_chance_and_comes_to_what_is_measured(issued: int, used: int) -> None:
    rate = rules.use_rate(issued, used)
    assert 0 < rate < 1
    assert rules.use_rate(issued, used + 1) >= rate
    if issued >= 1_000 and used <= issued:
        assert abs(rate - used / issued) < 0.01
    assert rules.use_rate(0, 0) == 0.1


@pytest.mark.parametrize("kind", BenefitKind)
@given(data=st.data(), basket=st.floats(0, 1e6))
def test_a_benefit_costs_no_less_than_nothing_and_giving_brings_something(
    kind: BenefitKind, data: st.DataObject, basket: float
) -> None:
    terms = some_terms(benefit=Benefit(kind, data.draw(st.integers(*BOUNDS[kind]))))
    cost = rules.expected_cost(terms, basket)
    assert 0 <= cost < inf
    bounded = rules.expected_cost(
        replace(terms, benefit=replace(terms.benefit, maximum_discount=100)), basket
    )
    assert bounded == (cost if kind in POINTS else min(cost, 100))
    assert rules.expected_value(0.1, basket, cost) >= 0


def test_a_basket_is_what_she_buys_as_far_as_that_is_known() -> None:
    assert rules.expected_basket(None, 0) == rules.USUAL_BASKET
    rich = some_facts(purchases=tuple(Spending(NOW, 9_000) for _ in range(3)))
    assert rules.expected_basket(rich, 0) == 6_000
    assert rules.expected_basket(rich, 10_000) == 10_000


@given(st.floats(0, 1e4), st.floats(0, 1e4))
def test_what_she_likes_more_fits_more(one: float, other: float) -> None:
    def fit(weight: float) -> float:
        liked = {InterestAspect.CATEGORY: {"stationery": weight}}
        return rules.fit(rules.liking(STATIONERY, liked, frozenset())[0], some_facts())

    assert (fit(one) <= fit(other)) or one > other
    assert 0 <= fit(one) <= 1


def test_what_she_likes_is_the_reason_and_what_she_stands_beside_is_nearest() -> None:
    liked = {InterestAspect.CATEGORY: {"stationery": 4.0}, InterestAspect.BRAND: {"Kumo": 8.0}}
    assert rules.liking(STATIONERY, liked, frozenset()) == (0.5, InterestedInCategory("stationery"))
    both = replace(STATIONERY, brands=frozenset({"Kumo"}))
    assert rules.liking(both, liked, frozenset())[1] == InterestedInBrand("Kumo")
    assert rules.liking(STATIONERY, {}, frozenset()) == (0.0, None)
    assert rules.liking(STATIONERY, {}, frozenset({"stationery"})) == (1.0, None)
    assert rules.liking(OfferScope(), liked, frozenset()) == (rules.NEUTRAL, None)


@given(st.lists(st.integers(0, 400), max_size=20), st.integers(1, 100))
def test_who_came_often_and_lately_is_likelier_to_come_again(ages: list[int], days: int) -> None:
    moments = [NOW - timedelta(days=age) for age in ages]
    coming = rules.comings(moments, NOW)
    assert 0 <= coming <= len(ages)
    assert rules.comings([*moments, NOW], NOW) == pytest.approx(coming + 1)
    later = rules.comings(moments, NOW + timedelta(days=days))
    assert later < coming or not ages
    assert rules.comings(moments, NOW + rules.COMING_HALF_LIFE) == pytest.approx(coming / 2)


def test_rank_and_recency_count_and_nothing_does_without_consent() -> None:
    facts = some_facts(visits=(NOW,))
    assert rules.fit(0.5, facts) > rules.fit(0.5, some_facts())
    assert rules.fit(0.5, replace(facts, rank=Rank.GOLD)) > rules.fit(0.5, facts)
    assert rules.fit(1.0, None) == rules.NEUTRAL


@given(st.integers(0, 30))
def test_each_unused_coupon_tires(fatigue: int) -> None:
    assert rules.scored(0.5, 100, fatigue + 1).total == pytest.approx(
        rules.scored(0.5, 100, fatigue).total * rules.FATIGUE
    )


def test_fatigue_counts_what_was_given_lately_and_not_used() -> None:
    receipts = [
        Receipt("used", NOW, is_held_out=False),
        Receipt("unused", NOW, is_held_out=False),
        Receipt("held-out", NOW, is_held_out=True),
        Receipt("long-ago", NOW - rules.TIRED_FOR, is_held_out=False),
    ]
    assert rules.fatigue_of(receipts, {"used"}, NOW) == 1


def test_a_day_ends_at_the_retailers_midnight_and_a_week_after_seven_days() -> None:
    def room(*ages: timedelta) -> int:
        receipts = [Receipt("offer", NOW - age, is_held_out=False) for age in ages]
        return rules.room(receipts, CAPS, NOW, TOKYO)

    today, yesterday = timedelta(hours=11), timedelta(hours=13)
    assert room() == rules.MOST_AT_A_MOMENT
    assert room(today, today) == 1
    assert room(today, today, today) == 0
    assert room(yesterday, yesterday, yesterday) == 2
    assert room(*[yesterday] * 6) == 1
    assert room(*[timedelta(days=7)] * 20) == 2


def test_who_is_held_out_has_had_what_others_were_given() -> None:
    limits = OfferLimits(per_member=2, per_member_a_day=1)
    midnight = NOW - timedelta(hours=12)
    early = Receipt("offer", NOW - timedelta(days=1), is_held_out=True)
    assert not rules.is_spent(limits, (0, 0), [early], "offer", midnight)
    assert rules.is_spent(limits, (1, 0), [early], "offer", midnight)
    assert rules.is_spent(limits, (0, 0), [replace(early, at=NOW)], "offer", midnight)
    assert not rules.is_spent(limits, (0, 0), [replace(early, at=NOW)], "other", midnight)


def test_what_asks_for_what_she_did_needs_her_consent() -> None:
    assert rules.asks_for_behaviour(c.AllOf((c.BirthdayMonth(), c.Not(c.HasUsed("offer")))))
    assert not rules.asks_for_behaviour(c.AnyOf((c.BirthdayMonth(), c.RankAtLeast(Rank.GOLD))))
    assert not rules.asks_for_behaviour(None)


def test_receipts_are_kept_for_a_month_and_not_too_many() -> None:
    many = [Receipt(str(number), NOW - timedelta(hours=number), is_held_out=False) for number in range(1_000)]
    kept = rules.recent(many, NOW)
    assert [each.offer_id for each in kept] == [str(number) for number in range(99, -1, -1)]
    assert rules.recent([replace(many[0], at=NOW - rules.TIRED_FOR)], NOW) == []
