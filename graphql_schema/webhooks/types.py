"""Webhook endpoints and deliveries. Readable by the partner whose they are, and by headquarters."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.shared.paging import PageRequest
from app.webhooks import model
from graphql_schema.connections import After, Connection, First, connection_of
from graphql_schema.context import Info
from graphql_schema.events.types import EventType
from graphql_schema.node import Node, encode_id
from graphql_schema.repetition import KEY, KEY_OF_SECRET
from graphql_schema.results import Rejected

strawberry.enum(
    model.WebhookOffReason,
    description=(
        "Why nothing is delivered to an endpoint. CHOSEN: it was switched off by hand. GONE: it answered "
        "with status 410. FAILING: it did nothing but fail for 5 days."
    ),
)
strawberry.enum(
    model.WebhookDeliveryState,
    description=(
        "How far a delivery has come. PENDING: it is tried at `dueAt`. DELIVERED: an attempt was answered "
        "with 2xx. FAILED: it is not tried any more, unless it is replayed."
    ),
)
strawberry.enum(
    model.WebhookFailure,
    description=(
        "Why an attempt did not deliver. REFUSED: the status was not 2xx. TIMED_OUT: there was no status "
        "within 15 s. NAME_UNKNOWN: the host has no address. ADDRESS_FORBIDDEN: it is no public one. "
        "CONNECTION_FAILED: nobody took the call, or it broke off. TLS_FAILED: the certificate was not good. "
        "ANSWER_INVALID: the answer was no HTTP."
    ),
)


@strawberry.type(
    description="One try to deliver. Readable by the partner whose endpoint it is, and by headquarters."
)
class WebhookAttempt:
    attempted_at: datetime = strawberry.field(description="When it began.")
    milliseconds: int = strawberry.field(description="How long it took, in milliseconds.")
    status: int | None = strawberry.field(description="The answer's HTTP status; null when there was none.")
    failure: model.WebhookFailure | None = strawberry.field(
        description="Why it did not deliver; null when it did."
    )
    answer: str = strawberry.field(description="The first 500 characters of the answer's body.")


@strawberry.type(
    description=(
        "An event on its way to an endpoint; kept for 30 days. Readable by the partner whose endpoint it is, "
        "and by headquarters."
    )
)
class WebhookDelivery:
    delivery: strawberry.Private[model.WebhookDelivery]

    @property
    def partner_id(self) -> str:
        return self.delivery.partner_id

    @strawberry.field(description="Opaque and stable.")
    def id(self) -> strawberry.ID:
        return encode_id("WebhookDelivery", self.delivery.id)

    @strawberry.field(description="The event's id, which is also the `webhook-id` it is posted with.")
    def event_id(self) -> strawberry.ID:
        return strawberry.ID(self.delivery.event_id)

    @strawberry.field(description="What happened; null for a ping.")
    def event_type(self) -> EventType | None:
        return None if self.delivery.event_type == model.PING else EventType[self.delivery.event_type]

    @strawberry.field(description="How far it has come.")
    def state(self) -> model.WebhookDeliveryState:
        return self.delivery.state

    @strawberry.field(description="When it is tried next; null when it is not.")
    def due_at(self) -> datetime | None:
        return self.delivery.due_at

    @strawberry.field(description="The attempts, the oldest first; the last 20 are kept.")
    def attempts(self) -> list[WebhookAttempt]:
        return [
            WebhookAttempt(
                attempted_at=each.attempted_at,
                milliseconds=each.milliseconds,
                status=each.answer.status,
                failure=each.answer.failure,
                answer=each.answer.text,
            )
            for each in self.delivery.attempts
        ]

    @strawberry.field(description="When it was added.")
    def created_at(self) -> datetime:
        return self.delivery.created_at


@strawberry.type(
    description=("Where a partner wants to be told of events. Readable by that partner, and by headquarters.")
)
class WebhookEndpoint(Node):
    endpoint: strawberry.Private[model.WebhookEndpoint]

    @property
    def partner_id(self) -> str:
        return self.endpoint.partner_id

    @strawberry.field(description="Where events are posted to.")
    def url(self) -> str:
        return self.endpoint.url

    @strawberry.field(description="Which events are posted, as far as the partner may see them.")
    def event_types(self) -> list[EventType]:
        return [EventType[each] for each in self.endpoint.event_types]

    @strawberry.field(description="Why it is off; null while it is on.")
    def off_reason(self) -> model.WebhookOffReason | None:
        return self.endpoint.off_reason

    @strawberry.field(description="When it first failed since it last took anything; null while it is well.")
    def failing_since(self) -> datetime | None:
        return self.endpoint.failing_since

    @strawberry.field(description="When it was made.")
    def created_at(self) -> datetime:
        return self.endpoint.created_at

    @strawberry.field(description="What was delivered to it, or shall be, the newest first.")
    async def deliveries(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[WebhookDelivery]:
        page = await info.context.services.webhooks.deliveries(self.endpoint.id, PageRequest(first, after))
        return connection_of(page, lambda delivery: WebhookDelivery(delivery=delivery))


@strawberry.input(description="An endpoint to be made.")
class CreateWebhookEndpointInput:
    url: str = strawberry.field(
        description="A public https address of at most 1,000 characters, without user or fragment."
    )
    event_types: list[EventType] = strawberry.field(
        description="At least one; only those that the partner may see."
    )
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose it is: named by headquarters; a partner's own is its own."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY_OF_SECRET)


@strawberry.input(description="What shall become of an endpoint; what is left out stays as it is.")
class UpdateWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="The endpoint.")
    url: str | None = strawberry.field(default=None, description="Its new address.")
    event_types: list[EventType] | None = strawberry.field(
        default=None, description="The events that are posted from now on."
    )
    is_on: bool | None = strawberry.field(
        default=None, description="Whether events are posted; events meanwhile are not posted later."
    )


@strawberry.input(description="An endpoint.")
class WebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="The endpoint.")
    idempotency_key: str | None = strawberry.field(
        default=None, description=f"Where a secret is made: {KEY_OF_SECRET} Elsewhere 8 characters will do."
    )


@strawberry.input(description="A delivery to be made once more.")
class ReplayWebhookDeliveryInput:
    delivery_id: strawberry.ID = strawberry.field(description="The delivery.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.type(description="The endpoint is made, and on.")
class WebhookEndpointCreated:
    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint.")
    secret: str = strawberry.field(
        description="What its deliveries are signed with, by Standard Webhooks. Readable this once."
    )


@strawberry.type(description="The endpoint is as it was wanted.")
class WebhookEndpointUpdated:
    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint.")


@strawberry.type(
    description="The endpoint has a new secret; the one before it signs too for another 24 hours."
)
class WebhookSecretRotated:
    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint.")
    secret: str = strawberry.field(description="The new secret. Readable this once.")


@strawberry.type(description="The endpoint is gone.")
class WebhookEndpointRemoved:
    endpoint_id: strawberry.ID = strawberry.field(description="The id that it had.")


@strawberry.type(description="The ping is on its way.")
class WebhookEndpointPinged:
    delivery: WebhookDelivery = strawberry.field(
        description="The delivery, where its attempt will be listed."
    )


@strawberry.type(description="The delivery is made once more.")
class WebhookDeliveryReplayed:
    delivery: WebhookDelivery = strawberry.field(description="The delivery.")


CreateWebhookEndpointResult = Annotated[
    WebhookEndpointCreated | Rejected, strawberry.union("CreateWebhookEndpointResult")
]
UpdateWebhookEndpointResult = Annotated[
    WebhookEndpointUpdated | Rejected, strawberry.union("UpdateWebhookEndpointResult")
]
RotateWebhookSecretResult = Annotated[
    WebhookSecretRotated | Rejected, strawberry.union("RotateWebhookSecretResult")
]
RemoveWebhookEndpointResult = Annotated[
    WebhookEndpointRemoved | Rejected, strawberry.union("RemoveWebhookEndpointResult")
]
PingWebhookEndpointResult = Annotated[
    WebhookEndpointPinged | Rejected, strawberry.union("PingWebhookEndpointResult")
]
ReplayWebhookDeliveryResult = Annotated[
    WebhookDeliveryReplayed | Rejected, strawberry.union("ReplayWebhookDeliveryResult")
]


def webhook_endpoint_node(endpoint: model.WebhookEndpoint) -> WebhookEndpoint:
    return WebhookEndpoint(id=encode_id("WebhookEndpoint", endpoint.id), endpoint=endpoint)
