"""Giving coupons: claimed, by code, or at a moment that others noticed."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from app.coupons.codes import is_code, new_code, normal_code
from app.coupons.errors import (
    CodeQuantityInvalid,
    CouponCodeInvalid,
    NotEligible,
    OfferNotGiven,
    TooManyCodeTries,
)
from app.coupons.facts import FactGathering
from app.coupons.issue_groups import Issue, IssueGroups
from app.coupons.model import Coupon
from app.coupons.repository import CodeRepository, CouponRepository
from app.offers.conditions import Leaf, MemberFacts, holds, reasons
from app.offers.counter_repository import CounterRepository
from app.offers.model import Distribution, Offer, OfferState
from app.offers.service import OfferService
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.events import EventLog
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.group_commit import GroupCommit
from app.shared.mongodb.reading import Reading
from app.shared.rate_limits import RateLimit, RateLimits

MAXIMUM_CODES = 1_000
MAXIMUM_REASONS = 10
CODE_TRIES = RateLimit("coupon-code-tries", 10, timedelta(hours=1))  # wrong ones, by member


class CouponIssuing:
    """Decides who gets a coupon, and gives it."""

    def __init__(
        self,
        database: Database,
        offers: OfferService,
        facts: FactGathering,
        idempotency: Idempotency,
        limits: RateLimits,
        events: EventLog,
        clock: Clock,
        time_zone: ZoneInfo,
    ) -> None:
        self._coupons = CouponRepository(database)
        self._codes = CodeRepository(database)
        self._counters = CounterRepository(database)
        self._offers = offers
        self._facts = facts
        self._idempotency = idempotency
        self._limits = limits
        self._clock = clock
        self._groups: GroupCommit[Issue, Coupon] = GroupCommit(
            IssueGroups(database, offers, idempotency, events, clock, time_zone).issue
        )

    async def claim(
        self, member_id: str, offer_id: str | None, typed: str | None, idempotency_key: str
    ) -> Coupon:
        """The member takes a coupon of an offer, or the one that a code is for, once for each key.

        Wrong codes, used ones and those of others are refused alike, and ten in an hour at the most are
        looked at. Raises OfferNotGiven, CouponCodeInvalid, TooManyCodeTries, NotEligible, OfferExhausted,
        MemberLimitReached and MemberDayLimitReached.
        """
        if typed is not None and offer_id is None:
            return await self._claim_code(member_id, normal_code(typed), idempotency_key)
        request = IdempotentRequest(member_id, "claimOffer", idempotency_key, {"offer_id": offer_id})
        offer = await self._offers.get(offer_id) if offer_id and typed is None else None
        if offer is None or offer.terms.distribution is not Distribution.CLAIM:
            raise OfferNotGiven(path=["input"])
        return await self._claim(offer, member_id, request, None)

    async def _claim_code(self, member_id: str, code: str, idempotency_key: str) -> Coupon:
        request = IdempotentRequest(member_id, "claimOffer", idempotency_key, {"code": code})
        tries = self._limits.one(CODE_TRIES, member_id)
        wait = await tries.take()
        if wait:
            raise TooManyCodeTries(path=["input", "code"], wait_seconds=wait)
        offer_id = await self._codes.offer_of(code) if is_code(code) else None
        offer = await (self._offers.get(offer_id) if offer_id else self._offers.by_code(code))
        if offer is None:
            raise CouponCodeInvalid(path=["input", "code"])
        coupon = await self._claim(offer, member_id, request, code if offer_id else None)
        await tries.take_back()
        return coupon

    async def write(self, issued: Sequence[tuple[Offer, Coupon]], session: Session) -> None:
        """Writes coupons that nobody asked for, each of an offer as it was read.

        Whether the members are eligible, the caller has decided. Where an offer has changed meanwhile, or has
        been given away, the transaction runs again.
        """
        if not issued:
            return
        await self._coupons.add_many([coupon for _, coupon in issued], session)
        offers = {offer.id: offer for offer, _ in issued}
        numbers = Counter(offer.id for offer, _ in issued)
        await self._counters.add_issued([(offers[each], numbers[each]) for each in numbers], session)

    def reading_given_for(self, member_id: str, source: str) -> Reading[list[Coupon]]:
        """What the member was given for one thing, such as a check-in."""
        return self._coupons.reading_given_for(member_id, source)

    async def make_codes(self, offer_id: str, quantity: int, idempotency_key: str, maker: str) -> list[str]:
        """Makes codes of which each gives one coupon, once for each key: the same codes again.

        Raises OfferNotFound, OfferNotGiven and CodeQuantityInvalid.
        """
        if not 1 <= quantity <= MAXIMUM_CODES:
            raise CodeQuantityInvalid(path=["input", "quantity"], maximum=MAXIMUM_CODES)
        content = {"offer_id": offer_id, "quantity": quantity}
        request = IdempotentRequest(maker, "createCouponCodes", idempotency_key, content)
        offer = await self._offers.require(offer_id)
        if offer.terms.distribution is not Distribution.UNIQUE_CODES:
            raise OfferNotGiven(path=["input", "offerId"])

        async def make(session: Session) -> Document:
            codes = [new_code() for _ in range(quantity)]
            await self._codes.add_many(codes, offer_id, request.id, self._clock.now(), session)
            return {"batch": request.id}

        made = await self._idempotency.once(request, make, _nothing_to_store)
        return await self._codes.of_batch(made["batch"])

    async def _claim(
        self, offer: Offer, member_id: str, request: IdempotentRequest, unique_code: str | None
    ) -> Coupon:
        is_for_all = offer.terms.issued_if is None
        facts = None if is_for_all else await self._facts.of_member(member_id)
        refusal, why = await self._eligibility(offer, facts)
        source = f"code:{unique_code}" if unique_code else f"claim:{request.id}"
        return await self._groups.submit(
            offer.id, Issue(member_id, source, why, unique_code, request, refusal)
        )

    async def _eligibility(
        self, offer: Offer, facts: MemberFacts | None
    ) -> tuple[Refusal | None, tuple[Leaf, ...]]:
        """Why the member gets none, if so, and else why she gets one."""
        if offer.state_at(self._clock.now()) is not OfferState.ACTIVE:
            return OfferNotGiven(path=["input"]), ()
        condition = await self._offers.evaluable(offer.terms.issued_if)
        if facts is None:
            return None, ()
        if not holds(condition, facts):
            return NotEligible(path=["input"]), ()
        return None, tuple(reasons(condition, facts))[:MAXIMUM_REASONS]


async def _nothing_to_store(session: Session, refusal: Refusal) -> None:
    """Codes that are refused leave nothing behind."""
