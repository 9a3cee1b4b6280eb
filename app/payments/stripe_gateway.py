"""Cards by Stripe: a charge is a PaymentIntent that is captured by hand.

Stripe guards most acts by the intent's own state: it is confirmed, captured and canceled once, whoever
asks again is told so. They carry a fresh idempotency key each time, for Stripe answers a key that once
met an error with that error for a day. Refunds alone need their key to be done once. While an answer
500 is repeated under that key, the refund stays lost, and is asked for.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

import stripe
from stripe import HTTPXClient, PaymentIntent, StripeClient

from app.payments.gateway import GATEWAY_SECONDS, CardRefused, GatewayUnavailable
from app.payments.model import Act, Charge, ChargeStatus, DeclineReason, Payment, Refund

stripe.enable_telemetry = False  # it would also write a file into the home folder

STATUSES = {
    "requires_confirmation": ChargeStatus.OPEN,
    "processing": ChargeStatus.OPEN,
    "requires_action": ChargeStatus.REQUIRES_ACTION,
    "requires_capture": ChargeStatus.AUTHORIZED,
    "succeeded": ChargeStatus.CAPTURED,
    "canceled": ChargeStatus.VOIDED,
}
# Codes that its holder may be told; a card that was lost, stolen or blocked is just declined.
DECLINE_REASONS = {
    "insufficient_funds": DeclineReason.INSUFFICIENT_FUNDS,
    "expired_card": DeclineReason.CARD_EXPIRED,
    "invalid_expiry_month": DeclineReason.CARD_EXPIRED,
    "invalid_expiry_year": DeclineReason.CARD_EXPIRED,
    "incorrect_cvc": DeclineReason.CARD_INVALID,
    "invalid_cvc": DeclineReason.CARD_INVALID,
    "incorrect_number": DeclineReason.CARD_INVALID,
    "invalid_number": DeclineReason.CARD_INVALID,
    "resource_missing": DeclineReason.CARD_INVALID,
    "authentication_required": DeclineReason.NOT_AUTHENTICATED,
    "payment_intent_authentication_failure": DeclineReason.NOT_AUTHENTICATED,
}
HOLDING = {ChargeStatus.AUTHORIZED, ChargeStatus.CAPTURED}
FAILED_REFUNDS = {"failed", "canceled"}
MOST_REFUNDS = 100
UNREADABLE = (AttributeError, TypeError)  # the answer lacks what Stripe promises

Answer = TypeVar("Answer")


class StripeGateway:
    """Takes cards through Stripe's API, in yen: a currency without minor units there as here."""

    name = "stripe"

    def __init__(self, secret_key: str, api_base: str, seconds: float = GATEWAY_SECONDS) -> None:
        self._http = HTTPXClient(timeout=seconds)
        self._stripe = StripeClient(
            secret_key,
            base_addresses={"api": api_base.rstrip("/")},
            http_client=self._http,
            max_network_retries=0,  # who asks again is the service, which has it written down
        ).v1
        self._seconds = seconds

    async def open(self, payment: Payment, card_token: str, description: str) -> str:
        try:
            intent = await self._answer(
                self._stripe.payment_intents.create_async(
                    {
                        "amount": payment.amount.amount,
                        "currency": payment.amount.currency.value.lower(),
                        "payment_method": card_token,
                        "allowed_payment_method_types": ["card"],
                        "capture_method": "manual",
                        "description": description,
                        "metadata": {"payment_id": payment.id, "reference": payment.reference},
                    },
                    {"idempotency_key": f"{payment.id}-open"},
                )
            )
            return intent.id
        except stripe.CardError as error:
            raise CardRefused(_reason_of(error.error), error.request_id) from None
        except stripe.InvalidRequestError as error:
            if error.param == "payment_method":
                raise CardRefused(DeclineReason.CARD_INVALID, error.request_id) from None
            raise _unavailable(error) from None
        except UNREADABLE as error:
            raise _unavailable(error) from None

    async def authorize(self, payment: Payment, act: Act) -> Charge:
        # Stripe's own software in the app lets the customer confirm, where her bank wants that.
        confirm = self._stripe.payment_intents.confirm_async(_name_of(payment), {"use_stripe_sdk": True})
        return await self._after(confirm, payment)

    async def capture(self, payment: Payment, act: Act) -> Charge:
        capture = self._stripe.payment_intents.capture_async(
            _name_of(payment), {"amount_to_capture": act.amount}
        )
        return await self._after(capture, payment)

    async def void(self, payment: Payment, act: Act) -> Charge:
        return await self._after(self._stripe.payment_intents.cancel_async(_name_of(payment)), payment)

    async def refund(self, payment: Payment, act: Act) -> Charge:
        refund = self._stripe.refunds.create_async(
            {"payment_intent": _name_of(payment), "amount": act.amount, "metadata": {"refund_id": act.id}},
            {"idempotency_key": act.id},
        )
        return await self._after(refund, payment)

    async def find(self, payment: Payment) -> Charge:
        name = _name_of(payment)
        try:
            intent = await self._answer(
                self._stripe.payment_intents.retrieve_async(name, {"expand": ["latest_charge"]})
            )
            if intent.status != "succeeded":
                return _charge_from(intent, [])
            page = await self._answer(
                self._stripe.refunds.list_async({"payment_intent": name, "limit": MOST_REFUNDS})
            )
            return _charge_from(intent, page.data)
        except (stripe.StripeError, *UNREADABLE) as error:
            raise _unavailable(error) from None

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def _after(self, act: Awaitable[object], payment: Payment) -> Charge:
        """What Stripe has after the act, which it may have declined: the intent itself tells why."""
        with suppress(stripe.CardError, stripe.InvalidRequestError):
            await self._answer(act)
        return await self.find(payment)

    async def _answer(self, call: Awaitable[Answer]) -> Answer:
        """The answer within 10 s. Only Stripe's own word that something is wrong goes through."""
        try:
            async with asyncio.timeout(self._seconds):
                return await call
        except (stripe.CardError, stripe.InvalidRequestError):
            raise
        except Exception as error:  # whatever it was, the act may have been done
            raise _unavailable(error) from None


