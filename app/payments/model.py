"""A payment: money that is set aside for something, then taken, given up or given back."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.shared.money import Money


class PaymentMethod(StrEnum):
    """How a customer pays."""

    PAY_AT_STORE = "PAY_AT_STORE"
    CARD = "CARD"


class PaymentState(StrEnum):
    """What is known of a payment. While an act is under way, it is what was known before the act."""

    AUTHORIZING = "AUTHORIZING"  # nobody has said yet whether the money is set aside
    REQUIRES_ACTION = "REQUIRES_ACTION"  # the customer must confirm it to her bank (3-D Secure)
    AUTHORIZED = "AUTHORIZED"
    CAPTURED = "CAPTURED"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"
    VOIDED = "VOIDED"
    DECLINED = "DECLINED"


class DeclineReason(StrEnum):
    """Why a card was declined, as far as its holder may know: a card reported stolen is CARD_DECLINED."""

    CARD_DECLINED = "CARD_DECLINED"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    CARD_EXPIRED = "CARD_EXPIRED"
    CARD_INVALID = "CARD_INVALID"
    NOT_AUTHENTICATED = "NOT_AUTHENTICATED"


class ActKind(StrEnum):
    """What is asked of a gateway."""

    AUTHORIZE = "AUTHORIZE"
    CAPTURE = "CAPTURE"
    VOID = "VOID"
    REFUND = "REFUND"


class ActOutcome(StrEnum):
    """What became of one attempt at an act."""

    DONE = "DONE"
    DECLINED = "DECLINED"
    NOT_DONE = "NOT_DONE"
    LOST = "LOST"  # no answer: the next attempt begins by asking


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was decided and is under way; it is written down before the gateway is asked.

    `is_lost` tells that the answer did not arrive, so that only asking the gateway can tell its outcome.
    """

    kind: ActKind
    id: str
    amount: int
    started_at: datetime
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at an act, as it is kept on record; `reason` tells why an answer was lost."""

    act: Act
    outcome: ActOutcome
    reason: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that was given back, by the act with this id."""

    id: str
    amount: int


class ChargeStatus(StrEnum):
    """What a gateway says of a charge."""

    OPEN = "OPEN"  # nothing is decided
    REQUIRES_ACTION = "REQUIRES_ACTION"
    AUTHORIZED = "AUTHORIZED"
    CAPTURED = "CAPTURED"
    VOIDED = "VOIDED"
    DECLINED = "DECLINED"


@dataclass(frozen=True, slots=True)
class Charge:
    """All that a gateway has of one payment, amounts in minor units.

    What is set aside can be taken until `authorized_until`; None where the gateway does not say.
    The customer's app needs the client secret to confirm the payment to her bank; it is never kept.
    """

    status: ChargeStatus
    authorized: int = 0
    captured: int = 0
    refunds: tuple[Refund, ...] = ()
    decline_reason: DeclineReason | None = None
    authorized_until: datetime | None = None
    client_secret: str | None = field(default=None, repr=False)
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """A wish to pay. `reference` names what is paid for, as in `order:…`; `key` names the wish itself.

    The card token stands for a card that the gateway's own software in the app has seen. It is
    handed on to the gateway and kept nowhere, so it is not compared when the wish is repeated.
    """

    reference: str
    payer_id: str
    method: PaymentMethod
    amount: Money
    key: str
    description: str = ""
    card_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as it was last recorded, amounts in minor units of its currency.

    `used_at` is when what it pays for was placed. At `authorized_until` the bank lets go of what is set
    aside; None when it was not said. One act at most is under way (`pending`).
    """

    id: str
    reference: str
    payer_id: str
    method: PaymentMethod
    gateway: str
    gateway_id: str | None
    amount: Money
    amount_authorized: int
    amount_captured: int
    refunds: tuple[Refund, ...]
    state: PaymentState
    decline_reason: DeclineReason | None
    pending: Act | None
    used_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    authorized_until: datetime | None = None

    def holds_money_at(self, now: datetime) -> bool:
        """Whether money is set aside at this moment, as far as is known."""
        has_ended = self.authorized_until is not None and now >= self.authorized_until
        return self.state is PaymentState.AUTHORIZED and not has_ended

    @property
    def amount_refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds)

    @property
    def is_unknown(self) -> bool:
        """Whether an answer was lost, so that nobody here knows what the gateway has."""
        return self.pending is not None and self.pending.is_lost

    @property
    def is_live(self) -> bool:
        """Whether it holds money, or may do so yet, or did."""
        return self.state not in {PaymentState.VOIDED, PaymentState.DECLINED}


@dataclass(frozen=True, slots=True)
class Authorization:
    """A payment that is authorized, or that its customer must confirm with this secret first."""

    payment: Payment
    client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a gateway sends when something became of a charge. Only that it came is believed."""

    id: str
    gateway: str
    gateway_id: str
