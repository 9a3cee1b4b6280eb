"""Holds and redeems coupons of one offer for all who wait to, in one transaction.

What bears on them is read by one command before the transaction, which only writes, each write on the
condition that it is still so. The offer's counters are written once for all of them, so nobody runs again
because of another caller of this process; its limits and its budget are conditions of that write. What holds
that are over, uses that were rolled back and discounts that became smaller no longer need is due to be given
back: by the sweep, or here, when the offer is short.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from app.coupons import rules
from app.coupons.model import Redemption, RedemptionState
from app.coupons.redemption_repository import RedemptionRepository
from app.coupons.repository import CouponRepository
from app.coupons.taking import Take, Taking, counter_keys
from app.offers.counter_repository import CounterRepository
from app.offers.service import OfferService
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.events import Event, EventLog
from app.shared.idempotency import Idempotency
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.reading import read_together

GIVEN_BACK_AT_ONCE = 200


class _Short(Exception):
    """Something was refused because the offer is short."""


class TakeGroups:
    """The transactions that hold and redeem coupons, and give back what is no longer needed."""

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
        self._redemptions = RedemptionRepository(database)
        self._counters = CounterRepository(database)
        self._offers = offers
        self._idempotency = idempotency
        self._events = events
        self._clock = clock
        self._time_zone = time_zone

    async def take(self, offer_id: str, wishes: Sequence[Take]) -> list[Redemption | Refusal]:
        """The redemption of each wish, made now or before by the same owner, or why there is none."""
        try:
            return await self._take(offer_id, wishes, is_last=False)
        except _Short:
            await self.give_back(offer_id)
            return await self._take(offer_id, wishes, is_last=True)

    async def give_back(self, offer_id: str | None = None) -> int:
        """Gives back what is due, of one offer or of all, up to 200 redemptions; says how many it were."""

        async def act(session: Session) -> int:
            now = self._clock.now()
            due = await self._redemptions.due(now, GIVEN_BACK_AT_ONCE, session, offer_id)
            counts: Counter[str] = Counter()
            yen: Counter[str] = Counter()
            changed = []
            for before in due:
                after = _settled(before, now)
                uses = 0 if after.is_live else 1
                for key in before.counted:
                    counts[key] -= uses
                if before.counted:
                    yen[before.counted[0]] -= before.counted_yen - after.counted_yen
                changed.append((before, after if after.is_live else replace(after, counted=())))
            await self._redemptions.write(changed, [], session)
            await self._counters.add(counts, yen, session)
            return len(due)

        return await self._database.transaction(act)

    async def _take(self, offer_id: str, wishes: Sequence[Take], is_last: bool) -> list[Redemption | Refusal]:
        async def act(session: Session) -> list[Redemption | Refusal]:
            group, told = await self._read(offer_id, wishes)
            answers = await self._idempotency.each_once(
                [(wish.request, partial(group.decide, wish)) for wish in wishes], told, session
            )
            if group.is_short and not is_last:
                raise _Short
            await self._write(group, session)
            known = group.known
            ids = [each["redemption_id"] for each in answers if not isinstance(each, Refusal)]
            missing = [each for each in ids if each not in known]
            if missing:
                known |= await self._redemptions.get_many(missing, session)
            return [each if isinstance(each, Refusal) else known[each["redemption_id"]] for each in answers]

        return await self._database.transaction(act)

    async def _read(self, offer_id: str, wishes: Sequence[Take]) -> tuple[Taking, dict[str, Document]]:
        """What bears on the wishes now, and the answers that some of them have already."""
        now = self._clock.now()
        day = now.astimezone(self._time_zone).date().isoformat()
        coupon_ids = {wish.coupon_id for wish in wishes}
        keys = {key for wish in wishes for key in counter_keys(offer_id, day, wish.store.id)}

        offer = self._offers.reading(offer_id)
        coupons = self._coupons.reading_many(coupon_ids)
        living = self._redemptions.reading_living(coupon_ids)
        counters = self._counters.reading(keys)
        told = self._idempotency.reading_answers(wish.request for wish in wishes)

        found = await read_together(self._database, offer, coupons, living, counters, told)
        group = Taking(found[offer], now, day, found[coupons], found[living], found[counters])
        return group, found[told]

    async def _write(self, group: Taking, session: Session) -> None:
        if not group.changed_coupons:
            return
        await self._coupons.replace_many(group.changed_coupons, session)
        await self._redemptions.write(group.changed, group.added, session)
        redeemed = [each for each in group.known.values() if each.redeemed_at == group.now]
        if redeemed:
            await self._events.append_many([redeemed_event(each) for each in redeemed], session)
        await self._counters.add(group.added_counts, group.added_yen, session, group.most)


def _settled(redemption: Redemption, now: datetime) -> Redemption:
    """The redemption with what it still needs and nothing due."""
    if redemption.state_at(now) is RedemptionState.ROLLED_BACK:
        over = redemption if not redemption.is_live else rules.rolled_back(redemption, now, None)
        return replace(over, counted_yen=0, due_at=None)
    return replace(redemption, counted_yen=redemption.discount, due_at=redemption.held_until)


def redeemed_event(redemption: Redemption) -> Event:
    return redemption_event("CouponRedeemed", redemption, redemption.redeemed_at or redemption.created_at)


def redemption_event(event_type: str, redemption: Redemption, at: datetime) -> Event:
    """What happened to a coupon's use, for whoever follows it."""
    data = {
        "redemption_id": redemption.id,
        "coupon_id": redemption.coupon_id,
        "offer_id": redemption.offer_id,
        "member_id": redemption.member_id,
        "store_id": redemption.store_id,
        "discount": redemption.discount,
    }
    return Event(event_type, f"coupon:{redemption.coupon_id}", at, data)
