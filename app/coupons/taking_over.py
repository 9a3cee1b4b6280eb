"""What becomes of a guest's coupons when she turns out to be a member."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.coupons import rules
from app.coupons.model import Coupon, CouponState, RevocationReason
from app.coupons.redemption_repository import RedemptionRepository
from app.coupons.repository import CouponRepository
from app.offers.counter_repository import CounterRepository, issued_key
from app.offers.service import OfferService
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session


class CouponTakeover:
    """Makes a guest's coupons the member's: being two does not pay."""

    def __init__(
        self, database: Database, offers: OfferService, events: EventLog, clock: Clock, time_zone: ZoneInfo
    ) -> None:
        self._coupons = CouponRepository(database)
        self._redemptions = RedemptionRepository(database)
        self._counters = CounterRepository(database)
        self._offers = offers
        self._events = events
        self._clock = clock
        self._time_zone = time_zone

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> int:
        """Makes a guest's coupons the member's, with their uses, and says how many those were.

        What nobody uses or holds is revoked, where both were given one for the same, and where it is more
        than the offer lets a member have; what was given twice stays the guest's.
        """
        await self._redemptions.take_over(guest_id, member_id, session)
        given = await self._coupons.of_member(guest_id, session)
        if not given:
            return 0
        offer_ids = {coupon.offer_id for coupon in given}
        own = await self._coupons.of_member(member_id, session, offer_ids)
        # A member who is given one at this moment has it counted, or counts these.
        await self._counters.touch([issued_key(offer_id) for offer_id in offer_ids], session)
        changed = await self._changed(given, own, member_id)
        await self._coupons.replace_many(
            {before.id: (before, after) for before, after in changed if after != before}, session
        )
        now = self._clock.now()
        revoked = [
            _revoked_event(replace(after, member_id=member_id), now)
            for before, after in changed
            if after.state is CouponState.REVOKED is not before.state
        ]
        if revoked:
            await self._events.append_many(revoked, session)
        return len(given)

    async def _changed(
        self, given: Sequence[Coupon], own: Sequence[Coupon], member_id: str
    ) -> list[tuple[Coupon, Coupon]]:
        """Each of the guest's coupons, before and after."""
        sources = {(coupon.offer_id, coupon.source) for coupon in own}
        is_twice = {each.id for each in given if (each.offer_id, each.source) in sources}
        surplus = await self._surplus([each for each in given if each.id not in is_twice], own)
        now = self._clock.now()
        changed = []
        for before in given:
            if before.id in is_twice:
                after = _revoked(before, RevocationReason.GIVEN_TWICE, now)
            else:
                after = replace(before, member_id=member_id)
                after = _revoked(after, RevocationReason.MEMBER_LIMIT, now) if before.id in surplus else after
            changed.append((before, after))
        return changed

    async def _surplus(self, given: Iterable[Coupon], own: Iterable[Coupon]) -> set[str]:
        offers = await self._offers.get_many([coupon.offer_id for coupon in given])
        return {
            coupon_id
            for offer in offers.values()
            for coupon_id in rules.surplus(
                (each for each in given if each.offer_id == offer.id),
                (each for each in own if each.offer_id == offer.id),
                offer.terms.limits,
                self._clock.now(),
                self._time_zone,
            )
        }


def _revoked(coupon: Coupon, reason: RevocationReason, now: datetime) -> Coupon:
    """The coupon taken back, if nobody uses or holds it."""
    if coupon.state_at(now) is not CouponState.ISSUED:
        return coupon
    return replace(coupon, state=CouponState.REVOKED, revoked_for=reason)


def _revoked_event(coupon: Coupon, now: datetime) -> Event:
    data = {
        "coupon_id": coupon.id,
        "offer_id": coupon.offer_id,
        "member_id": coupon.member_id,
        "reason": coupon.revoked_for,
    }
    return Event("CouponRevoked", f"coupon:{coupon.id}", now, data)
