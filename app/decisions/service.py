"""Decides which offers a member gets at a moment, and gives them."""

import asyncio
from collections.abc import Sequence
from functools import partial

import structlog
from pymongo.errors import PyMongoError

from app.catalog.service import CatalogService
from app.consents.model import ConsentKind
from app.consents.service import ConsentService
from app.coupons.facts import FactGathering
from app.coupons.figures import CouponFigures
from app.coupons.issue_groups import Issue
from app.coupons.issuing import CouponIssuing
from app.coupons.model import Coupon
from app.decisions import rules
from app.decisions.model import Caps, Decision, Moment, Outcome
from app.decisions.repository import DecisionRepository
from app.decisions.weighing import Ground, weighed, why
from app.interests.model import InterestAspect
from app.interests.rules import liked
from app.interests.service import InterestService
from app.offers.model import Offer
from app.offers.service import OfferService
from app.shared.database import Session, is_passing
from app.shared.foundation import Foundation

log = structlog.get_logger(__name__)


class OfferDecisions:
    """The use cases of decisions. A moment is decided once, and what was decided is given once.

    The decision is written first, together with what the member was given lately, then the coupons are given,
    each in a transaction with others who want the same offer. Whoever dies between leaves a decision
    that the next one, who comes with the same moment, carries out.
    """

    def __init__(
        self,
        foundation: Foundation,
        offers: OfferService,
        issuing: CouponIssuing,
        figures: CouponFigures,
        facts: FactGathering,
        interests: InterestService,
        catalog: CatalogService,
        consents: ConsentService,
    ) -> None:
        settings = foundation.settings
        self._database = foundation.database
        self._decisions = DecisionRepository(foundation.database)
        self._offers = offers
        self._issuing = issuing
        self._figures = figures
        self._facts = facts
        self._interests = interests
        self._catalog = catalog
        self._consents = consents
        self._clock = foundation.clock
        self._time_zone = foundation.time_zone
        self._caps = Caps(settings.offers_per_member_a_day, settings.offers_per_member_a_week)

    async def at_once(self, moment: Moment) -> list[Coupon]:
        """The coupons of a moment whose answer is waited for; none while MongoDB is too busy to say.

        The worker, which hears of the moment too, gives them then.
        """
        try:
            return await self.decide(moment)
        except PyMongoError as error:
            if not is_passing(error):
                raise
            log.warning("decision_put_off", moment=moment.kind.value, error=str(error)[:300])
            return []

    async def decide(self, moment: Moment) -> list[Coupon]:
        """Gives the member what she gets at this moment, once however often it is asked for."""
        offers = await self._offers.given_at(moment.kind)
        if not offers:
            return []
        decision = await self._decisions.get(moment.source)
        if decision is not None:
            chosen = decision.offers_with(Outcome.GIVEN)
            given = await self._issuing.given_for(moment.member_id, moment.source) if chosen else []
            if len(given) >= len(chosen):
                return given
        ground = await self._gather(moment, offers)
        if decision is None:
            decision = await self._database.transaction(partial(self._decide, moment, ground))
        return await self._give(moment, ground, decision)

    async def _gather(self, moment: Moment, offers: Sequence[Offer]) -> Ground:
        ids = [offer.id for offer in offers]
        facts, likings, figures, given = await asyncio.gather(
            self._facts.of_member(moment.member_id, moment.place),
            self._liked(moment.member_id),
            self._figures.of_offers(ids),
            self._figures.given_to(moment.member_id, ids),
        )
        conditions = {offer.id: await self._offers.evaluable(offer.terms.issued_if) for offer in offers}
        return Ground(offers, conditions, figures, given, facts, likings)

    async def _liked(self, member_id: str) -> rules.Liked:
        """What she likes by now; an interest in a category is one in those above it, too."""
        interests, tree = await asyncio.gather(
            self._interests.of_member(member_id), self._catalog.categories()
        )
        now = self._clock.now()
        likings = {aspect: liked(interests, aspect, now) for aspect in InterestAspect}
        categories: dict[str, float] = {}
        for category_id, weight in likings[InterestAspect.CATEGORY].items():
            for above in tree.path(category_id):
                categories[above.id] = max(weight, categories.get(above.id, 0.0))
        return {**likings, InterestAspect.CATEGORY: categories}

    async def _decide(self, moment: Moment, ground: Ground, session: Session) -> Decision:
        """Writes the decision, or finds the one that was made meanwhile."""
        made = await self._decisions.get(moment.source, session)
        if made is not None:
            return made
        now = self._clock.now()
        is_allowed = await self._consents.has(moment.member_id, ConsentKind.PERSONALIZATION, session)
        receipts, version = await self._decisions.receipts(moment.member_id, session)
        used = ground.facts.used_offers if is_allowed else frozenset()
        fatigue = rules.fatigue_of(receipts, used, now) if is_allowed else 0
        candidates = weighed(moment, ground, receipts, fatigue, is_allowed)
        places = rules.room(receipts, self._caps, now, self._time_zone)
        verdicts = rules.verdicts(candidates, places)
        decision = Decision(
            id=moment.source,
            moment=moment.kind,
            member_id=moment.member_id if is_allowed else None,
            store_id=moment.store_id,
            decided_at=now,
            fatigue=fatigue,
            verdicts=verdicts,
        )
        await self._decisions.add(decision, session)
        kept = rules.recent([*receipts, *rules.received(verdicts, now)], now)
        await self._decisions.replace_receipts(moment.member_id, version, kept, now, session)
        return decision

    async def _give(self, moment: Moment, ground: Ground, decision: Decision) -> list[Coupon]:
        """Gives what was decided; what was all given away meanwhile is written down as such."""
        coupons: list[Coupon] = []
        is_allowed = decision.member_id is not None
        offers = {offer.id: offer for offer in ground.offers}
        for offer_id in sorted(decision.offers_with(Outcome.GIVEN)):
            issue = Issue(
                moment.member_id,
                moment.source,
                why(moment, ground, offers[offer_id], is_allowed) if offer_id in offers else (),
                moment=moment.kind,
                moment_store_id=moment.store_id,
            )
            coupon = await self._issuing.give(offer_id, issue)
            if coupon is None:
                await self._decisions.note_spent(moment.source, offer_id)
            else:
                coupons.append(coupon)
        return coupons
