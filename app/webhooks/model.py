"""Webhook endpoints, and the deliveries of events to them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PING = "Ping"  # a delivery that a partner asked for, to see whether its endpoint answers


class WebhookOffReason(StrEnum):
    """Why nothing is delivered to an endpoint."""

    CHOSEN = "CHOSEN"
    GONE = "GONE"
    FAILING = "FAILING"


class WebhookDeliveryState(StrEnum):
    """How far a delivery has come."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class WebhookFailure(StrEnum):
    """Why an attempt did not deliver."""

    REFUSED = "REFUSED"
    TIMED_OUT = "TIMED_OUT"
    NAME_UNKNOWN = "NAME_UNKNOWN"
    ADDRESS_FORBIDDEN = "ADDRESS_FORBIDDEN"
    CONNECTION_FAILED = "CONNECTION_FAILED"
    TLS_FAILED = "TLS_FAILED"
    ANSWER_INVALID = "ANSWER_INVALID"


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """A key that deliveries are signed with. One that was changed still signs until its time."""

    key: bytes = field(repr=False)
    signs_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Where a partner wants to be told of events. Its secrets: the newest first, two at the most.

    `off_reason` of None means that it is on. `failing_since` is the first failure since it last answered.
    """

    id: str
    partner_id: str
    slot: int
    url: str = field(repr=False)  # it may hold a token
    event_types: tuple[str, ...]
    secrets: tuple[WebhookSecret, ...]
    off_reason: WebhookOffReason | None
    failing_since: datetime | None
    created_at: datetime

    @property
    def is_on(self) -> bool:
        return self.off_reason is None


@dataclass(frozen=True, slots=True)
class WebhookEndpointUpdate:
    """What shall become of an endpoint; None leaves a thing as it is."""

    url: str | None = None
    event_types: tuple[str, ...] | None = None
    is_on: bool | None = None


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What came of a request: the status and the beginning of the answer, or why there was none."""

    status: int | None
    failure: WebhookFailure | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class WebhookAttempt:
    """One try to deliver, and how long it took."""

    attempted_at: datetime
    milliseconds: int
    answer: WebhookAnswer


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """An event on its way to an endpoint.

    `due_at` is when it is tried next; while somebody tries it, when others may take it to be abandoned.
    `claim` names who tries it. `tries` counts since the start, or since it was last replayed.
    """

    id: str
    endpoint_id: str
    partner_id: str
    event_id: str
    event_type: str
    state: WebhookDeliveryState
    due_at: datetime | None
    tries: int
    attempts: tuple[WebhookAttempt, ...]
    created_at: datetime
    claim: str | None = None
