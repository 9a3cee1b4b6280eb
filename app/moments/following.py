"""Notices the moments that events tell of. What should have been given at once, and was not, is made up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from app.check_ins.service import CheckInService, arrival_of
from app.decisions.model import Moment, nearing_of
from app.decisions.service import OfferDecisions
from app.events.model import SequencedEvent
from app.events.service import EventService
from app.members.service import MemberService
from app.offers.model import OfferMoment
from app.purchases.history import PurchaseHistory
from app.shared.clock import Clock
from app.stores.service import StoreService

READER = "offer_moments"
EVENTS_AT_ONCE = 50
A_VISIT_LASTS = timedelta(hours=1)
NEWS_FOR = timedelta(hours=24)


class MomentFollowing:
    """Follows the events, 50 at a time.

    How far it has come is written down after the moments are decided. Whoever dies between, or follows at the
    same time, comes to some of them again: a moment is decided once.
    """

    def __init__(
        self,
        events: EventService,
        decisions: OfferDecisions,
        members: MemberService,
        check_ins: CheckInService,
        purchases: PurchaseHistory,
        stores: StoreService,
        clock: Clock,
    ) -> None:
        self._events = events
        self._decisions = decisions
        self._members = members
        self._check_ins = check_ins
        self._purchases = purchases
        self._stores = stores
        self._clock = clock
        self._moments: dict[str, Callable[[SequencedEvent], Awaitable[Moment | None]]] = {
            "GuestSignedUp": self._of_sign_up,
            "MemberRegistered": self._of_sign_up,
            "CheckedIn": self._of_check_in,
            "BeaconEntered": self._of_beacon,
            "PurchaseRecorded": self._of_purchase,
            "PurchaseClaimed": self._of_purchase,
        }

    async def follow(self) -> int:
        """Decides the moments since the last time, until there are no more; says from how many events."""
        followed = 0
        while events := await self._events.waiting_for(READER, self._moments, EVENTS_AT_ONCE):
            await asyncio.gather(*map(self._decide, events))
            await self._events.has_read(READER, events[-1].seq)
            followed += len(events)
        return followed

    async def _decide(self, event: SequencedEvent) -> None:
        moment = await self._moments[event.type](event)
        if moment is not None:
            await self._decisions.decide(await self._of_living(moment))

    async def _of_living(self, moment: Moment) -> Moment:
        """The moment of the member whom a guest became meanwhile."""
        living = await self._members.living(moment.member_id, None)
        return moment if living is None else replace(moment, member_id=living.id)

    def _is_over(self, event: SequencedEvent, lasts: timedelta) -> bool:
        return self._clock.now() >= event.occurred_at + lasts

    async def _of_sign_up(self, event: SequencedEvent) -> Moment | None:
        if self._is_over(event, NEWS_FOR):
            return None
        member_id = event.subject.removeprefix("member:")
        return Moment(OfferMoment.SIGN_UP, f"sign-up:{member_id}", member_id)

    async def _of_check_in(self, event: SequencedEvent) -> Moment | None:
        if self._is_over(event, A_VISIT_LASTS):
            return None
        check_in = await self._check_ins.get(event.data["check_in_id"])
        return arrival_of(check_in) if check_in else None

    async def _of_beacon(self, event: SequencedEvent) -> Moment | None:
        if self._is_over(event, A_VISIT_LASTS):
            return None
        store = await self._stores.get(event.data["store_id"])
        return nearing_of(
            event.subject.removeprefix("member:"),
            event.id,
            event.data["store_id"],
            store.location if store else None,
            event.data.get("category_ids", ()),  # events of before did not say
        )

    async def _of_purchase(self, event: SequencedEvent) -> Moment | None:
        """A purchase of the last day by somebody who is known: what a till sends later is no moment."""
        purchase = await self._purchases.get(event.data["purchase_id"])
        if purchase is None or purchase.member_id is None:
            return None
        if self._clock.now() >= purchase.occurred_at + NEWS_FOR:
            return None
        source = f"purchase:{purchase.id}"
        return Moment(OfferMoment.PURCHASE, source, purchase.member_id, purchase.name.store_id)
