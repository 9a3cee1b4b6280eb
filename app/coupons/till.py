"""Coupons at the till: redeemed with a receipt, and rolled back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.auth.actor import PartnerActor, StaffActor
from app.coupons import rules
from app.coupons.baskets import BasketItem, Baskets
from app.coupons.codes import is_code, normal_code
from app.coupons.errors import (
    CouponCodeInvalid,
    ReceiptInvalid,
    RedemptionNotFound,
    TooManyCodeTries,
)
from app.coupons.facts import FactGathering
from app.coupons.model import Coupon, CouponWithTerms, Redemption, RedemptionState
from app.coupons.pricing import BasketLine, CouponEffect, applied
from app.coupons.receipts import is_receipt, receipt_owner
from app.coupons.redemption_repository import RedemptionRepository
from app.coupons.repository import CouponRepository
from app.coupons.take_groups import redemption_event
from app.coupons.taking import Take
from app.coupons.terms import with_terms
from app.coupons.tills import may_act_for, require_till_store, scanner_of
from app.offers.service import OfferService
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.events import EventLog
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.group_commit import GroupCommit
from app.shared.mongodb.reading import read_together
from app.shared.rate_limits import GroupedLimit, RateLimit, RateLimits
from app.shared.texts import normal_line
from app.stores.known_stores import KnownStores
from app.stores.model import Store
from app.stores.service import StoreService

# Of one partner or staff member at one store, whose tills may scan many at once; codes have 80 random bits.
CODE_FAILURES = RateLimit("coupon-code-failures", 300, timedelta(minutes=1))
RECEIPT_MAXIMUM_LENGTH = 60
REASON_MAXIMUM_LENGTH = 200
MAXIMUM_SHIPPING = 1_000_000
SCANS = "scans"  # the one subject of what is looked up together

_Scan = tuple[str, str]  # a code, and who tries it where
_Scanned = tuple[Coupon | None, int]  # the coupon with the code, and the seconds to wait


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt of a till: its number names it at its store and terminal once and for all.

    `shipping` is what the delivery costs, in yen, where goods are sent.
    """

    terminal: str
    number: str
    items: tuple[BasketItem, ...]
    shipping: int = 0

    def fingerprint(self) -> Document:
        """The content that a repetition must equal."""
        items = [[item.sku_id, item.quantity, item.unit_price] for item in self.items]
        name = {"terminal": self.terminal, "number": self.number}
        return {**name, "items": items, "shipping": self.shipping}


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
        known_stores: KnownStores,
        baskets: Baskets,
        facts: FactGathering,
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
        self._known_stores = known_stores
        self._baskets = baskets
        self._facts = facts
        self._groups = groups
        self._idempotency = idempotency
        self._failures = GroupedLimit(limits, CODE_FAILURES)
        self._scans: GroupCommit[_Scan, _Scanned] = GroupCommit(self._scan)
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

        The points that it brings are earned with the purchase that is recorded under the receipt's name.
        The same receipt again gets the first redemption. Raises CouponCodeInvalid, TooManyCodeTries, all
        that keeps it from being used, StoreNotFound, StoreNotAllowed and ReceiptInvalid.
        """
        store = await require_till_store(self._known_stores, actor, store_id)
        owner = _owner(store, receipt)
        code = normal_code(typed)
        coupon = await self._with_code(code, f"{scanner_of(actor)}@{store.id}")
        (held,) = await with_terms(self._offers, [coupon])
        lines = await self._baskets.lines(receipt.items, held.terms.scope)
        (effect,) = applied(lines, [rules.priced(held)], receipt.shipping).effects
        content = {"code": code, "store_id": store.id, **receipt.fingerprint()}
        take = Take(
            coupon_id=coupon.id,
            owner=owner,
            store=store,
            discount=effect.discount,
            bonus_points=effect.bonus_points,
            points_multiplier=effect.points_multiplier,
            points_sku_ids=_points_sku_ids(held, effect, lines),
            request=IdempotentRequest(scanner_of(actor), "redeemCoupon", idempotency_key, content),
            refusal=await self._refusal(held, store, lines, receipt.shipping),
        )
        redemption = await self._groups.submit(coupon.offer_id, take)
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
            if redemption is None or not is_receipt(redemption.owner):
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

    async def _with_code(self, code: str, scanner: str) -> Coupon:
        """The coupon with this code. Only wrong ones are counted.

        Raises TooManyCodeTries, from then on for every code, and CouponCodeInvalid.
        """
        coupon, wait = await self._scans.submit(SCANS, (code, scanner)) if is_code(code) else (None, 0)
        if coupon is None and not wait:
            wait = await self._failures.take(scanner)
        if wait:
            raise TooManyCodeTries(path=["input", "code"], wait_seconds=wait)
        if coupon is None:
            raise CouponCodeInvalid(path=["input", "code"])
        return coupon

    async def _scan(self, _: str, scans: Sequence[_Scan]) -> list[_Scanned]:
        """For each scan the coupon with its code, and how long its scanner has to wait."""
        coupons = self._coupons.reading_by_codes(code for code, _ in scans)
        waits = self._failures.reading_waits(scanner for _, scanner in scans)
        found = await read_together(self._database, coupons, waits)
        by_code, seconds = found[coupons], found[waits]
        return [(by_code.get(code), seconds.get(scanner, 0)) for code, scanner in scans]

    async def _roll_back(self, redemption: Redemption, reason: str | None, session: Session) -> None:
        now = self._clock.now()
        coupon = await self._coupons.get(redemption.coupon_id, session)
        if coupon is None:
            raise LookupError(f"coupon {redemption.coupon_id} is gone")
        after = rules.rolled_back(redemption, now, reason)
        await self._redemptions.write([(redemption, after)], [], session)
        await self._coupons.replace_many({coupon.id: (coupon, rules.without_redemption(coupon))}, session)
        await self._events.append(redemption_event("RedemptionRolledBack", redemption, now), session)

    async def _refusal(
        self, held: CouponWithTerms, store: Store, lines: list[BasketLine], shipping: int
    ) -> Refusal | None:
        """The first thing that keeps the coupon from being used here. A paused offer is noticed later."""
        facts = await self._facts.of_member(held.coupon.member_id) if held.terms.usable_if else None
        found = list(rules.obstacles(held, None, store, self._clock.now(), facts=facts))
        what = await self._baskets.what(held.terms.scope)
        found += rules.basket_obstacles(held, lines, what, shipping)
        return found[0] if found else None


def _owner(store: Store, receipt: Receipt) -> str:
    """The receipt, by its natural name. Raises ReceiptInvalid."""
    terminal = normal_line(receipt.terminal, RECEIPT_MAXIMUM_LENGTH)
    number = normal_line(receipt.number, RECEIPT_MAXIMUM_LENGTH)
    if terminal is None or number is None:
        raise ReceiptInvalid(path=["input", "receipt"])
    if not 0 <= receipt.shipping <= (MAXIMUM_SHIPPING if rules.ships(store) else 0):
        raise ReceiptInvalid(path=["input", "receipt", "shippingAmount"])
    return receipt_owner(store.id, terminal, number)


def _points_sku_ids(
    held: CouponWithTerms, effect: CouponEffect, lines: list[BasketLine]
) -> tuple[str, ...] | None:
    """The SKUs of the receipt whose points the coupon is about; None for whatever is on it."""
    if held.terms.scope.is_everything:
        return None
    return tuple(sorted({line.sku_id for line in lines if line.id in effect.points_lines}))


async def _nothing_to_store(session: Session, refusal: Refusal) -> None:
    """A refused rollback leaves nothing behind."""
