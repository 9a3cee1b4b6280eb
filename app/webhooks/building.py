"""Builds the services of webhooks: the endpoints, and what brings events to them."""

from dataclasses import dataclass

from app.auth.partner_service import PartnerService
from app.auth.session_service import SessionService
from app.events.service import EventService
from app.shared.foundation import Foundation
from app.webhooks.delivery import WebhookDeliverer
from app.webhooks.dispatch import WebhookDispatch
from app.webhooks.posting import WebhookPoster
from app.webhooks.service import WebhookService


@dataclass(frozen=True, slots=True)
class WebhookServices:
    """All that is done with webhooks."""

    webhooks: WebhookService
    dispatch: WebhookDispatch
    deliverer: WebhookDeliverer


def build_webhook_services(
    foundation: Foundation, sessions: SessionService, partners: PartnerService, event_feed: EventService
) -> WebhookServices:
    """The services, on what they need."""
    database, events, clock = foundation.database, foundation.events, foundation.clock
    may_post_privately = foundation.settings.webhook_private_addresses
    return WebhookServices(
        webhooks=WebhookService(
            database,
            sessions,
            partners,
            event_feed,
            foundation.limits,
            foundation.idempotency,
            events,
            clock,
            may_post_privately,
        ),
        dispatch=WebhookDispatch(database, event_feed, partners, clock),
        deliverer=WebhookDeliverer(
            database, event_feed, events, partners, WebhookPoster(may_post_privately), clock
        ),
    )
