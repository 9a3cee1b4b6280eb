"""How an act is carried out: written down, sent to the gateway, and settled by its answer.

No gateway is asked inside a transaction. Each step is written over the version of the payment that it
was decided for, so of several who act at once one is ahead, and the others learn what became of it.
"""

from dataclasses import replace

import structlog

from app.payments import rules
from app.payments.errors import PaymentPending
from app.payments.gateway import CardRefused, GatewayUnavailable, PaymentGateway
from app.payments.gateways import Gateways
from app.payments.model import Act, ActKind, ActOutcome, Attempt, Charge, ChargeStatus, Payment, PaymentState
from app.payments.repository import PaymentRepository
from app.shared.clock import Clock
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session

EVENTS_OF = {
    PaymentState.AUTHORIZED: "PaymentAuthorized",
    PaymentState.CAPTURED: "PaymentCaptured",
    PaymentState.PARTIALLY_REFUNDED: "PaymentRefunded",
    PaymentState.REFUNDED: "PaymentRefunded",
    PaymentState.VOIDED: "PaymentVoided",
    PaymentState.DECLINED: "PaymentDeclined",
}
REFUND_FAILED = "PaymentRefundFailed"  # the gateway could not give back what it had promised to

log = structlog.get_logger(__name__)


class Acts:
    """Carries out acts on payments. Each method raises PaymentPending when no outcome is known yet."""

    def __init__(self, database: Database, gateways: Gateways, events: EventLog, clock: Clock) -> None:
        self._database = database
        self._payments = PaymentRepository(database)
        self._gateways = gateways
        self._events = events
        self._clock = clock

    async def open(self, payment: Payment, card_token: str, description: str) -> Payment:
        """Has the gateway open a charge, and writes its id down. A card that it refuses is a decline."""
        try:
            gateway_id = await self._gateway_of(payment).open(payment, card_token, description)
        except CardRefused as refused:
            declined = Charge(
                ChargeStatus.DECLINED, decline_reason=refused.reason, request_id=refused.request_id
            )
            return await self._settle(payment, declined, is_answer=True)
        except GatewayUnavailable as error:
            raise await self._lost(payment, error) from None
        return await self._write(replace(payment, gateway_id=gateway_id))

    async def carry_out(self, payment: Payment, act: Act) -> Payment:
        """Writes the act down, in place of one that was left behind, and sends it."""
        return (await self.send(await self._write(replace(payment, pending=act)), act))[0]

    async def send(self, payment: Payment, act: Act) -> tuple[Payment, Charge]:
        """Sends the act that is written down, and settles it by the answer."""
        try:
            charge = await self._sent(payment, act)
        except GatewayUnavailable as error:
            raise await self._lost(payment, error) from None
        return await self._settle(payment, charge, is_answer=True), charge

    async def claim(self, payment: Payment, act: Act) -> Payment:
        """Takes over the payment's act, which somebody left behind."""
        now = self._clock.now()
        if rules.is_busy(act, now):
            raise PaymentPending
        return await self._write(replace(payment, pending=replace(act, started_at=now, is_lost=False)))

    async def ask(self, payment: Payment) -> tuple[Payment, Charge]:
        """Records what the gateway has. An act that it has not done stays lost."""
        if payment.pending is not None:
            payment = await self.claim(payment, payment.pending)
        try:
            charge = await self._found(payment)
        except GatewayUnavailable as error:
            raise await self._lost(payment, error, is_attempt=False) from None
        return await self._settle(payment, charge, is_answer=False), charge

    async def _sent(self, payment: Payment, act: Act) -> Charge:
        gateway = self._gateway_of(payment)
        match act.kind:
            case ActKind.AUTHORIZE:
                return await gateway.authorize(payment, act)
            case ActKind.CAPTURE:
                return await gateway.capture(payment, act)
            case ActKind.VOID if payment.gateway_id is None:
                return Charge(ChargeStatus.VOIDED)  # nothing was ever asked of a charge that has no name
            case ActKind.VOID:
                return await gateway.void(payment, act)
            case ActKind.REFUND:
                return await gateway.refund(payment, act)

    async def _found(self, payment: Payment) -> Charge:
        if payment.gateway_id is None:
            return Charge(ChargeStatus.OPEN)
        gateway = self._gateway_of(payment)
        charge = await gateway.find(payment)
        if payment.is_live or not rules.holds_money(charge):
            return charge
        # Money was set aside after the payment was closed: nobody waits for it.
        return await gateway.void(payment, Act(ActKind.VOID, payment.id, 0, self._clock.now()))

    async def _settle(self, payment: Payment, charge: Charge, is_answer: bool) -> Payment:
        """Records the charge. Where somebody else was ahead, the payment is as they left it."""
        after, act = rules.settled(payment, charge), payment.pending
        if act is None:
            return payment if after == payment else await self._record(payment, after, None)
        is_over = rules.is_over(after, act, is_answer)
        after = replace(after, pending=None if is_over else replace(act, is_lost=True))
        if not (is_over or is_answer):
            return await self._record(payment, after, None)
        attempt = Attempt(act, rules.outcome(after, act), request_id=charge.request_id)
        return await self._record(payment, after, attempt)

    async def _lost(
        self, payment: Payment, error: GatewayUnavailable, is_attempt: bool = True
    ) -> PaymentPending:
        """Writes down that no answer came."""
        log.warning("payment_answer_lost", payment_id=payment.id, reason=error.reason)
        act = payment.pending
        if act is not None:
            after = replace(payment, pending=replace(act, is_lost=True))
            attempt = Attempt(act, ActOutcome.LOST, error.reason, error.request_id)
            await self._record(payment, after, attempt if is_attempt else None)
        return PaymentPending()

    async def _write(self, payment: Payment) -> Payment:
        """Writes over the version that is known. Raises PaymentPending where somebody else was ahead."""
        after = self._next(payment)
        if not await self._payments.replace(after, payment.version):
            raise PaymentPending
        return after

    async def _record(self, before: Payment, after: Payment, attempt: Attempt | None) -> Payment:
        """Writes payment, attempt and event together; gives the payment as it is, whoever was ahead."""
        after = self._next(after)

        async def act(session: Session) -> bool:
            if not await self._payments.replace(after, before.version, session):
                return False
            if attempt is not None:
                await self._payments.add_attempt(before.id, attempt, after.updated_at, session)
            await self._tell(before, after, session)
            return True

        if await self._database.transaction(act):
            return after
        found = await self._payments.get(before.id)
        if found is None:
            raise LookupError(f"payment {before.id} is gone")
        return found

    async def _tell(self, before: Payment, after: Payment, session: Session) -> None:
        if after.state is before.state and after.refunds == before.refunds:
            return
        event_type = EVENTS_OF.get(after.state)
        if after.amount_refunded < before.amount_refunded:
            event_type = REFUND_FAILED
        if event_type is None:
            return
        data = {
            "reference": after.reference,
            "currency": after.amount.currency.value,
            "amount": after.amount.amount,
            "amount_captured": after.amount_captured,
            "amount_refunded": after.amount_refunded,
        }
        event = Event(event_type, f"payment:{after.id}", after.updated_at, data)
        await self._events.append(event, session)

    def _gateway_of(self, payment: Payment) -> PaymentGateway:
        return self._gateways.named(payment.gateway)

    def _next(self, payment: Payment) -> Payment:
        return replace(payment, version=payment.version + 1, updated_at=self._clock.now())
