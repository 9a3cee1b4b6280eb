"""Payment at the store: the till takes the money, so there is nobody to ask and nothing to lose."""

from app.payments.model import Act, Charge, ChargeStatus, Payment, PaymentState, Refund

STATUSES = {
    PaymentState.AUTHORIZING: ChargeStatus.OPEN,
    PaymentState.AUTHORIZED: ChargeStatus.AUTHORIZED,
    PaymentState.CAPTURED: ChargeStatus.CAPTURED,
    PaymentState.PARTIALLY_REFUNDED: ChargeStatus.CAPTURED,
    PaymentState.REFUNDED: ChargeStatus.CAPTURED,
    PaymentState.VOIDED: ChargeStatus.VOIDED,
}


class AtStore:
    """Says yes to everything: what it has is what is recorded of the payment."""

    name = "at_store"

    async def open(self, payment: Payment, card_token: str, description: str) -> str:
        return payment.id

    async def authorize(self, payment: Payment, act: Act) -> Charge:
        return Charge(ChargeStatus.AUTHORIZED, act.amount)

    async def capture(self, payment: Payment, act: Act) -> Charge:
        return Charge(ChargeStatus.CAPTURED, payment.amount_authorized, act.amount)

    async def void(self, payment: Payment, act: Act) -> Charge:
        return Charge(ChargeStatus.VOIDED)

    async def refund(self, payment: Payment, act: Act) -> Charge:
        refunds = (*payment.refunds, Refund(act.id, act.amount))
        return Charge(ChargeStatus.CAPTURED, payment.amount_authorized, payment.amount_captured, refunds)

    async def find(self, payment: Payment) -> Charge:
        return Charge(
            STATUSES[payment.state], payment.amount_authorized, payment.amount_captured, payment.refunds
        )

    async def close(self) -> None:
        """Has no connections."""
