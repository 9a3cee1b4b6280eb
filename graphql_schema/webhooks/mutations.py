"""Looking after webhook endpoints."""

import strawberry

from app.auth.actor import PartnerActor, StaffActor
from app.webhooks.model import WebhookEndpointUpdate
from graphql_schema.context import Info
from graphql_schema.node import encode_id, key_of
from graphql_schema.repetition import request_of
from graphql_schema.webhooks.types import (
    CreateWebhookEndpointInput,
    CreateWebhookEndpointResult,
    PingWebhookEndpointResult,
    RemoveWebhookEndpointResult,
    ReplayWebhookDeliveryInput,
    ReplayWebhookDeliveryResult,
    RotateWebhookSecretResult,
    UpdateWebhookEndpointInput,
    UpdateWebhookEndpointResult,
    WebhookDelivery,
    WebhookDeliveryReplayed,
    WebhookEndpointCreated,
    WebhookEndpointInput,
    WebhookEndpointPinged,
    WebhookEndpointRemoved,
    WebhookEndpointUpdated,
    WebhookSecretRotated,
    webhook_endpoint_node,
)

CARETAKERS = "For partners with the scope events:read, and for headquarters."


@strawberry.type
class WebhookMutations:
    @strawberry.mutation(description=f"Makes an endpoint; a partner has at most 10. {CARETAKERS}")
    async def create_webhook_endpoint(
        self, info: Info, input: CreateWebhookEndpointInput
    ) -> CreateWebhookEndpointResult:
        partner_id = (
            None if input.partner_id is None else key_of(input.partner_id, "Partner", ["input", "partnerId"])
        )
        endpoint, secret = await info.context.services.webhooks.create(
            input.url,
            [each.value for each in input.event_types],
            _caretaker(info),
            partner_id,
            request_of(info, "createWebhookEndpoint", input),
        )
        return WebhookEndpointCreated(endpoint=webhook_endpoint_node(endpoint), secret=secret)

    @strawberry.mutation(description=f"Changes an endpoint, or switches it on or off. {CARETAKERS}")
    async def update_webhook_endpoint(
        self, info: Info, input: UpdateWebhookEndpointInput
    ) -> UpdateWebhookEndpointResult:
        update = WebhookEndpointUpdate(
            url=input.url,
            event_types=None
            if input.event_types is None
            else tuple(each.value for each in input.event_types),
            is_on=input.is_on,
        )
        endpoint = await info.context.services.webhooks.update(
            _endpoint_id(input.endpoint_id), update, _caretaker(info)
        )
        return WebhookEndpointUpdated(endpoint=webhook_endpoint_node(endpoint))

    @strawberry.mutation(
        description=f"Gives an endpoint a new secret; for 24 hours the old one signs beside it. {CARETAKERS}"
    )
    async def rotate_webhook_secret(
        self, info: Info, input: WebhookEndpointInput
    ) -> RotateWebhookSecretResult:
        endpoint, secret = await info.context.services.webhooks.rotate_secret(
            _endpoint_id(input.endpoint_id),
            _caretaker(info),
            request_of(info, "rotateWebhookSecret", input),
        )
        return WebhookSecretRotated(endpoint=webhook_endpoint_node(endpoint), secret=secret)

    @strawberry.mutation(
        description=f"Removes an endpoint; what is under way to it is not delivered. {CARETAKERS}"
    )
    async def remove_webhook_endpoint(
        self, info: Info, input: WebhookEndpointInput
    ) -> RemoveWebhookEndpointResult:
        endpoint_id = _endpoint_id(input.endpoint_id)
        request = request_of(info, "removeWebhookEndpoint", input)
        await info.context.services.webhooks.remove(endpoint_id, _caretaker(info), request)
        return WebhookEndpointRemoved(endpoint_id=encode_id("WebhookEndpoint", endpoint_id))

    @strawberry.mutation(
        description=f"Posts a ping to an endpoint: once, and 10 times a minute at the most. {CARETAKERS}"
    )
    async def ping_webhook_endpoint(
        self, info: Info, input: WebhookEndpointInput
    ) -> PingWebhookEndpointResult:
        delivery = await info.context.services.webhooks.ping(
            _endpoint_id(input.endpoint_id),
            _caretaker(info),
            request_of(info, "pingWebhookEndpoint", input),
        )
        return WebhookEndpointPinged(delivery=WebhookDelivery(delivery=delivery))

    @strawberry.mutation(
        description=f"Makes a delivery that has ended once more, with the same event id. {CARETAKERS}"
    )
    async def replay_webhook_delivery(
        self, info: Info, input: ReplayWebhookDeliveryInput
    ) -> ReplayWebhookDeliveryResult:
        delivery_id = key_of(input.delivery_id, "WebhookDelivery", ["input", "deliveryId"])
        request = request_of(info, "replayWebhookDelivery", input)
        delivery = await info.context.services.webhooks.replay(delivery_id, _caretaker(info), request)
        return WebhookDeliveryReplayed(delivery=WebhookDelivery(delivery=delivery))


def _caretaker(info: Info) -> PartnerActor | StaffActor:
    """The calling partner or headquarters. Raises Unauthenticated or Forbidden."""
    actor = info.context.actor
    return actor if isinstance(actor, StaffActor) else info.context.require_partner()


def _endpoint_id(text: str) -> str:
    return key_of(text, "WebhookEndpoint", ["input", "endpointId"])
