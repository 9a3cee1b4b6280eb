"""Coupons at the till: redeemed with a receipt, and rolled back."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from app.auth.actor import PartnerActor, StaffActor
from app.coupons import rules
from app.coupons.baskets import BasketItem, Baskets
from app.coupons.codes import is_code, normal_code
from app.coupons.errors import (
    CouponCodeInvalid,
    NoUseHere,
    ReceiptInvalid,
    RedemptionNotFound,
    TooManyCodeTries,
)
from app.coupons.facts import FactGathering
from app.coupons.model import CouponWithTerms, Redemption, RedemptionState
from app.coupons.pricing import BasketLine, CouponEffect, applied
from app.coupons.redemption_repository import RedemptionRepository
from app.coupons.repository import CouponRepository
from app.coupons.take_groups import Take, redemption_event
from app.coupons.terms import with_terms
from app.coupons.tills import may_act_for, require_till_store, scanner_of
from app.offers.model import BenefitKind
from app.offers.service import OfferService
from app.points.errors import PointReferenceUsed
from app.points.model import PointReason, PointSource
from app.points.service import PointService
from app.shared.clock import Clock
from app.shared.database import Database, Document, Session
from app.shared.errors import Refusal
from app.shared.events import EventLog
from app.shared.group_commit import GroupCommit
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.rate_limits import RateLimit, RateLimits
from app.shared.texts import normal_line
from app.stores.model import Store
from app.stores.service import StoreService

# Of one partner or staff member at one store, whose tills may scan many at once; codes have 80 random bits.
CODE_FAILURES = RateLimit("coupon-code-failures", 300, timedelta(minutes=1))
RECEIPT_MAXIMUM_LENGTH = 60
REASON_MAXIMUM_LENGTH = 200
RECEIPT = "receipt"  # what owners begin with that are no orders

# What needs more than a till: points are multiplied with the purchase, and nothing is shipped from here.
NOT_AT_A_TILL = {BenefitKind.POINTS_MULTIPLIER, BenefitKind.FREE_SHIPPING}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt of a till: its number names it at its store and terminal once and for all."""

    terminal: str
    number: str
    items: tuple[BasketItem, ...]

    def fingerprint(self) -> Document:
        """The content that a repetition must equal."""
        items = [[item.sku_id, item.quantity, item.unit_price] for item in self.items]
        return {"terminal": self.terminal, "number": self.number, "items": items}


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A use at a till, with the coupon, and what it takes off each line of the receipt, numbered from 1."""

    redemption: Redemption
    held: CouponWithTerms
    effect: CouponEffect


class CouponTill:
    """The use cases of tills and counters."""

    def __init__(
        self,
        database: Database,
        offers: OfferService,
        stores: StoreService,
        baskets: Baskets,
        facts: FactGathering,
        points: PointService,
        groups: GroupCommit[Take, Redemption],
        idempotency: Idempotency,
        limits: RateLimits,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._coupons = CouponRepository(database)
        self._redemptions = RedemptionRepository(database)
        self._offers = offers
        self._stores = stores
        self._baskets = baskets
        self._facts = facts
        self._points = points
        self._groups = groups
        self._idempotency = idempotency
        self._limits = limits
        self._events = events
        self._clock = clock

    async def redeem(
        self,
        actor: PartnerActor | StaffActor,
        typed: str,
        store_id: str,
        receipt: Receipt,
        idempotency_key: str,
    ) -> Redeemed:
        """Uses the coupon with this code for a receipt, once for each key, and once for each receipt.

        The same receipt again gets the first redemption. Raises CouponCodeInvalid, TooManyCodeTries, all
        that keeps it from being used, StoreNotFound, StoreNotAllowed and ReceiptInvalid.
        """
        store = await require_till_store(self._stores, actor, store_id)
        owner = _owner(store, receipt)
        failure = self._limits.one(CODE_FAILURES, f"{scanner_of(actor)}@{store.id}")
        wait = await failure.take()
        if wait:
            raise TooManyCodeTries(path=["input", "code"], wait_seconds=wait)
        code = normal_code(typed)
        coupon = await self._coupons.by_code(code) if is_code(code) else None
        if coupon is None:
            raise CouponCodeInvalid(path=["input", "code"])
        await failure.take_back()
        (held,) = await with_terms(self._offers, [coupon])
        lines = await self._baskets.lines(receipt.items)
        (effect,) = applied(lines, [rules.priced(held)]).effects
        content = {"code": code, "store_id": store.id, **receipt.fingerprint()}
        take = Take(
            coupon_id=coupon.id,
            owner=owner,
            store=store,
            discount=effect.discount,
            bonus_points=effect.bonus_points,
            request=IdempotentRequest(scanner_of(actor), "redeemCoupon", idempotency_key, content),
            refusal=await self._refusal(held, store, lines),
        )
        redemption = await self._groups.submit(coupon.offer_id, take)
        await self._award(redemption)
        return Redeemed(redemption, held, effect)

    async def rollback(
        self,
        actor: PartnerActor | StaffActor,
        redemption_id: str,
        reason: str | None,
        idempotency_key: str,
    ) -> Redemption:
        """Takes a use at a till back, once: the coupon is good again for as long as it was.

        What orders use is theirs alone. Raises RedemptionNotFound and ReceiptInvalid for a bad reason.
        """
        checked = normal_line(reason, REASON_MAXIMUM_LENGTH) if reason else None
        if reason and checked is None:
            raise ReceiptInvalid(path=["input", "reason"])
        content = {"redemption_id": redemption_id, "reason": reason}
        request = IdempotentRequest(scanner_of(actor), "rollbackRedemption", idempotency_key, content)

        async def accept(session: Session) -> Document:
            redemption = await self._redemptions.get(redemption_id, session)
            if redemption is None or not redemption.owner.startswith(RECEIPT):
                raise RedemptionNotFound(path=["input", "redemptionId"])
            store = await self._stores.require(redemption.store_id, ["input", "redemptionId"], session)
            if not may_act_for(actor, store):
                raise RedemptionNotFound(path=["input", "redemptionId"])
            if redemption.state is RedemptionState.REDEEMED:
                await self._roll_back(redemption, checked, session)
            return {"redemption_id": redemption_id}

        await self._idempotency.once(request, accept, _nothing_to_store)
        found = await self._redemptions.get(redemption_id)
        if found is None:
            raise LookupError(f"redemption {redemption_id} is gone")
        return found

    async def _roll_back(self, redemption: Redemption, reason: str | None, session: Session) -> None:
        now = self._clock.now()
        coupon = await self._coupons.get(redemption.coupon_id, session)
        if coupon is None:
            raise LookupError(f"coupon {redemption.coupon_id} is gone")
        after = rules.rolled_back(redemption, now, reason)
        await self._redemptions.write([(redemption, after)], [], session)
        await self._coupons.replace_many({coupon.id: (coupon, rules.without_redemption(coupon))}, session)
        if redemption.bonus_points:
            source = PointSource(f"rollback:{redemption.id}", PointReason.COUPON, now, redemption.store_id)
            await self._points.withdraw(redemption.member_id, redemption.bonus_points, source, session)
        await self._events.append(redemption_event("RedemptionRolledBack", redemption, now), session)

    async def _refusal(self, held: CouponWithTerms, store: Store, lines: list[BasketLine]) -> Refusal | None:
        """The first thing that keeps the coupon from being used here."""
        if held.terms.benefit.kind in NOT_AT_A_TILL:
            return NoUseHere()
        offer = await self._offers.require(held.coupon.offer_id)
        facts = await self._facts.of_member(held.coupon.member_id) if held.terms.usable_if else None
        found = list(rules.obstacles(held, offer, store, self._clock.now(), facts=facts))
        found += rules.basket_obstacles(held, lines, await self._baskets.what(held.terms.scope))
        return found[0] if found else None

    async def _award(self, redemption: Redemption) -> None:
        """Awards the points of this use, once: who asks again has it made up for."""
        if not redemption.bonus_points or redemption.state is not RedemptionState.REDEEMED:
            return
        source = PointSource(
            f"redemption:{redemption.id}",
            PointReason.COUPON,
            redemption.redeemed_at or self._clock.now(),
            redemption.store_id,
        )

        async def act(session: Session) -> None:
            await self._points.earn(redemption.member_id, redemption.bonus_points, source, session)

        try:
            await self._database.transaction(act)
        except PointReferenceUsed:
            return


def _owner(store: Store, receipt: Receipt) -> str:
    """The receipt, by its natural name. Raises ReceiptInvalid."""
    parts = [normal_line(each, RECEIPT_MAXIMUM_LENGTH) for each in (receipt.terminal, receipt.number)]
    if None in parts:
        raise ReceiptInvalid(path=["input", "receipt"])
    return "/".join([RECEIPT, store.id, *(quote(str(part), safe="") for part in parts)])


async def _nothing_to_store(session: Session, refusal: Refusal) -> None:
    """A refused rollback leaves nothing behind."""
