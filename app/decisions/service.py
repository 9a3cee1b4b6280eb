"""Decides which offers a member gets at a moment, and gives them."""

import asyncio
from collections.abc import Sequence
from functools import partial
from weakref import WeakValueDictionary

import structlog
from pymongo.errors import PyMongoError

from app.coupons.issuing import CouponIssuing
from app.coupons.model import Coupon
from app.decisions.drafting import DecisionDraft, DecisionDrafting
from app.decisions.model import Moment
from app.decisions.repository import DecisionRepository
from app.offers.model import OfferMoment
from app.shared.foundation import Foundation
from app.shared.mongodb.database import Session, is_passing
from app.shared.mongodb.draft_commit import Answered, DraftCommit
from app.shared.mongodb.reading import Joined, read_together

LANE = "decisions"  # one for all: whoever gives coupons of an offer writes its counter

log = structlog.get_logger(__name__)


class OfferDecisions:
    """The use cases of decisions. A moment is decided once, and what was decided is given with it.

    A decision is drafted, and then written with the coupons that it gives and with what the member was given
    lately, all or nothing. Somebody may have given her something, or given an offer away, or changed it: then
    the draft is outdated, and another one is made.
    """

    def __init__(self, foundation: Foundation, drafting: DecisionDrafting, issuing: CouponIssuing) -> None:
        self._database = foundation.database
        self._decisions = DecisionRepository(foundation.database)
        self._drafting = drafting
        self._issuing = issuing
        self._events = foundation.events
        self._clock = foundation.clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._commits: DraftCommit[DecisionDraft] = DraftCommit(foundation.database, self._write_alone)

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
        """Gives the member what she gets at this moment, once however often it is asked for.

        Moments of one member take turns: each is decided with what the one before gave her in sight.
        """
        async with self._turns.setdefault(moment.member_id, asyncio.Lock()):
            done = await self._commits.commit(LANE, partial(self._draft, moment))
        return done.answer if isinstance(done, Answered) else done.coupons

    async def lane_at(self, kind: OfferMoment) -> str | None:
        """Where drafts of such moments wait for their turn; None where nothing is given at such a moment."""
        return LANE if await self._drafting.is_at_stake(kind) else None

    async def drafting(self, moment: Moment) -> Joined[DecisionDraft] | None:
        """What a decision about a new moment is drafted from; None where nothing is given at such a moment.

        For who writes the decision with what made the moment. Its meaning raises ConcurrentChange.
        """
        return await self._drafting.reading(moment)

    async def write(self, drafts: Sequence[DecisionDraft], session: Session) -> None:
        """Writes decisions and what they give, but not their events; where one is outdated, all runs again.

        The counters of offers, which are everybody's, are written last.
        """
        if not drafts:
            return
        await self._decisions.add_many([draft.decision for draft in drafts], session)
        lately = [draft.lately for draft in drafts]
        await self._decisions.replace_given_lately(lately, self._clock.now(), session)
        await self._issuing.write([issued for draft in drafts for issued in draft.issued], session)

    async def _draft(self, moment: Moment) -> DecisionDraft | Answered[list[Coupon]]:
        draft = await self._drafting.reading(moment)
        if draft is None:
            return Answered([])
        decision = self._decisions.reading(moment.source)
        given = self._issuing.reading_given_for(moment.member_id, moment.source)
        found = await read_together(self._database, decision, given, draft)
        return found[draft] if found[decision] is None else Answered(found[given])

    async def _write_alone(self, drafts: Sequence[DecisionDraft], session: Session) -> None:
        events = [event for draft in drafts for event in draft.events]
        if events:
            await self._events.append_many(events, session)
        await self.write(drafts, session)
