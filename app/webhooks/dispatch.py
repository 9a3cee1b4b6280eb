"""Dispatch: gives events their numbers, and each of them a delivery to every endpoint that wants it."""

from collections.abc import Sequence

from app.auth.actor import actor_of
from app.auth.partner_service import PartnerService
from app.events.model import SequencedEvent
from app.events.service import EventService
from app.events.visibility import may_see
from app.shared.clock import Clock
from app.shared.mongodb.database import Database, Session
from app.webhooks import rules
from app.webhooks.delivery_repository import WebhookDeliveryRepository
from app.webhooks.endpoint_repository import WebhookEndpointRepository
from app.webhooks.model import WebhookDelivery

EVENTS_AT_ONCE = 100


class WebhookDispatch:
    """Turns events into deliveries: numbers and deliveries are written together, so that none is forgotten.

    Several may run at once; each event is dispatched by one of them.
    """

    def __init__(
        self, database: Database, events: EventService, partners: PartnerService, clock: Clock
    ) -> None:
        self._database = database
        self._endpoints = WebhookEndpointRepository(database)
        self._deliveries = WebhookDeliveryRepository(database)
        self._events = events
        self._partners = partners
        self._clock = clock

    async def dispatch(self) -> None:
        """Dispatches all events that were committed until now."""
        while await self._events.has_waiting():
            await self._database.transaction(self._dispatch_some)

    async def _dispatch_some(self, session: Session) -> None:
        events = await self._events.number(EVENTS_AT_ONCE, session)
        deliveries = await self._deliveries_of(events, session)
        if deliveries:
            await self._deliveries.add_many(deliveries, session)

    async def _deliveries_of(
        self, events: Sequence[SequencedEvent], session: Session
    ) -> list[WebhookDelivery]:
        endpoints = await self._endpoints.all_on(session)
        wanted = {endpoint.partner_id for endpoint in endpoints}
        partners = [each for each in await self._partners.all() if each.id in wanted] if wanted else []
        now = self._clock.now()
        viewers = {each.id: await self._events.viewer(actor_of(each)) for each in partners}
        return [
            rules.new_delivery(endpoint, event.id, event.type, now)
            for event in events
            for endpoint in endpoints
            if event.type in endpoint.event_types
            and endpoint.partner_id in viewers
            and may_see(viewers[endpoint.partner_id], event)
        ]
