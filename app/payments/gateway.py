"""What takes payments: the promises that the rest of the house relies on."""

from typing import Protocol

from app.payments.model import Act, Charge, DeclineReason, Payment

GATEWAY_SECONDS = 10.0  # for each call; somebody waits for it


class GatewayUnavailable(Exception):
    """No answer came, or one that tells nothing: the act may have been done or not. Ask later.

    `reason` is for our logs and records alone: no card data, no secret, no text of somebody else.
    """

    def __init__(self, reason: str, request_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.request_id = request_id


class CardRefused(Exception):
    """The gateway will have nothing to do with this card token; nothing was opened and nothing is held."""

    def __init__(self, reason: DeclineReason, request_id: str | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.request_id = request_id


class PaymentGateway(Protocol):
    """Takes payments.

    A charge is opened first, without holding any money, and its id is written down before anything
    is asked of it: whatever is lost later, there is a name to ask by. Each act answers with what
    the gateway has afterwards, whether the act was done now, was done before or cannot be done, so
    an act that is sent twice is done once. Every method raises GatewayUnavailable, and nothing of the
    library beneath. None is called inside a transaction, for that may run again.

    3-D Secure: `authorize` may answer REQUIRES_ACTION with a client secret. The app hands that to the
    gateway's own software, which lets the customer confirm the payment to her bank; the charge is then
    authorized without another call, and `find` tells so.
    """

    @property
    def name(self) -> str:
        """What payments remember it by."""
        ...

    async def open(self, payment: Payment, card_token: str, description: str) -> str:
        """Opens a charge for the payment with this card and gives its id. Also raises CardRefused."""
        ...

    async def authorize(self, payment: Payment, act: Act) -> Charge:
        """Sets the payment's amount aside."""
        ...

    async def capture(self, payment: Payment, act: Act) -> Charge:
        """Takes the act's amount of what is set aside, and lets go of the rest."""
        ...

    async def void(self, payment: Payment, act: Act) -> Charge:
        """Lets go of what is set aside, and closes the charge: no authorization can come any more."""
        ...

    async def refund(self, payment: Payment, act: Act) -> Charge:
        """Gives the act's amount back, as the refund with the act's id."""
        ...

    async def find(self, payment: Payment) -> Charge:
        """What the gateway has."""
        ...

    async def close(self) -> None:
        """Lets go of its connections."""
        ...