def _name_of(payment: Payment) -> str:
    if payment.gateway_id is None:
        raise ValueError(f"payment {payment.id} was never opened")
    return payment.gateway_id


def _charge_from(intent: PaymentIntent, refunds: list[stripe.Refund]) -> Charge:
    error, status = intent.last_payment_error, STATUSES.get(intent.status, ChargeStatus.OPEN)
    is_declined = intent.status == "requires_payment_method" and error is not None
    if is_declined:
        status = ChargeStatus.DECLINED
    return Charge(
        status=status,
        authorized=intent.amount if status in HOLDING else 0,
        captured=intent.amount_received if status is ChargeStatus.CAPTURED else 0,
        refunds=tuple(_refund_from(refund) for refund in refunds if refund.status not in FAILED_REFUNDS),
        decline_reason=_reason_of(error) if is_declined else None,
        authorized_until=_capture_before(intent) if status is ChargeStatus.AUTHORIZED else None,
        client_secret=intent.client_secret if status is ChargeStatus.REQUIRES_ACTION else None,
        request_id=intent.last_response.request_id if intent.last_response else None,
    )


def _capture_before(intent: PaymentIntent) -> datetime | None:
    """When the bank lets go of what is set aside, and Stripe cancels the intent; None if it is not said."""
    details = getattr(intent.latest_charge, "payment_method_details", None)
    seconds = getattr(getattr(details, "card", None), "capture_before", None)
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def _refund_from(refund: stripe.Refund) -> Refund:
    """A refund of ours has the act's id; one that somebody made at Stripe itself has Stripe's."""
    act_id = refund.metadata["refund_id"] if refund.metadata and "refund_id" in refund.metadata else refund.id
    return Refund(act_id, refund.amount)


def _reason_of(error: object) -> DeclineReason:
    """Why a card was declined; the bank's own code, which Stripe may leave out, tells more."""
    codes = (getattr(error, "decline_code", None), getattr(error, "code", None))
    return next(
        (DECLINE_REASONS[code] for code in codes if code in DECLINE_REASONS), DeclineReason.CARD_DECLINED
    )


def _unavailable(error: Exception) -> GatewayUnavailable:
    """What went wrong, without Stripe's own words: they may repeat what was sent."""
    if not isinstance(error, stripe.StripeError):
        return GatewayUnavailable(type(error).__name__)
    status = f" {error.http_status}" if error.http_status else ""
    return GatewayUnavailable(f"{type(error).__name__}{status}", error.request_id)
