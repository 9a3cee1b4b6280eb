"""Pure decisions: what an offer is worth at a moment, and which ones a member gets.

score = fit × expected value × fatigue

- fit, from 0 to 1, is a weighted sum (simple additive weighting, as in Fishburn, 1967): how much she likes
  what the offer is for, her rank, and how often and how lately she came. Of who allows no personalization
  nothing is looked at: 0.5.
- expected value, in yen, is the chance that the coupon is used times what a use then leaves: the margin of
  the expected basket less what the coupon costs. The chance is the mean of a Beta posterior, prior Beta(1, 9)
  (Gelman et al., Bayesian Data Analysis, 2.4). The basket is her own mean, shrunk to what is usual by as
  much as three purchases weigh (James and Stein, 1961).
- fatigue is 0.8 for each coupon that she was given within 30 days and has not used.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.decisions.model import CHOSEN, Candidate, Caps, Outcome, Receipt, Score, Verdict
from app.interests.model import InterestAspect
from app.members.model import Rank
from app.offers import conditions
from app.offers.conditions import (
    Condition,
    InterestedInBrand,
    InterestedInCategory,
    Leaf,
    MemberFacts,
    leaves,
)
from app.offers.costs import CostGrounds, cost_of_use
from app.offers.model import OfferLimits, OfferScope, OfferTerms

LIKING_WEIGHT, RANK_WEIGHT, COMING_WEIGHT = 0.6, 0.2, 0.2
NEUTRAL = 0.5
HALF_LIKED = 4.0  # so much interest, a favourite's worth, is liked by half
COMING_HALF_LIFE = timedelta(days=90)  # of 14 to 180 days, foretold best who comes back: bench/return_visits
RANK_FITS = {Rank.MEMBER: 0.25, Rank.SILVER: 0.5, Rank.GOLD: 0.75, Rank.PLATINUM: 1.0}

PRIOR_USED, PRIOR_UNUSED = 1, 9
USUAL_BASKET = 3_000  # yen
USUAL_PIECES = 3
PRIOR_PURCHASES = 3
MARGIN = 0.35  # of what is bought
LEAST_KEPT = 0.05  # of the basket: a gift is worth that much, whatever it costs
USUAL_YEN_PER_POINT = 100
SHIPPING = 500  # yen

FATIGUE = 0.8
TIRED_FOR = timedelta(days=30)
LEAST_SCORE = 1.0  # yen: what is worth less is left alone
MOST_AT_A_MOMENT = 2
A_WEEK = timedelta(days=7)
MAXIMUM_LOGGED = 50
MAXIMUM_RECEIPTS = 100

# How much a member likes each thing, by its aspect.
Liked = Mapping[InterestAspect, Mapping[str, float]]

# What asks for what a member did, which is looked at only if she allows it.
BEHAVIOUR = (
    conditions.SeenWithin,
    conditions.AbsentFor,
    conditions.VisitsAtLeast,
    conditions.SpentAtLeast,
    conditions.HasUsed,
)


def asks_for_behaviour(condition: Condition | None) -> bool:
    """Whether it cannot be told without what she did."""
    return any(isinstance(leaf, BEHAVIOUR) for leaf in leaves(condition))


def use_rate(issued: int, used: int) -> float:
    """The chance that a coupon is used, by those that were: 0.1 as long as nothing is known."""
    used = min(used, issued)
    return (used + PRIOR_USED) / (issued + PRIOR_USED + PRIOR_UNUSED)


def expected_basket(facts: MemberFacts | None, minimum: int) -> float:
    """What she buys at a time, in yen; at least what the offer asks for."""
    spent = [each.yen for each in facts.purchases] if facts else []
    mean = (sum(spent) + PRIOR_PURCHASES * USUAL_BASKET) / (len(spent) + PRIOR_PURCHASES)
    return max(mean, minimum)


def expected_cost(terms: OfferTerms, basket: float) -> float:
    """What a use for such a basket costs, in yen; pieces are taken to cost a third of it each."""
    grounds = CostGrounds(basket / USUAL_PIECES, USUAL_YEN_PER_POINT, SHIPPING)
    return cost_of_use(terms.benefit, terms.scope, basket, grounds)


def expected_value(rate: float, basket: float, cost: float) -> float:
    """What giving the coupon brings, in yen."""
    return rate * max(basket * MARGIN - cost, basket * LEAST_KEPT)


def liking(scope: OfferScope, liked: Liked, beside: Set[str]) -> tuple[float, Leaf | None]:
    """How much she likes what the offer is for, from 0 to 1, and what of it she likes most, as a reason.

    `liked` are the sums of her interests, categories with those above them. What she stands beside could not
    be nearer.
    """
    if scope.is_everything:
        return NEUTRAL, None
    if scope.category_ids & beside:
        return 1.0, None
    category, brand, sku = (
        max(((liked.get(aspect, {}).get(each, 0.0), each) for each in named), default=(0.0, ""))
        for aspect, named in (
            (InterestAspect.CATEGORY, scope.category_ids),
            (InterestAspect.BRAND, scope.brands),
            (InterestAspect.SKU, scope.sku_ids),
        )
    )
    weight = max(category[0], brand[0], sku[0])
    reason: Leaf | None = None
    if weight > 0:
        if category[0] == weight:
            reason = InterestedInCategory(category[1])
        elif brand[0] == weight:
            reason = InterestedInBrand(brand[1])
    return weight / (weight + HALF_LIKED), reason


def fit(liked_by: float, facts: MemberFacts | None) -> float:
    """How well the offer fits her; facts of None are those of who allows no personalization."""
    if facts is None:
        return NEUTRAL
    coming = comings((*facts.visits, *(each.at for each in facts.purchases)), facts.local_time)
    return (
        LIKING_WEIGHT * liked_by + RANK_WEIGHT * RANK_FITS[facts.rank] + COMING_WEIGHT * coming / (coming + 1)
    )


def comings(moments: Iterable[datetime], now: datetime) -> float:
    """How often she came, each time worth half as much after 90 days: the more, the likelier she comes again.

    Exponential smoothing of the count (Brown, 1956), which weighs how often and how lately as one.
    """
    ages = (max((now - each) / COMING_HALF_LIFE, 0.0) for each in moments)
    return sum((0.5**age for age in ages), 0.0)


def scored(fit_: float, value: float, fatigue: int) -> Score:
    """The score of an offer for a member with so many coupons unused."""
    return Score(fit_, value, fit_ * value * FATIGUE**fatigue)


def fatigue_of(receipts: Iterable[Receipt], used_offers: Set[str], now: datetime) -> int:
    """How many coupons she was given within 30 days and has not used."""
    return sum(
        not each.is_held_out and each.at > now - TIRED_FOR and each.offer_id not in used_offers
        for each in receipts
    )


def room(receipts: Sequence[Receipt], caps: Caps, now: datetime, zone: ZoneInfo) -> int:
    """How many coupons she may be given at this moment: two, less what the day and the week have had."""
    today = now.astimezone(zone).date()
    of_day = sum(each.at.astimezone(zone).date() == today for each in receipts)
    of_week = sum(each.at > now - A_WEEK for each in receipts)
    return max(0, min(MOST_AT_A_MOMENT, caps.a_day - of_day, caps.a_week - of_week))


def is_spent(
    limits: OfferLimits, given: tuple[int, int], receipts: Sequence[Receipt], offer_id: str, today: datetime
) -> bool:
    """Whether she has had all she may of an offer, ever and since `today` began.

    What she would have been given but for being held out counts like what others were given.
    """
    held_out = [each.at for each in receipts if each.offer_id == offer_id and each.is_held_out]
    ever, of_day = given[0] + len(held_out), given[1] + sum(at >= today for at in held_out)
    return (limits.per_member is not None and ever >= limits.per_member) or (
        limits.per_member_a_day is not None and of_day >= limits.per_member_a_day
    )


def verdicts(candidates: Iterable[Candidate], places: int) -> tuple[Verdict, ...]:
    """What becomes of the candidates: those with the best scores get the places. The best come first."""
    told: list[Verdict] = []
    left = places
    for each in sorted(candidates, key=_order):
        outcome = each.refusal
        if outcome is None and each.score is not None and each.score.total < LEAST_SCORE:
            outcome = Outcome.NOT_WORTH_IT
        if outcome is None and left == 0:
            outcome = Outcome.OUTSCORED if places else Outcome.CAPPED
        if outcome is None:
            outcome = Outcome.HELD_OUT if each.is_held_out else Outcome.GIVEN
            left -= 1
        told.append(Verdict(each.offer_id, outcome, each.variant, each.score))
    return tuple(told[:MAXIMUM_LOGGED])


def received(verdicts: Iterable[Verdict], now: datetime) -> list[Receipt]:
    """What the member has got by these, or would have."""
    return [
        Receipt(each.offer_id, now, each.outcome is Outcome.HELD_OUT)
        for each in verdicts
        if each.outcome in CHOSEN
    ]


def recent(receipts: Iterable[Receipt], now: datetime) -> list[Receipt]:
    """Those that still matter, the newest 100."""
    kept = sorted((each for each in receipts if each.at > now - TIRED_FOR), key=lambda each: each.at)
    return kept[-MAXIMUM_RECEIPTS:]


def _order(candidate: Candidate) -> tuple[bool, float, str]:
    """Those that can be given come first, the best first."""
    total = candidate.score.total if candidate.score else 0.0
    return candidate.refusal is not None, -total, candidate.offer_id
