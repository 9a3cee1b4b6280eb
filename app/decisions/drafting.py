"""Drafting decisions: what a member gets at a moment, if nothing comes between. Nothing is written."""

from dataclasses import dataclass, replace

from app.catalog.category_tree import CategoryTree
from app.catalog.service import CatalogService
from app.consents.model import ConsentKind
from app.consents.service import ConsentService
from app.coupons.facts import FactGathering
from app.coupons.figures import CouponFigures
from app.coupons.issue_groups import issued_event, new_coupon
from app.coupons.model import Coupon, OfferFigures
from app.decisions import rules
from app.decisions.model import Caps, Decision, GivenLately, Moment, Outcome
from app.decisions.repository import DecisionRepository
from app.decisions.weighing import Ground, weighed, why
from app.interests.model import InterestAspect, Interests
from app.interests.rules import NO_INTERESTS, liked
from app.interests.service import InterestService
from app.offers.model import Offer, OfferMoment
from app.offers.service import OfferService
from app.shared.events import Event
from app.shared.foundation import Foundation
from app.shared.mongodb.database import ConcurrentChange
from app.shared.mongodb.reading import Found, Joined, Reading


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """A decision with the coupons that it gives, each of an offer as it was read.

    It stands while nobody has written what the member was given lately, which is `lately` with it.
    """

    decision: Decision
    lately: GivenLately
    issued: tuple[tuple[Offer, Coupon], ...]

    @property
    def coupons(self) -> list[Coupon]:
        return [coupon for _, coupon in self.issued]

    @property
    def events(self) -> list[Event]:
        """What it tells."""
        return [issued_event(coupon) for coupon in self.coupons]


class DecisionDrafting:
    """Turns moments into drafts."""

    def __init__(
        self,
        foundation: Foundation,
        offers: OfferService,
        figures: CouponFigures,
        facts: FactGathering,
        interests: InterestService,
        catalog: CatalogService,
        consents: ConsentService,
    ) -> None:
        settings = foundation.settings
        self._decisions = DecisionRepository(foundation.database)
        self._offers = offers
        self._figures = figures
        self._facts = facts
        self._interests = interests
        self._catalog = catalog
        self._consents = consents
        self._clock = foundation.clock
        self._time_zone = foundation.time_zone
        self._caps = Caps(settings.offers_per_member_a_day, settings.offers_per_member_a_week)

    async def is_at_stake(self, kind: OfferMoment) -> bool:
        """Whether anything is given at such a moment."""
        return bool(await self._offers.given_at(kind))

    async def reading(self, moment: Moment) -> Joined[DecisionDraft] | None:
        """What the decision is drafted from; None where nothing is given at such a moment.

        What it means is the draft; that raises ConcurrentChange where an offer is another by now.
        """
        offers = await self._offers.given_at(moment.kind)
        if not offers:
            return None
        ids = [offer.id for offer in offers]
        conditions = {offer.id: await self._offers.evaluable(offer.terms.issued_if) for offer in offers}
        categories = await self._catalog.categories()
        interests = self._interests.reading([moment.member_id])
        facts = await self._facts.reading(moment.member_id, moment.place, interests)
        figures = self._figures.reading(offers)
        given = self._figures.reading_given(moment.member_id, ids)
        lately = self._decisions.reading_given_lately(moment.member_id)
        is_allowed = self._consents.reading(moment.member_id, ConsentKind.PERSONALIZATION)

        def draft(found: Found) -> DecisionDraft:
            own = found[interests].get(moment.member_id, NO_INTERESTS)
            ground = Ground(
                offers=offers,
                conditions=conditions,
                figures=self._of_current_offers(found, figures),
                given=found[given],
                facts=found[facts],
                liked=self._liked(own, categories),
                is_allowed=found[is_allowed],
            )
            return self._draft(moment, ground, found[lately])

        return Joined([facts, interests, figures, given, lately, is_allowed], draft)

    def _of_current_offers(
        self, found: Found, figures: Reading[dict[str, OfferFigures]]
    ) -> dict[str, OfferFigures]:
        try:
            return found[figures]
        except ConcurrentChange:
            self._offers.forget()
            raise

    def _draft(self, moment: Moment, ground: Ground, lately: GivenLately) -> DecisionDraft:
        now = self._clock.now()
        used = ground.facts.used_offers
        fatigue = rules.fatigue_of(lately.receipts, used, now) if ground.is_allowed else 0
        candidates = weighed(moment, ground, lately.receipts, fatigue)
        places = rules.room(lately.receipts, self._caps, now, self._time_zone)
        verdicts = rules.verdicts(candidates, places)
        decision = Decision(
            id=moment.source,
            moment=moment.kind,
            member_id=moment.member_id if ground.is_allowed else None,
            store_id=moment.store_id,
            decided_at=now,
            fatigue=fatigue,
            verdicts=verdicts,
        )
        receipts = rules.recent([*lately.receipts, *rules.received(verdicts, now)], now)
        given = decision.offers_with(Outcome.GIVEN)
        issued = [(each, self._coupon(moment, ground, each)) for each in ground.offers if each.id in given]
        return DecisionDraft(decision, replace(lately, receipts=tuple(receipts)), tuple(issued))

    def _coupon(self, moment: Moment, ground: Ground, offer: Offer) -> Coupon:
        reasons = why(moment, ground, offer)
        coupon = new_coupon(offer, moment.member_id, moment.source, reasons, self._clock.now())
        return replace(coupon, moment=moment.kind, moment_store_id=moment.store_id)

    def _liked(self, interests: Interests, tree: CategoryTree) -> rules.Liked:
        """What she likes by now; an interest in a category is one in those above it, too."""
        now = self._clock.now()
        likings = {aspect: liked(interests, aspect, now) for aspect in InterestAspect}
        categories: dict[str, float] = {}
        for category_id, weight in likings[InterestAspect.CATEGORY].items():
            for above in tree.path(category_id):
                categories[above.id] = max(weight, categories.get(above.id, 0.0))
        return {**likings, InterestAspect.CATEGORY: categories}
