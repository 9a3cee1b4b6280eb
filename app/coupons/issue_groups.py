"""Gives coupons of one offer to all who wait for one, in one transaction.

What bears on them is read by one command before the transaction, which only writes. That is why limits hold
without anybody waiting long: the offer's counter is written as it was read, so of two groups that serve the
same offer, and may give to the same member, the later one reads again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from app.coupons import rules
from app.coupons.codes import new_code
from app.coupons.errors import CouponCodeInvalid, OfferNotGiven
from app.coupons.model import Coupon, CouponState
from app.coupons.repository import CodeRepository, CouponRepository
from app.offers.conditions import Leaf
from app.offers.counter_repository import Count, CounterRepository, issued_key
from app.offers.experiments import variant_for
from app.offers.model import Offer, OfferState
from app.offers.service import OfferService
from app.shared.clock import Clock, midnight
from app.shared.errors import Refusal
from app.shared.events import Event, EventLog
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.reading import read_together


@dataclass(frozen=True, slots=True)
class Issue:
    """A wish for a coupon, for whose source the member gets one. `unique_code` is used up with it.

    `refusal` is why she gets none, where that is known before.
    """

    member_id: str
    source: str
    reasons: tuple[Leaf, ...] = ()
    unique_code: str | None = None
    request: IdempotentRequest | None = None
    refusal: Refusal | None = None


class IssueGroups:
    """The transaction that gives coupons."""

    def __init__(
        self,
        database: Database,
        offers: OfferService,
        idempotency: Idempotency,
        events: EventLog,
        clock: Clock,
        time_zone: ZoneInfo,
    ) -> None:
        self._database = database
        self._coupons = CouponRepository(database)
        self._codes = CodeRepository(database)
        self._counters = CounterRepository(database)
        self._offers = offers
        self._idempotency = idempotency
        self._events = events
        self._clock = clock
        self._time_zone = time_zone

    async def issue(self, offer_id: str, wishes: Sequence[Issue]) -> list[Coupon | Refusal]:
        """The coupon of each wish, given now or before for the same, or why there is none."""

        async def act(session: Session) -> list[Coupon | Refusal]:
            group, told = await self._read(offer_id, wishes)
            answers = await self._idempotency.each_once(
                [(wish.request, partial(group.decide, wish)) for wish in wishes], told, session
            )
            await self._write(group, session)
            known = group.known
            ids = [each["coupon_id"] for each in answers if not isinstance(each, Refusal)]
            missing = [coupon_id for coupon_id in ids if coupon_id not in known]
            if missing:
                known |= await self._coupons.get_many(missing, session)
            return [each if isinstance(each, Refusal) else known[each["coupon_id"]] for each in answers]

        return await self._database.transaction(act)

    async def _read(self, offer_id: str, wishes: Sequence[Issue]) -> tuple["_Group", dict[str, Document]]:
        """What bears on the wishes now, and the answers that some of them have already."""
        now = self._clock.now()
        members = {wish.member_id for wish in wishes}
        today = midnight(now.astimezone(self._time_zone))
        codes = {wish.unique_code for wish in wishes if wish.unique_code}

        offer = self._offers.reading(offer_id)
        counters = self._counters.reading([issued_key(offer_id)])
        counts = self._coupons.reading_counts_of(offer_id, members, today)
        owners = self._codes.reading_owners(codes)
        given = self._coupons.reading_of_offer(offer_id, members, {wish.source for wish in wishes})
        told = self._idempotency.reading_answers(wish.request for wish in wishes)

        # What was given or told meanwhile is looked at before any limit, and so is read after it.
        found = await read_together(self._database, offer, counters, counts, owners, given, told)
        group = _Group(
            offer=found[offer],
            now=now,
            counters=found[counters],
            issued=found[counters].get(issued_key(offer_id), Count()).count,
            counts=found[counts],
            given=found[given],
            code_owners=found[owners],
        )
        return group, found[told]

    async def _write(self, group: "_Group", session: Session) -> None:
        if not group.added:
            return
        await self._coupons.add_many(group.added, session)
        if group.codes_used:
            await self._codes.use_up(group.codes_used, session)
        await self._events.append_many([issued_event(coupon) for coupon in group.added], session)
        await self._counters.add_issued([(group.offer, len(group.added))], session, group.counters)


@dataclass(slots=True)
class _Group:
    """What is known of the offer, and what was decided so far."""

    offer: Offer
    now: datetime
    counters: dict[str, Count]
    issued: int
    counts: dict[str, tuple[int, int]]
    given: dict[tuple[str, str], Coupon]
    code_owners: dict[str, str | None]
    added: list[Coupon] = field(default_factory=list)
    codes_used: dict[str, str] = field(default_factory=dict)

    @property
    def known(self) -> dict[str, Coupon]:
        return {coupon.id: coupon for coupon in (*self.given.values(), *self.added)}

    def decide(self, wish: Issue) -> Document:
        """Gives the coupon. Raises why there is none."""
        given = self.given.get((wish.member_id, wish.source))
        if given is not None:
            return {"coupon_id": given.id}
        # Before all else: a code that somebody has used says nothing, not even that it was one.
        if wish.unique_code and self.code_owners.get(wish.unique_code, "") is not None:
            raise CouponCodeInvalid(path=["input", "code"])
        if wish.refusal is not None:
            raise wish.refusal
        if self.offer.state_at(self.now) is not OfferState.ACTIVE:
            raise OfferNotGiven(path=["input"])
        ever, today = self.counts.get(wish.member_id, (0, 0))
        rules.require_issuable(self.offer.terms.limits, self.issued, ever, today)
        coupon = new_coupon(self.offer, wish.member_id, wish.source, wish.reasons, self.now)
        self.issued += 1
        self.counts[wish.member_id] = (ever + 1, today + 1)
        self.given[wish.member_id, wish.source] = coupon
        self.added.append(coupon)
        if wish.unique_code:
            self.code_owners[wish.unique_code] = wish.member_id
            self.codes_used[wish.unique_code] = wish.member_id
        return {"coupon_id": coupon.id}


def new_coupon(offer: Offer, member_id: str, source: str, reasons: tuple[Leaf, ...], now: datetime) -> Coupon:
    """A coupon of the offer as it is, in the variant that is the member's."""
    return Coupon(
        id=new_id(),
        offer_id=offer.id,
        offer_version=offer.version,
        member_id=member_id,
        code=new_code(),
        state=CouponState.ISSUED,
        issued_at=now,
        expires_at=offer.terms.expiry(now),
        source=source,
        reasons=reasons,
        variant=variant_for(offer.id, offer.terms, member_id),
    )


def issued_event(coupon: Coupon) -> Event:
    """That a coupon was given, for whoever follows it."""
    data = {
        "coupon_id": coupon.id,
        "offer_id": coupon.offer_id,
        "member_id": coupon.member_id,
        "moment": coupon.moment.value if coupon.moment else None,
    }
    return Event("CouponIssued", f"coupon:{coupon.id}", coupon.issued_at, data)
