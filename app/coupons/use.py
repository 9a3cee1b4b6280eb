"""Coupons in orders: which can be used, held while the order is placed, and used or given back in its end.

A hold is taken before the order's own transaction, by the group commit of its offer, and ends by itself. The
order's transaction then touches the coupon and its use alone, and no counter that others wait for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from app.coupons import rules
from app.coupons.baskets import Baskets
from app.coupons.errors import CouponHeld, CouponNotFound, CouponsNotCombinable, NoUseHere, TooManyCoupons
from app.coupons.facts import FactGathering
from app.coupons.model import CouponWithTerms, Redemption, RedemptionState
from app.coupons.pricing import (
    MAXIMUM_TOGETHER,
    BasketLine,
    Combination,
    applied,
    best_combination,
    may_combine,
)
from app.coupons.redemption_repository import RedemptionRepository
from app.coupons.repository import CouponRepository
from app.coupons.take_groups import redeemed_event
from app.coupons.taking import Take
from app.coupons.terms import with_terms
from app.offers.model import BenefitKind
from app.offers.service import OfferService
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.events import EventLog
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.group_commit import GroupCommit
from app.stores.model import Store

PATH = ("input", "couponIds")


class CouponUse:
    """What orders do with the coupons of their members."""

    def __init__(
        self,
        database: Database,
        offers: OfferService,
        baskets: Baskets,
        facts: FactGathering,
        groups: GroupCommit[Take, Redemption],
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._coupons = CouponRepository(database)
        self._redemptions = RedemptionRepository(database)
        self._offers = offers
        self._baskets = baskets
        self._facts = facts
        self._groups = groups
        self._events = events
        self._clock = clock

    async def chosen(
        self,
        member_id: str,
        coupon_ids: Sequence[str],
        held_ids: Sequence[str],
        store: Store,
        lines: Sequence[BasketLine],
    ) -> tuple[list[CouponWithTerms], Combination, list[Refusal]]:
        """What these coupons do together, and all that is in the way of it. Held ones are the order's own."""
        if len(coupon_ids) > MAXIMUM_TOGETHER:
            return [], Combination(), [TooManyCoupons(path=PATH, maximum=MAXIMUM_TOGETHER)]
        found = await self._coupons.get_many(coupon_ids)
        coupons = [found[each] for each in dict.fromkeys(coupon_ids) if each in found]
        if len(coupons) < len(coupon_ids) or any(each.member_id != member_id for each in coupons):
            return [], Combination(), [CouponNotFound(path=PATH)]
        held = await with_terms(self._offers, coupons)
        problems: list[Refusal] = []
        obstacles = await self._obstacles(member_id, held, store)
        for each in held:
            if each.coupon.id not in held_ids:
                problems += obstacles[each.coupon.id]
            problems += rules.basket_obstacles(each, lines, await self._baskets.what(each.terms.scope))
            if each.terms.benefit.kind is BenefitKind.FREE_SHIPPING:
                problems.append(NoUseHere(path=PATH))
        combination = [rules.priced(each) for each in held]
        if not may_combine(combination):
            problems.append(CouponsNotCombinable(path=PATH))
        return held, applied(lines, combination), problems

    async def best(
        self,
        member_id: str,
        held_ids: Sequence[str],
        store: Store,
        lines: Sequence[BasketLine],
        points_to_earn: Mapping[str, int],
    ) -> tuple[list[CouponWithTerms], Combination]:
        """Those of her coupons that are worth most to her for this basket, and what they do.

        Held ones are the order's own.
        """
        own = await self._coupons.get_many(held_ids) if held_ids else {}
        free = await self._coupons.usable(member_id, self._clock.now())
        held = await with_terms(self._offers, [*own.values(), *free])
        obstacles = await self._obstacles(member_id, held, store)
        usable = [each for each in held if each.coupon.id in own or not obstacles[each.coupon.id]]
        best = best_combination(lines, [rules.priced(each) for each in usable], points_to_earn)
        used = {effect.coupon_id for effect in best.effects}
        return [each for each in usable if each.coupon.id in used], best

    async def hold(
        self,
        held: Sequence[CouponWithTerms],
        combination: Combination,
        owner: str,
        store: Store,
        until: datetime,
    ) -> dict[str, str]:
        """Holds all of the coupons for their discounts, or none; the id of each one's use, by the coupon's.

        The same owner's holds are the same. Raises why one cannot be held.
        """
        offers = {each.coupon.id: each.coupon.offer_id for each in held}
        redemptions: dict[str, str] = {}
        try:
            for effect in combination.effects:
                take = Take(
                    effect.coupon_id,
                    owner,
                    store,
                    effect.discount,
                    effect.bonus_points,
                    effect.points_multiplier,
                    held_until=until,
                )
                redemption = await self._groups.submit(offers[effect.coupon_id], take)
                redemptions[effect.coupon_id] = redemption.id
        except Refusal:
            await self._let_go(list(redemptions.values()))
            raise
        return redemptions

    async def held_by(self, owner: str) -> dict[str, str]:
        """What the owner holds: the id of each use, by the coupon's."""
        now = self._clock.now()
        found = await self._redemptions.of_owner(owner, None)
        return {each.coupon_id: each.id for each in found if each.state_at(now) is RedemptionState.HELD}

    async def keep(self, wanted: Mapping[str, int], until: datetime, session: Session) -> None:
        """Keeps holds, by the ids of the uses with their discounts, until that moment.

        Raises CouponHeld where a hold is over meanwhile, or was for less.
        """
        now = self._clock.now()
        found = await self._redemptions.get_many(sorted(wanted), session)
        for redemption_id, discount in wanted.items():
            redemption = found.get(redemption_id)
            is_held = redemption is not None and redemption.state_at(now) is RedemptionState.HELD
            if redemption is None or not is_held or redemption.discount < discount:
                raise CouponHeld(path=PATH)
        kept = [replace(each, held_until=until, due_at=until) for each in found.values()]
        await self._write(found, kept, session)

    async def redeem(self, discounts: Mapping[str, int], session: Session) -> None:
        """Makes uses good, by their ids, each for what it took off in the end."""
        found = await self._redemptions.get_many(sorted(discounts), session)
        now = self._clock.now()
        redeemed = []
        for redemption in found.values():
            discount = min(discounts[redemption.id], redemption.discount)
            after = replace(rules.redeemed(redemption, now), discount=discount)
            is_less = discount < redemption.counted_yen
            redeemed.append(replace(after, due_at=now if is_less else None))
        await self._write(found, redeemed, session)
        if redeemed:
            await self._events.append_many([redeemed_event(each) for each in redeemed], session)

    async def free(self, redemption_ids: Sequence[str], session: Session) -> None:
        """Gives the coupons of these uses back; what was given back already stays so."""
        found = await self._redemptions.get_many(redemption_ids, session)
        living = {key: each for key, each in found.items() if each.is_live}
        now = self._clock.now()
        await self._write(living, [rules.rolled_back(each, now, None) for each in living.values()], session)

    async def _let_go(self, redemption_ids: Sequence[str]) -> None:
        """Gives holds back that came to nothing; where that fails, they end by themselves."""
        if redemption_ids:
            await self._database.transaction(lambda session: self.free(redemption_ids, session))

    async def _write(
        self, before: Mapping[str, Redemption], after: Sequence[Redemption], session: Session
    ) -> None:
        """Writes the uses and, with them, their coupons, as far as they are the coupons' own still."""
        if not after:
            return
        coupons = await self._coupons.get_many([each.coupon_id for each in after], session)
        changes = {}
        for redemption in after:
            coupon = coupons[redemption.coupon_id]
            if coupon.redemption_id == redemption.id:
                is_over = not redemption.is_live
                changed = (
                    rules.without_redemption(coupon) if is_over else rules.with_redemption(coupon, redemption)
                )
                changes[coupon.id] = (coupon, changed)
        await self._redemptions.write([(before[each.id], each) for each in after], [], session)
        await self._coupons.replace_many(changes, session)

    async def _obstacles(
        self, member_id: str, held: Sequence[CouponWithTerms], store: Store
    ) -> dict[str, list[Refusal]]:
        """What keeps each of these coupons from being used at this store now, by the coupon's id."""
        is_asked = any(each.terms.usable_if for each in held)
        facts = await self._facts.of_member(member_id) if is_asked else None
        offers = await self._offers.get_many([each.coupon.offer_id for each in held])
        now = self._clock.now()
        return {
            each.coupon.id: list(rules.obstacles(each, offers[each.coupon.offer_id], store, now, facts=facts))
            for each in held
        }
