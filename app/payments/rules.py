"""What may be done with a payment, and what a gateway's answer makes of it."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from app.payments.errors import (
    CaptureTooLarge,
    PaymentAmountInvalid,
    PaymentDeclined,
    PaymentStateChanged,
    PaymentTokenInvalid,
    RefundTooLarge,
)
from app.payments.model import (
    Act,
    ActKind,
    ActOutcome,
    Charge,
    ChargeStatus,
    Payment,
    PaymentMethod,
    PaymentRequest,
    PaymentState,
    Refund,
)

BUSY_FOR = timedelta(minutes=1)  # an act that was not heard of for so long was left behind
UNUSED_FOR = timedelta(minutes=30)  # an authorization that nothing was placed with is of no use after this
MAXIMUM_AMOUNT = 99_999_999
MINIMUM_AMOUNTS = {PaymentMethod.PAY_AT_STORE: 1, PaymentMethod.CARD: 50}  # card gateways take no less
MAXIMUM_REFUNDS = 50

REFERENCE = re.compile(r"[a-z-]{1,40}:[A-Za-z0-9_-]{1,100}")
CARD_TOKEN = re.compile(r"[A-Za-z]{2,20}_[A-Za-z0-9_]{1,200}")
CARD_NUMBER = re.compile(r"\d{12,}")
MAXIMUM_DESCRIPTION = 200

# The whole state machine: what each act may start from, and what each answer leads to.
STARTS_FROM = {
    ActKind.AUTHORIZE: {PaymentState.AUTHORIZING},
    ActKind.CAPTURE: {PaymentState.AUTHORIZED},
    ActKind.VOID: {PaymentState.AUTHORIZING, PaymentState.REQUIRES_ACTION, PaymentState.AUTHORIZED},
    ActKind.REFUND: {PaymentState.CAPTURED, PaymentState.PARTIALLY_REFUNDED},
}
LEADS_TO = {
    ChargeStatus.REQUIRES_ACTION: PaymentState.REQUIRES_ACTION,
    ChargeStatus.AUTHORIZED: PaymentState.AUTHORIZED,
    ChargeStatus.VOIDED: PaymentState.VOIDED,
    ChargeStatus.DECLINED: PaymentState.DECLINED,
}


def require_acceptable(request: PaymentRequest) -> None:
    """Raises PaymentAmountInvalid or PaymentTokenInvalid; ValueError for what no caller may pass on."""
    minimum = MINIMUM_AMOUNTS[request.method]
    if not minimum <= request.amount.amount <= MAXIMUM_AMOUNT:
        raise PaymentAmountInvalid(minimum=minimum, maximum=MAXIMUM_AMOUNT)
    if request.method is PaymentMethod.CARD and not is_card_token(request.card_token or ""):
        raise PaymentTokenInvalid(path=["input", "cardToken"])
    if not REFERENCE.fullmatch(request.reference) or len(request.description) > MAXIMUM_DESCRIPTION:
        raise ValueError("a reference is like order:1, a description has 200 characters at the most")


def require_amount(amount: int) -> None:
    """Raises PaymentAmountInvalid."""
    if not 1 <= amount <= MAXIMUM_AMOUNT:
        raise PaymentAmountInvalid(minimum=1, maximum=MAXIMUM_AMOUNT)


def is_card_token(text: str) -> bool:
    """Whether this looks like a gateway's token, and not at all like the number of a card."""
    return bool(CARD_TOKEN.fullmatch(text)) and not CARD_NUMBER.search(text.replace("_", ""))


def new_payment(request: PaymentRequest, payment_id: str, gateway: str, now: datetime) -> Payment:
    """The payment that is wished for, about to be authorized."""
    return Payment(
        id=payment_id,
        reference=request.reference,
        payer_id=request.payer_id,
        method=request.method,
        gateway=gateway,
        gateway_id=None,
        amount=request.amount,
        amount_authorized=0,
        amount_captured=0,
        refunds=(),
        state=PaymentState.AUTHORIZING,
        decline_reason=None,
        pending=Act(ActKind.AUTHORIZE, payment_id, request.amount.amount, now),
        used_at=None,
        created_at=now,
        updated_at=now,
        version=1,
    )


