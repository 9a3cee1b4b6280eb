"""Delivers: claims what is due, posts it, and decides what comes next."""

import random
import time
from datetime import timedelta

import orjson
import structlog

from app.auth.actor import actor_of
from app.auth.partner_service import PartnerService
from app.events.service import EventService
from app.events.visibility import may_see, published
from app.shared.clock import Clock, rfc3339
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session
from app.shared.standard_webhooks import signed_headers
from app.webhooks import rules
from app.webhooks.delivery_repository import WebhookDeliveryRepository
from app.webhooks.endpoint_repository import WebhookEndpointRepository
from app.webhooks.model import (
    PING,
    WebhookAnswer,
    WebhookAttempt,
    WebhookDelivery,
    WebhookDeliveryState,
    WebhookEndpoint,
    WebhookOffReason,
)
from app.webhooks.posting import POST_SECONDS, WebhookPoster

# Who has not told by then what came of it is taken to be dead, and the delivery is anybody's again.
CLAIMED_FOR = timedelta(seconds=2 * POST_SECONDS)

log = structlog.get_logger(__name__)


class WebhookDeliverer:
    """Tries deliveries, each until it was taken; if we die before that is written down, once more."""

    def __init__(
        self,
        database: Database,
        events: EventService,
        event_log: EventLog,
        partners: PartnerService,
        poster: WebhookPoster,
        clock: Clock,
    ) -> None:
        self._database = database
        self._endpoints = WebhookEndpointRepository(database)
        self._deliveries = WebhookDeliveryRepository(database)
        self._events = events
        self._event_log = event_log
        self._partners = partners
        self._poster = poster
        self._clock = clock

    async def due_receivers(self) -> list[str]:
        """The endpoints that have something due, the one that has waited for the longest time first."""
        return await self._deliveries.due_endpoints(self._clock.now())

    async def deliver_next(self, endpoint_id: str) -> bool:
        """Tries what has been due for the longest time at this endpoint; false when there is nothing."""
        now = self._clock.now()
        delivery = await self._deliveries.claim(endpoint_id, now, now + CLAIMED_FOR)
        if delivery is None:
            return False
        endpoint = await self._endpoints.get(endpoint_id)
        body = await self._body(delivery, endpoint)
        if endpoint is None or body is None or delivery.tries > rules.MAXIMUM_TRIES:
            await self._deliveries.finish(delivery, WebhookDeliveryState.FAILED, None, None)
        else:
            await self._try(delivery, endpoint, body)
        return True

    async def _body(self, delivery: WebhookDelivery, endpoint: WebhookEndpoint | None) -> bytes | None:
        """What is posted; None when the endpoint is off, or its partner may not see the event any more."""
        partner = await self._partners.get(delivery.partner_id)
        if endpoint is None or not endpoint.is_on or partner is None:
            return None
        if delivery.event_type == PING:
            return _ping(delivery)
        event = await self._events.get(delivery.event_id)
        if event is None or not may_see(await self._events.viewer(actor_of(partner)), event):
            return None
        shown = published(event)
        return orjson.dumps(
            {
                "id": shown.id,
                "type": shown.type,
                "version": shown.version,
                "sequence": shown.seq,
                "timestamp": rfc3339(shown.occurred_at),
                "subject": shown.subject,
                "data": shown.data,
            }
        )

    async def _try(self, delivery: WebhookDelivery, endpoint: WebhookEndpoint, body: bytes) -> None:
        now, started = self._clock.now(), time.monotonic()
        headers = signed_headers(rules.signing_keys(endpoint, now), delivery.event_id, now, body)
        answer = await self._poster.post(endpoint.url, headers, body)
        attempt = WebhookAttempt(now, round((time.monotonic() - started) * 1000), answer)
        await self._note(endpoint, answer)
        if answer.failure is None:
            await self._deliveries.finish(delivery, WebhookDeliveryState.DELIVERED, None, attempt)
            return
        due_at = rules.next_try(delivery.tries, delivery.event_type, self._clock.now(), random.random())
        if due_at is None or answer.status == rules.GONE:
            await self._deliveries.finish(delivery, WebhookDeliveryState.FAILED, None, attempt)
        else:
            await self._deliveries.finish(delivery, WebhookDeliveryState.PENDING, due_at, attempt)

    async def _note(self, endpoint: WebhookEndpoint, answer: WebhookAnswer) -> None:
        """Keeps how the endpoint does, and switches it off when it is gone or has failed for 5 days."""
        if answer.failure is None:
            if endpoint.failing_since is not None:
                await self._endpoints.note_success(endpoint.id)
            return
        failing = await self._endpoints.note_failure(endpoint.id, self._clock.now())
        if failing is None or failing.failing_since is None or failing.url != endpoint.url:
            return
        if answer.status == rules.GONE:
            await self._switch_off(failing, WebhookOffReason.GONE)
        elif rules.has_failed_too_long(failing.failing_since, self._clock.now()):
            await self._switch_off(failing, WebhookOffReason.FAILING)

    async def _switch_off(self, endpoint: WebhookEndpoint, reason: WebhookOffReason) -> None:
        """Switches the endpoint off and tells its partner by an event, once."""
        data = {"partner_id": endpoint.partner_id, "reason": reason.value}

        async def act(session: Session) -> bool:
            is_off = await self._endpoints.switch_off(endpoint, reason, session)
            if is_off:
                subject = f"webhook_endpoint:{endpoint.id}"
                event = Event("WebhookEndpointSwitchedOff", subject, self._clock.now(), data)
                await self._event_log.append(event, session)
            return is_off

        if await self._database.transaction(act):
            log.warning("webhook_endpoint_switched_off", endpoint_id=endpoint.id, **data)


def _ping(delivery: WebhookDelivery) -> bytes:
    return orjson.dumps(
        {
            "id": delivery.event_id,
            "type": PING,
            "version": 1,
            "timestamp": rfc3339(delivery.created_at),
            "data": {},
        }
    )
