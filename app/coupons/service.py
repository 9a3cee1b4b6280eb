"""What members can do with the coupons in their wallet."""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

import structlog
from pymongo.errors import PyMongoError

from app.coupons import rules
from app.coupons.baskets import BasketItem, Baskets
from app.coupons.facts import FactGathering
from app.coupons.model import Coupon, CouponState, CouponWithTerms
from app.coupons.pricing import applied
from app.coupons.repository import CouponRepository
from app.coupons.terms import with_terms
from app.offers.conditions import MemberFacts
from app.offers.service import OfferService
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.mongodb.database import Database
from app.shared.mongodb.group_commit import GroupCommit
from app.shared.mongodb.reading import Reads, read_together
from app.shared.paging import Page, PageRequest, page_of
from app.stores.rules import asked_moment
from app.stores.service import StoreService

SEEN = "seen"  # the one subject of what is written together

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Usability:
    """Whether a coupon can be used, what it would take off (in yen), and all that is in its way."""

    discount: int
    bonus_points: int
    points_multiplier: int
    obstacles: tuple[Refusal, ...]


class WalletService:
    """The use cases of the wallet."""

    def __init__(
        self,
        database: Database,
        offers: OfferService,
        stores: StoreService,
        baskets: Baskets,
        facts: FactGathering,
        clock: Clock,
    ) -> None:
        self._database = database
        self._coupons = CouponRepository(database)
        self._offers = offers
        self._stores = stores
        self._baskets = baskets
        self._facts = facts
        self._clock = clock
        self._seeing = GroupCommit(self._mark_seen)

    async def get(self, coupon_id: str) -> Coupon | None:
        return await self._coupons.get(coupon_id)

    async def given_for(self, member_id: str, source: str) -> list[CouponWithTerms]:
        """What the member was given for one thing, such as a check-in."""
        given = self._coupons.reading_given_for(member_id, source)
        found = await read_together(self._database, given)
        return await self.with_terms(found[given])

    async def page(
        self,
        member_id: str,
        states: AbstractSet[CouponState],
        request: PageRequest,
        reads: Reads | None = None,
    ) -> Page[CouponWithTerms]:
        """The member's coupons in these states at this moment, or all, the newest first."""
        reading = self._coupons.reading_page(member_id, states, self._clock.now(), request)
        page = (await (reads or Reads(self._database)).read(reading))[reading]
        held = await self.with_terms([coupon for coupon, _ in page.items])
        cursors = [cursor for _, cursor in page.items]
        return Page(tuple(zip(held, cursors, strict=True)), page.has_next, page.has_previous)

    async def usable_at(
        self, member_id: str, store_id: str, at: datetime | None, request: PageRequest
    ) -> Page[CouponWithTerms]:
        """Those of her coupons that can be used at this store and moment, the newest first.

        Whatever is bought; of at most 100 that expire soonest. Raises StoreNotFound and MomentInvalid.
        """
        now = self._clock.now()
        moment = asked_moment(at, now)
        store = await self._stores.require(store_id, ["usableAt", "storeId"])
        held = await self.with_terms(await self._coupons.usable(member_id, moment))
        offers = await self._offers.get_many([each.coupon.offer_id for each in held])
        facts = await self._facts_for(member_id, held)
        usable = [
            each
            for each in held
            if not any(rules.obstacles(each, offers[each.coupon.offer_id], store, moment, facts=facts))
        ]
        usable.sort(key=lambda each: each.coupon.id, reverse=True)
        position = request.position(str)
        found = [each for each in usable if position is None or each.coupon.id < position[0]]
        return page_of([(each, (each.coupon.id,)) for each in found[: request.first + 1]], request)

    async def mark_seen(self, coupon_ids: Collection[str]) -> None:
        """Marks coupons as seen, from the first time on. That it cannot be done is logged, and no more.

        What many members see at once is written together.
        """
        await self._seeing.submit(SEEN, coupon_ids)

    async def _mark_seen(self, _: str, seen: Sequence[Collection[str]]) -> list[None]:
        try:
            await self._coupons.mark_seen(set().union(*seen), self._clock.now())
        except PyMongoError as error:
            log.warning("coupons_not_marked_as_seen", error=type(error).__name__)
        return [None] * len(seen)

    async def with_terms(self, coupons: Sequence[Coupon]) -> list[CouponWithTerms]:
        """The coupons, each with what it says."""
        return await with_terms(self._offers, coupons)

    async def usability(self, coupon: Coupon, store_id: str, items: Sequence[BasketItem]) -> Usability:
        """What the coupon would do at this store now, and all that is in its way; nothing is held.

        Without items, it is not asked what is bought. Raises StoreNotFound and ReceiptInvalid.
        """
        now = self._clock.now()
        store = await self._stores.require(store_id, ["storeId"])
        (held,) = await self.with_terms([coupon])
        offer = await self._offers.require(coupon.offer_id)
        facts = await self._facts_for(coupon.member_id, [held])
        used_at = await self._stores.get(coupon.used_store_id) if coupon.used_store_id else None
        found = list(rules.obstacles(held, offer, store, now, used_at, facts))
        if not items:
            return Usability(0, 0, 1, tuple(found))
        lines = await self._baskets.lines(items, held.terms.scope)
        found += rules.basket_obstacles(held, lines, await self._baskets.what(held.terms.scope))
        combination = applied(lines, [rules.priced(held)])
        return Usability(
            combination.discount, combination.bonus_points, combination.points_multiplier, tuple(found)
        )

    async def _facts_for(self, member_id: str, held: Sequence[CouponWithTerms]) -> MemberFacts | None:
        """What is known of the member, where a coupon asks."""
        if any(each.terms.usable_if for each in held):
            return await self._facts.of_member(member_id)
        return None
