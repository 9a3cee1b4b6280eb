"""Weighs offers for a member at a moment: what speaks for each, or why it cannot be given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.coupons.model import OfferFigures
from app.decisions import rules
from app.decisions.model import Candidate, Moment, Outcome, Receipt
from app.offers.conditions import Condition, Leaf, MemberFacts, holds, reasons
from app.offers.experiments import is_held_out, variant_for
from app.offers.model import Offer
from app.shared.clock import midnight

MAXIMUM_REASONS = 10


@dataclass(frozen=True, slots=True)
class Ground:
    """What a decision stands on: offers with their conditions, and what is known of them and the member.

    `given` are the coupons of each offer that she was given, ever and today. `is_allowed` says whether she
    allows personalization.
    """

    offers: Sequence[Offer]
    conditions: Mapping[str, Condition | None]
    figures: Mapping[str, OfferFigures]
    given: dict[str, tuple[int, int]]
    facts: MemberFacts
    liked: rules.Liked
    is_allowed: bool


def weighed(moment: Moment, ground: Ground, receipts: Sequence[Receipt], fatigue: int) -> list[Candidate]:
    """Each offer with its score."""
    return [_candidate(moment, ground, offer, receipts, fatigue) for offer in ground.offers]


def why(moment: Moment, ground: Ground, offer: Offer) -> tuple[Leaf, ...]:
    """Why she has it: the conditions that hold, and what she likes of it."""
    found = list(reasons(ground.conditions[offer.id], _known(moment, ground)))
    liked = ground.liked if ground.is_allowed else {}
    _, liking = rules.liking(offer.terms.scope, liked, moment.category_ids)
    if liking is not None and liking not in found:
        found.append(liking)
    return tuple(found[:MAXIMUM_REASONS])


def _candidate(
    moment: Moment,
    ground: Ground,
    offer: Offer,
    receipts: Sequence[Receipt],
    fatigue: int,
) -> Candidate:
    variant = variant_for(offer.id, offer.terms, moment.member_id)
    refusal = _refusal(moment, ground, offer, receipts)
    if refusal is not None:
        return Candidate(offer.id, variant, refusal=refusal)
    terms, figures = offer.terms.as_variant(variant), ground.figures[offer.id]
    facts = ground.facts if ground.is_allowed else None
    liking, _ = rules.liking(terms.scope, ground.liked if ground.is_allowed else {}, moment.category_ids)
    basket = rules.expected_basket(facts, terms.scope.minimum_basket)
    value = rules.expected_value(
        rules.use_rate(figures.issued, figures.used), basket, rules.expected_cost(terms, basket)
    )
    return Candidate(
        offer.id,
        variant,
        rules.scored(rules.fit(liking, facts), value, fatigue),
        is_held_out=is_held_out(offer.id, offer.terms, moment.member_id),
    )


def _refusal(moment: Moment, ground: Ground, offer: Offer, receipts: Sequence[Receipt]) -> Outcome | None:
    """Why the offer cannot be given at all, if so."""
    terms, condition = offer.terms, ground.conditions[offer.id]
    stores = terms.usable_when.store_ids
    if moment.store_id is not None and stores and moment.store_id not in stores:
        return Outcome.NOT_HERE
    if not ground.is_allowed and rules.asks_for_behaviour(condition):
        return Outcome.NO_CONSENT
    if not holds(condition, _known(moment, ground)):
        return Outcome.NOT_ELIGIBLE
    is_gone = terms.limits.issued is not None and ground.figures[offer.id].issued >= terms.limits.issued
    today = midnight(ground.facts.local_time)
    given = ground.given.get(offer.id, (0, 0))
    if is_gone or rules.is_spent(terms.limits, given, receipts, offer.id, today):
        return Outcome.LIMIT_REACHED
    return None


def _known(moment: Moment, ground: Ground) -> MemberFacts:
    """The facts that may be looked at: without her consent, not what she did before this moment."""
    if ground.is_allowed:
        return ground.facts
    return replace(ground.facts, visits=(), purchases=(), used_offers=frozenset(), place=moment.place)
