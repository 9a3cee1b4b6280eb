"""Holds and redeems coupons of one offer for all who wait to, in one transaction.

The offer's counters are written once for all of them, so its limits and its budget hold, and nobody runs
again because of another caller of this process. What holds that are over, uses that were rolled back and
discounts that became smaller no longer need is due to be given back: by the sweep, or here, when the offer is
short.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from app.coupons import rules
from app.coupons.errors import (
    BudgetExhausted,
    CouponExpired,
    CouponHeld,
    CouponNotFound,
    OfferPaused,
    RedemptionLimitReached,
)
from app.coupons.model import Coupon, CouponState, Redemption, RedemptionState
from app.coupons.redemption_repository import RedemptionRepository
from app.coupons.repository import CouponRepository
from app.offers.counter_repository import Count, CounterRepository
from app.offers.model import Offer, OfferState
from app.offers.service import OfferService
from app.shared.clock import Clock
from app.shared.database import Database, Document, Session
from app.shared.errors import Refusal
from app.shared.events import Event, EventLog
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.ids import new_id
from app.stores.model import Store

GIVEN_BACK_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Take:
    """A wish to use a coupon. With `held_until` it is held until then, without it is redeemed at once.

    `refusal` is why it cannot be used, where that is known before.
    """

    coupon_id: str
    owner: str
    store: Store
    discount: int
    bonus_points: int = 0
    points_multiplier: int = 1
    points_sku_ids: tuple[str, ...] | None = None
    held_until: datetime | None = None
    request: IdempotentRequest | None = None
    refusal: Refusal | None = None


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
            group = await self._read(offer_id, wishes, session)
            answers = await self._idempotency.each_once(
                [(wish.request, partial(group.decide, wish)) for wish in wishes], session
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

    async def _read(self, offer_id: str, wishes: Sequence[Take], session: Session) -> "_Group":
        now = self._clock.now()
        day = now.astimezone(self._time_zone).date().isoformat()
        coupon_ids = {wish.coupon_id for wish in wishes}
        keys = {key for wish in wishes for key in _keys(offer_id, day, wish.store.id)}
        return _Group(
            offer=await self._offers.in_transaction(offer_id, session),
            now=now,
            day=day,
            coupons=await self._coupons.get_many(sorted(coupon_ids), session),
            living=await self._redemptions.living(coupon_ids, session),
            counters=await self._counters.get_many(keys, session),
        )

    async def _write(self, group: "_Group", session: Session) -> None:
        if not group.changed_coupons:
            return
        await self._coupons.replace_many(group.changed_coupons, session)
        await self._redemptions.write(group.changed, group.added, session)
        redeemed = [each for each in group.known.values() if each.redeemed_at == group.now]
        if redeemed:
            await self._events.append_many([redeemed_event(each) for each in redeemed], session)
        await self._counters.add(group.added_counts, group.added_yen, session)


@dataclass(slots=True)
class _Group:
    """What is known of the offer and the coupons, and what was decided so far."""

    offer: Offer
    now: datetime
    day: str
    coupons: dict[str, Coupon]
    living: dict[str, Redemption]
    counters: dict[str, Count]
    is_short: bool = False
    changed_coupons: dict[str, tuple[Coupon, Coupon]] = field(default_factory=dict)
    changed: list[tuple[Redemption, Redemption]] = field(default_factory=list)
    added: list[Redemption] = field(default_factory=list)
    added_counts: Counter[str] = field(default_factory=Counter)
    added_yen: Counter[str] = field(default_factory=Counter)

    @property
    def known(self) -> dict[str, Redemption]:
        return {each.id: each for each in self.living.values()}

    def decide(self, wish: Take) -> Document:
        """Uses the coupon. Raises why it cannot be used.

        The same owner again changes nothing, but that what she held is redeemed when she asks for that.
        """
        coupon = self.coupons.get(wish.coupon_id)
        if coupon is None:
            raise CouponNotFound(path=["input"])
        living = self.living.get(coupon.id)
        if living is not None and living.state_at(self.now) is RedemptionState.ROLLED_BACK:
            self._set(coupon, rules.without_redemption(coupon))
            over = rules.rolled_back(living, self.now, None)
            self.changed.append((living, over))
            coupon, living = self.coupons[coupon.id], None
            del self.living[coupon.id]
        if living is not None and living.owner == wish.owner:
            return self._again(coupon, living, wish)
        self._require_free(coupon, living, wish)
        return self._use(coupon, wish)

    def _again(self, coupon: Coupon, living: Redemption, wish: Take) -> Document:
        if living.state is RedemptionState.HELD and wish.held_until is None:
            after = rules.redeemed(living, self.now)
            self._set(coupon, rules.with_redemption(coupon, after))
            self.living[coupon.id] = after
            if living in self.added:
                self.added[self.added.index(living)] = after
            else:
                self.changed.append((living, after))
        return {"redemption_id": living.id}

    def _require_free(self, coupon: Coupon, living: Redemption | None, wish: Take) -> None:
        """Raises why the coupon cannot be used; that of the caller's first, but a use is told as such."""
        zone = ZoneInfo(wish.store.time_zone)
        match coupon.state_at(self.now):
            case CouponState.REDEEMED:
                store = wish.store if coupon.used_store_id == wish.store.id else None
                raise rules.used_refusal(coupon, store, zone)
            case CouponState.HELD:
                raise CouponHeld
            case CouponState.REVOKED:
                raise rules.revoked_refusal(coupon)
            case CouponState.EXPIRED:
                raise CouponExpired(day=rules.day_texts(coupon.expires_at, zone))
            case _ if wish.refusal is not None:
                raise wish.refusal
        if self.offer.state_at(self.now) is OfferState.PAUSED:
            raise OfferPaused
        used, today, at_store = (
            self.counters.get(key, Count()) for key in _keys(self.offer.id, self.day, wish.store.id)
        )
        try:
            rules.require_redeemable(
                self.offer.terms.limits, used.count, today.count, at_store.count, used.yen, wish.discount
            )
        except (RedemptionLimitReached, BudgetExhausted):
            self.is_short = True
            raise

    def _use(self, coupon: Coupon, wish: Take) -> Document:
        keys = _keys(self.offer.id, self.day, wish.store.id)
        redemption = Redemption(
            id=new_id(),
            coupon_id=coupon.id,
            offer_id=coupon.offer_id,
            member_id=coupon.member_id,
            owner=wish.owner,
            state=RedemptionState.HELD if wish.held_until else RedemptionState.REDEEMED,
            store_id=wish.store.id,
            discount=wish.discount,
            bonus_points=wish.bonus_points,
            points_multiplier=wish.points_multiplier,
            points_sku_ids=wish.points_sku_ids,
            created_at=self.now,
            counted=keys,
            counted_yen=wish.discount,
            held_until=wish.held_until,
            redeemed_at=None if wish.held_until else self.now,
            due_at=wish.held_until,
        )
        for key in keys:
            yen = wish.discount if key == keys[0] else 0
            before = self.counters.get(key, Count())
            self.counters[key] = Count(before.count + 1, before.yen + yen)
            self.added_counts[key] += 1
            self.added_yen[key] += yen
        self.added.append(redemption)
        self.living[coupon.id] = redemption
        self._set(coupon, rules.with_redemption(coupon, redemption))
        return {"redemption_id": redemption.id}

    def _set(self, coupon: Coupon, after: Coupon) -> None:
        before, _ = self.changed_coupons.get(coupon.id, (coupon, coupon))
        self.changed_coupons[coupon.id] = (before, after)
        self.coupons[coupon.id] = after


def _settled(redemption: Redemption, now: datetime) -> Redemption:
    """The redemption with what it still needs and nothing due."""
    if redemption.state_at(now) is RedemptionState.ROLLED_BACK:
        over = redemption if not redemption.is_live else rules.rolled_back(redemption, now, None)
        return replace(over, counted_yen=0, due_at=None)
    return replace(redemption, counted_yen=redemption.discount, due_at=redemption.held_until)


def used_key(offer_id: str) -> str:
    """The counter of an offer's uses, with the yen that they took off."""
    return f"{offer_id}/used"


def _keys(offer_id: str, day: str, store_id: str) -> tuple[str, str, str]:
    """The counters that a use stands on: in all (with the budget), on the day, at the store."""
    key = used_key(offer_id)
    return key, f"{key}/day/{day}", f"{key}/store/{store_id}"


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
