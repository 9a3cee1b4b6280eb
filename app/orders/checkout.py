"""Ordering by card: hold, authorize, place.

What the order needs is held while the card is asked, which may take long and get no answer. The same request
again goes on where it was left: nothing is held, paid or placed twice. Whatever is left behind ends by
itself: the hold after 15 minutes, and what is authorized and not used is let go.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from app.orders import rules
from app.orders.checkout_repository import CheckoutRepository
from app.orders.drafting import OrderDrafting, WantedOrder
from app.orders.errors import CardHoldTooShort
from app.orders.holding import OrderHolding
from app.orders.model import Order
from app.orders.placing import OrderPlacing
from app.orders.point_use import OrderPoints
from app.orders.slot_service import SlotService
from app.payments.errors import PaymentPending
from app.payments.model import PaymentMethod, PaymentRequest, PaymentState
from app.payments.service import PaymentService
from app.shared.clock import Clock
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.money import yen
from app.shared.mongodb.database import Database, Document, Session

HELD_FOR = timedelta(minutes=15)
TAKEN_BEFORE = timedelta(hours=1)  # the bank lets go: time for a capture that is not answered at once

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PaymentToConfirm:
    """The customer has to confirm the payment to her bank with this secret; then the same request goes on."""

    client_secret: str = field(repr=False)


class _NotYet(Exception):
    """There is no answer yet, and none is to be remembered: the same request is to be sent again."""


class CardCheckout:
    """Places orders that are paid by card."""

    def __init__(
        self,
        database: Database,
        drafting: OrderDrafting,
        placing: OrderPlacing,
        points: OrderPoints,
        holding: OrderHolding,
        slots: SlotService,
        payments: PaymentService,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._database = database
        self._checkouts = CheckoutRepository(database)
        self._drafting = drafting
        self._placing = placing
        self._points = points
        self._holding = holding
        self._slots = slots
        self._payments = payments
        self._idempotency = idempotency
        self._clock = clock

    async def place(self, wanted: WantedOrder, card_token: str | None) -> str | PaymentToConfirm:
        """The id of the placed order, or what the customer has to confirm first.

        Raises SeveralRefusals with all that is in the way, and PaymentDeclined, both for good; and
        PaymentPending, after which the same request is to be sent again.
        """
        refusal: Refusal | None = None
        payment_id: str | None = None
        request = wanted.request
        order = await self._begin(wanted)
        if order is not None:
            try:
                authorization = await self._payments.authorize(_payment_of(order, request.key, card_token))
            except PaymentPending:
                raise
            except Refusal as declined:
                refusal = declined
            else:
                if authorization.payment.state is PaymentState.REQUIRES_ACTION:
                    return PaymentToConfirm(authorization.client_secret or "")
                payment_id = authorization.payment.id

        async def accept(session: Session) -> Document:
            if refusal is not None:
                raise refusal
            return {"order_id": (await self._finish(request, payment_id, session)).id}

        async def refuse(session: Session, _: Refusal) -> None:
            await self._abandon(request, session)

        try:
            result = await self._idempotency.once(request, accept, refuse)
        except _NotYet:
            raise PaymentPending from None
        except (Refusal, SeveralRefusals):
            await self._give_up(request, payment_id)
            raise
        order_id: str = result["order_id"]
        return order_id

    async def is_under_way(self, request: IdempotentRequest, session: Session) -> bool:
        """Whether the request holds what it needs, and its card is asked."""
        return await self._checkouts.get(request.id, session) is not None

    async def _begin(self, wanted: WantedOrder) -> Order | None:
        """The order with its holds, made now or before by the same request; None once that has its answer."""
        request = wanted.request

        async def act(session: Session) -> Order | None:
            begun = await self._checkouts.get(request.id, session)
            if begun is not None:
                return begun
            grounds = await self._drafting.grounds(wanted)
            if grounds.answer is not None:
                return None
            try:
                draft = await self._drafting.draft(wanted, grounds)
            except (Refusal, SeveralRefusals):
                # What is in the way may be what the same request has taken meanwhile.
                begun = await self._checkouts.get(request.id)
                if begun is None:
                    raise
                return begun
            now = self._clock.now()
            await self._holding.take_new([draft], session, now + HELD_FOR)
            await self._checkouts.add(request.id, draft.order, now, session)
            return draft.order

        return await self._database.transaction(act)

    async def _finish(self, request: IdempotentRequest, payment_id: str | None, session: Session) -> Order:
        """Turns the checkout into the order that it holds for, and its hold into the order's own."""
        order = await self._checkouts.get(request.id, session)
        if order is None or payment_id is None or not await self._checkouts.remove(request.id, session):
            raise _NotYet  # the same request is on its way elsewhere
        try:
            payment = await self._payments.use(payment_id, _reference(order), session)
        except PaymentPending:
            raise _NotYet from None
        if payment.authorized_until is not None:
            order = _collected_by(order, payment.authorized_until - TAKEN_BEFORE)
        policy = await self._slots.policy(order.store_id, session)
        order = replace(
            order,
            payment_id=payment_id,
            pickup_number=rules.new_pickup_number(),
            pickup_code=rules.new_pickup_code(),
        )
        # The hold of the checkout is version 1's; the order that is placed has one of its own.
        order = replace(order, version=2)
        order = replace(order, hold_id=await self._holding.retake(order, policy, order.accept_by, session))
        order = replace(order, points_version=order.version, points_member_id=order.member_id)
        await self._points.use(order, session)
        await self._placing.write([order], session)
        return order

    async def _abandon(self, request: IdempotentRequest, session: Session) -> None:
        """Frees what is held, if it still is."""
        order = await self._checkouts.get(request.id, session)
        if order is not None and await self._checkouts.remove(request.id, session):
            await self._holding.free(order, session)

    async def _give_up(self, request: IdempotentRequest, payment_id: str | None) -> None:
        """Frees what was held, and lets go of the money; where that fails, both end by themselves.

        Not of money that an order stands on: another wish with the same key may have placed it with this.
        """
        await self._database.transaction(lambda session: self._abandon(request, session))
        payment = await self._payments.get(payment_id) if payment_id is not None else None
        if payment is not None and payment.used_at is None:
            try:
                await self._payments.void(payment.id)
            except Refusal as error:
                log.warning("payment_not_voided", payment_id=payment.id, code=error.code)


def _collected_by(order: Order, latest: datetime) -> Order:
    """The order, waiting no longer than the money for it does. Raises CardHoldTooShort."""
    if latest < order.slot.ends_at:
        raise CardHoldTooShort(path=["input", "pickupSlotId"], until=f"{latest:%Y-%m-%d %H:%M} UTC")
    return replace(order, collect_by=min(order.collect_by, latest))


def _reference(order: Order) -> str:
    return f"order:{order.id}"


def _payment_of(order: Order, key: str, card_token: str | None) -> PaymentRequest:
    return PaymentRequest(
        reference=_reference(order),
        payer_id=order.member_id,
        method=PaymentMethod.CARD,
        amount=yen(order.totals.to_pay),
        key=key,
        card_token=card_token,
    )