def is_same_wish(payment: Payment, request: PaymentRequest) -> bool:
    return (payment.reference, payment.payer_id, payment.method, payment.amount) == (
        request.reference,
        request.payer_id,
        request.method,
        request.amount,
    )


def is_busy(act: Act, now: datetime) -> bool:
    """Whether somebody may still be waiting for the answer to this act."""
    return not act.is_lost and act.started_at > now - BUSY_FOR


def require_may_start(payment: Payment, act: Act) -> None:
    """Raises PaymentStateChanged, CaptureTooLarge or RefundTooLarge."""
    if payment.state not in STARTS_FROM[act.kind] or len(payment.refunds) >= MAXIMUM_REFUNDS:
        raise PaymentStateChanged(state=payment.state.value)
    if act.kind is ActKind.CAPTURE and act.amount > payment.amount_authorized:
        raise CaptureTooLarge(maximum=payment.amount_authorized)
    left = payment.amount_captured - payment.amount_refunded
    if act.kind is ActKind.REFUND and act.amount > left:
        raise RefundTooLarge(maximum=left)


def is_done(payment: Payment, act: Act) -> bool:
    """Whether the payment shows that the act was done."""
    match act.kind:
        case ActKind.AUTHORIZE:
            return payment.state is not PaymentState.AUTHORIZING
        case ActKind.CAPTURE:
            return payment.amount_captured == act.amount
        case ActKind.VOID:
            return not payment.is_live
        case ActKind.REFUND:
            return Refund(act.id, act.amount) in payment.refunds


def is_other_refund(payment: Payment, act: Act) -> bool:
    """Whether the act's id is that of a refund of another amount."""
    return any(refund.id == act.id and refund.amount != act.amount for refund in payment.refunds)


def settled(payment: Payment, charge: Charge) -> Payment:
    """The payment as the gateway has it. One that is closed stays so."""
    if not payment.is_live:
        return payment
    return replace(
        payment,
        state=_state_of(charge, payment),
        amount_authorized=charge.authorized or payment.amount_authorized,
        amount_captured=charge.captured,
        refunds=charge.refunds,
        decline_reason=charge.decline_reason,
        authorized_until=charge.authorized_until or payment.authorized_until,
    )


def _state_of(charge: Charge, payment: Payment) -> PaymentState:
    if charge.status is not ChargeStatus.CAPTURED:
        return LEADS_TO.get(charge.status, payment.state)
    refunded = sum(refund.amount for refund in charge.refunds)
    if refunded == 0:
        return PaymentState.CAPTURED
    return PaymentState.REFUNDED if refunded >= charge.captured else PaymentState.PARTIALLY_REFUNDED


def is_over(payment: Payment, act: Act, is_answer: bool) -> bool:
    """Whether the payment as it is after asking shows the act done, or answered in another way.

    It is not over while the bank has not made up its mind, whatever was answered.
    """
    return is_done(payment, act) or (is_answer and payment.state is not PaymentState.AUTHORIZING)


def outcome(payment: Payment, act: Act) -> ActOutcome:
    """What became of the act, by the payment as it is afterwards."""
    if not is_done(payment, act):
        return ActOutcome.NOT_DONE
    is_declined = act.kind is ActKind.AUTHORIZE and payment.state is PaymentState.DECLINED
    return ActOutcome.DECLINED if is_declined else ActOutcome.DONE


def holds_money(charge: Charge) -> bool:
    """Whether money is set aside, or may be as soon as the customer confirms it."""
    return charge.status in {ChargeStatus.AUTHORIZED, ChargeStatus.REQUIRES_ACTION}


def require_authorized(payment: Payment) -> None:
    """Raises PaymentDeclined or PaymentStateChanged, unless it is authorized or waits for the customer.

    What was captured or refunded since was authorized then: a late repetition is told so too.
    """
    if payment.state is PaymentState.DECLINED:
        reason = payment.decline_reason
        raise PaymentDeclined(reason=reason.value if reason else "CARD_DECLINED")
    if payment.state is PaymentState.VOIDED:
        raise PaymentStateChanged(state=payment.state.value)
