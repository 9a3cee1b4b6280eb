"""What can be done with payments.

The order of acts: hold what is bought, `authorize`, place it with `use` in the placing transaction, and
`capture` when it is collected. An answer that gets lost is asked for, and nothing is paid twice.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import timedelta

import structlog

from app.payments import rules
from app.payments.acts import Acts
from app.payments.errors import PaymentNotFound, PaymentPending, PaymentStateChanged
from app.payments.gateways import Gateways
from app.payments.model import (
    Act,
    ActKind,
    Authorization,
    Charge,
    Notice,
    Payment,
    PaymentMethod,
    PaymentRequest,
    PaymentState,
)
from app.payments.repository import PaymentRepository
from app.shared.clock import Clock
from app.shared.events import EventLog
from app.shared.idempotency import IdempotencyKeyReused, IdempotentRequest
from app.shared.mongodb.database import Database, Session

SWEPT_AT_ONCE = 50

log = structlog.get_logger(__name__)


class PaymentService:
    """The use cases of payments. None but `use` may be called inside a transaction: they ask gateways."""

    def __init__(self, database: Database, gateways: Gateways, events: EventLog, clock: Clock) -> None:
        self._payments = PaymentRepository(database)
        self._gateways = gateways
        self._acts = Acts(database, gateways, events, clock)
        self._clock = clock

    @property
    def methods(self) -> frozenset[PaymentMethod]:
        """The ways of paying that are set up."""
        return self._gateways.methods

    async def get(self, payment_id: str, session: Session = None) -> Payment | None:
        return await self._payments.get(payment_id, session)

    async def of_reference(self, reference: str) -> list[Payment]:
        """The newest 50 payments for this, the newest first."""
        return await self._payments.of_reference(reference)

    async def authorize(self, request: PaymentRequest) -> Authorization:
        """Sets the amount aside, once for each reference and key; also tells what became of it.

        Called again with the same key, it asks for an answer that was lost, or whether the customer has
        confirmed the payment to her bank by now, and sends only what never arrived. Raises PaymentDeclined,
        PaymentPending, PaymentStateChanged (also when another payment lives for the reference),
        PaymentMethodUnavailable, PaymentAmountInvalid, PaymentTokenInvalid, IdempotencyKeyInvalid or
        IdempotencyKeyReused.
        """
        rules.require_acceptable(request)
        payment_id = IdempotentRequest(request.reference, "authorize", request.key, {}).id
        payment = await self._payments.get(payment_id)
        if payment is None:
            payment, charge = await self._authorize(await self._new(request, payment_id), request)
        elif not rules.is_same_wish(payment, request):
            raise IdempotencyKeyReused(path=["input", "idempotencyKey"])
        else:
            payment, charge = await self._authorize_again(payment, request)
        if payment.state is PaymentState.AUTHORIZING:
            raise PaymentPending
        rules.require_authorized(payment)
        return Authorization(payment, charge.client_secret if charge else None)

    async def use(self, payment_id: str, reference: str, session: Session) -> Payment:
        """Places what is paid for with this payment, in the transaction of the placing; once.

        Raises PaymentNotFound, PaymentPending, or PaymentStateChanged when it is not authorized, was used,
        or was authorized more than 30 minutes ago, whether or not it was voided since.
        """
        now = self._clock.now()
        used = await self._payments.use(payment_id, reference, now - rules.UNUSED_FOR, now, session)
        if used is not None:
            return used
        payment = await self._payments.get(payment_id, session)
        if payment is None or payment.reference != reference:
            raise PaymentNotFound
        if payment.pending is not None:
            raise PaymentPending
        raise PaymentStateChanged(state=payment.state.value)

    async def capture(self, payment_id: str, amount: int) -> Payment:
        """Takes this amount, at most what is authorized, and lets go of the rest; once for a payment.

        Raises PaymentNotFound, PaymentPending, PaymentStateChanged, CaptureTooLarge or PaymentAmountInvalid.
        """
        rules.require_amount(amount)
        act = Act(ActKind.CAPTURE, f"{payment_id}-capture", amount, self._clock.now())
        return await self._act(await self._require(payment_id), act)

    async def void(self, payment_id: str) -> Payment:
        """Lets go of what is set aside. Raises PaymentNotFound, PaymentPending or PaymentStateChanged."""
        payment = await self._require(payment_id)
        return await self._act(payment, self._void_of(payment))

    async def refund(self, payment_id: str, amount: int, key: str) -> Payment:
        """Gives this amount of what was captured back, once for each key; at most 50 times for a payment.

        Raises PaymentNotFound, PaymentPending, PaymentStateChanged, RefundTooLarge, PaymentAmountInvalid,
        IdempotencyKeyInvalid or IdempotencyKeyReused.
        """
        rules.require_amount(amount)
        act_id = IdempotentRequest(payment_id, "refund", key, {}).id
        act = Act(ActKind.REFUND, act_id, amount, self._clock.now())
        return await self._act(await self._require(payment_id), act)

    async def resolve(self, payment_id: str) -> Payment:
        """Settles what is unknown by asking the gateway.

        A capture, void or refund that the gateway never got is sent again; an authorization that it
        never got is closed, for the customer may be gone. Raises PaymentNotFound or PaymentPending.
        """
        payment = await self._require(payment_id)
        if payment.pending is None:
            return payment
        payment, _ = await self._acts.ask(payment)
        act = payment.pending
        if act is None:
            return payment
        if act.kind is ActKind.AUTHORIZE:
            return await self._acts.carry_out(payment, self._void_of(payment))
        return (await self._acts.send(await self._acts.claim(payment, act), act))[0]

    async def unused_authorizations(self, older_than: timedelta) -> list[Payment]:
        """The 50 oldest payments that hold money for something that was not placed in this time."""
        return await self._payments.unused(self._clock.now() - older_than, SWEPT_AT_ONCE)

    async def sweep(self) -> int:
        """Resolves what was left behind and voids what nothing was placed with; says how many it settled.

        For the worker, every minute or so. Nothing waits for it: `use` takes no old authorization, and
        whoever repeats a wish resolves it. It only gives customers their money back sooner.
        """
        before = self._clock.now() - rules.BUSY_FOR
        left_behind = await self._payments.left_behind(before, SWEPT_AT_ONCE)
        settled = await self._count_settled(self.resolve(payment.id) for payment in left_behind)
        # Over the version that was read: one that is used by now stays as it is.
        unused = await self.unused_authorizations(rules.UNUSED_FOR)
        return settled + await self._count_settled(
            self._acts.carry_out(payment, self._void_of(payment)) for payment in unused
        )

    async def heed(self, notice: Notice) -> None:
        """Asks the gateway what has become of the charge that it gave notice of.

        What the notice itself says is not believed, so that neither order nor repetition matters; a charge
        that nobody here opened is not ours. Raises PaymentPending: have the notice sent again later.
        """
        if await self._payments.is_noticed(notice.id):
            return
        payment = await self._payments.by_gateway_id(notice.gateway, notice.gateway_id)
        if payment is not None:
            await self._acts.ask(payment)
        await self._payments.add_notice(notice.id, self._clock.now())

    async def close(self) -> None:
        """Lets go of the connections to gateways."""
        for gateway in self._gateways.all:
            await gateway.close()

    async def _new(self, request: PaymentRequest, payment_id: str) -> Payment:
        """Writes down what is wished for before anybody is asked."""
        gateway = self._gateways.taking(request.method)
        payment = rules.new_payment(request, payment_id, gateway.name, self._clock.now())
        if await self._payments.add(payment):
            return payment
        other = await self._payments.live_of(request.reference)
        # Who sent the same wish twice at once asks again, and is told what the other one did.
        if other is None or other.pending is not None or other.id == payment_id:
            raise PaymentPending
        raise PaymentStateChanged(state=other.state.value)

    async def _authorize(self, payment: Payment, request: PaymentRequest) -> tuple[Payment, Charge | None]:
        payment = await self._acts.open(payment, request.card_token or "", request.description)
        if payment.pending is None:
            return payment, None
        return await self._acts.send(payment, payment.pending)

    async def _authorize_again(
        self, payment: Payment, request: PaymentRequest
    ) -> tuple[Payment, Charge | None]:
        act = payment.pending
        if act is None and payment.state is PaymentState.REQUIRES_ACTION:
            return await self._acts.ask(payment)
        if act is None or act.kind is not ActKind.AUTHORIZE:
            return payment, None
        payment, charge = await self._acts.ask(payment)
        if payment.pending is None:
            return payment, charge
        payment = await self._acts.claim(payment, payment.pending)
        if payment.gateway_id is None:
            return await self._authorize(payment, request)
        return await self._acts.send(payment, act)

    async def _act(self, payment: Payment, act: Act) -> Payment:
        """Carries the act out unless it was done before, after what was left behind."""
        if payment.pending is not None:
            payment = await self.resolve(payment.id)
        if payment.pending is not None:
            raise PaymentPending
        if rules.is_other_refund(payment, act):
            raise IdempotencyKeyReused(path=["input", "idempotencyKey"])
        if not rules.is_done(payment, act):
            rules.require_may_start(payment, act)
            payment = await self._acts.carry_out(payment, act)
        if rules.is_done(payment, act):
            return payment
        if payment.pending is not None:
            raise PaymentPending
        raise PaymentStateChanged(state=payment.state.value)

    async def _require(self, payment_id: str) -> Payment:
        payment = await self._payments.get(payment_id)
        if payment is None:
            raise PaymentNotFound
        return payment

    def _void_of(self, payment: Payment) -> Act:
        return Act(ActKind.VOID, f"{payment.id}-void", 0, self._clock.now())

    async def _count_settled(self, works: Iterable[Awaitable[Payment]]) -> int:
        """How many of these were settled; one that is not must not hinder the others."""
        outcomes = await asyncio.gather(*works, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                log.warning("payment_not_settled", error=type(outcome).__name__)
        return sum(isinstance(outcome, Payment) and outcome.pending is None for outcome in outcomes)
