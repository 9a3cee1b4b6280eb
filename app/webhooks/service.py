"""What can be done with webhook endpoints and their deliveries."""

from collections.abc import Iterable
from datetime import timedelta

from app.auth.actor import PartnerActor, StaffActor, actor_of
from app.auth.errors import PartnerNotFound
from app.auth.partner_service import PartnerService
from app.auth.roles import Role
from app.auth.session_service import SessionService
from app.events.service import EventService
from app.events.visibility import visible_types
from app.shared.clock import Clock
from app.shared.errors import Forbidden
from app.shared.events import Event, EventLog
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Document, Session
from app.shared.paging import Page, PageRequest
from app.shared.rate_limits import RateLimit, RateLimits
from app.shared.standard_webhooks import new_signing_key, secret_of
from app.webhooks import rules
from app.webhooks.delivery_repository import WebhookDeliveryRepository
from app.webhooks.endpoint_repository import MAXIMUM_ENDPOINTS, WebhookEndpointRepository
from app.webhooks.errors import (
    EventTypesInvalid,
    TooManyWebhookEndpoints,
    TooManyWebhookPings,
    WebhookDeliveryNotFound,
    WebhookDeliveryPending,
    WebhookEndpointNotFound,
    WebhookEndpointOff,
    WebhookUrlInvalid,
)
from app.webhooks.model import (
    PING,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEndpointUpdate,
    WebhookOffReason,
    WebhookSecret,
)

Caretaker = PartnerActor | StaffActor

PINGS = RateLimit("webhook-pings", 10, timedelta(minutes=1))


class WebhookService:
    """The use cases of webhooks.

    A partner looks after its own endpoints and deliveries: those of others are not to be found. Headquarters
    looks after all of them; what changes an endpoint raises Unauthenticated when her session has ended.
    What takes a request is done once for it; asked again, it tells the same secret for ten minutes, and then
    raises SecretToldAlready.
    """

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        partners: PartnerService,
        events: EventService,
        limits: RateLimits,
        idempotency: Idempotency,
        event_log: EventLog,
        clock: Clock,
        allows_private: bool,
    ) -> None:
        self._database = database
        self._endpoints = WebhookEndpointRepository(database)
        self._deliveries = WebhookDeliveryRepository(database)
        self._sessions = sessions
        self._partners = partners
        self._events = events
        self._limits = limits
        self._idempotency = idempotency
        self._event_log = event_log
        self._clock = clock
        self._allows_private = allows_private

    async def get(self, endpoint_id: str) -> WebhookEndpoint | None:
        return await self._endpoints.get(endpoint_id)

    async def of_partner(self, partner_id: str, request: PageRequest) -> Page[WebhookEndpoint]:
        """The partner's endpoints."""
        return await self._endpoints.page(partner_id, request)

    async def deliveries(self, endpoint_id: str, request: PageRequest) -> Page[WebhookDelivery]:
        """The deliveries to an endpoint that the caller may see, the newest first; kept for 30 days."""
        return await self._deliveries.page(endpoint_id, request)

    async def create(
        self,
        url: str,
        event_types: Iterable[str],
        by: Caretaker,
        partner_id: str | None = None,
        request: IdempotentRequest | None = None,
    ) -> tuple[WebhookEndpoint, str]:
        """A new endpoint and its secret, which is shown this once. Headquarters says whose it is.

        Raises PartnerNotFound, WebhookUrlInvalid, EventTypesInvalid or TooManyWebhookEndpoints.
        """
        owner = _owner(by) or partner_id
        if owner is None or partner_id not in {None, owner}:
            raise PartnerNotFound(path=["input", "partnerId"])
        key = new_signing_key()
        checked_url = self._checked_url(url)
        checked_types = await self._checked_types(owner, event_types)

        async def act(session: Session) -> Document:
            await self._require_living(by, session)
            endpoint = WebhookEndpoint(
                id=new_id(),
                partner_id=owner,
                slot=await self._free_slot(owner, session),
                url=checked_url,
                event_types=checked_types,
                secrets=(WebhookSecret(key),),
                off_reason=None,
                failing_since=None,
                created_at=self._clock.now(),
            )
            await self._endpoints.add(endpoint, session)
            await self._tell("WebhookEndpointCreated", endpoint, by, session)
            return {"endpoint_id": endpoint.id}

        made, secret = await self._idempotency.once_with_secret(request, secret_of(key), act)
        return await self._require(made["endpoint_id"], by), secret

    async def update(self, endpoint_id: str, update: WebhookEndpointUpdate, by: Caretaker) -> WebhookEndpoint:
        """Changes what the update names. Switched on, it is taken to be well again.

        Raises WebhookEndpointNotFound, WebhookUrlInvalid or EventTypesInvalid.
        """
        endpoint = await self._require(endpoint_id, by)
        changes: Document = {}
        if update.url is not None:
            changes |= {"url": self._checked_url(update.url), "failing_since": None}
        if update.event_types is not None:
            changes["event_types"] = await self._checked_types(endpoint.partner_id, update.event_types)
        if update.is_on:
            changes |= {"off_reason": None, "failing_since": None}
        elif update.is_on is not None:
            changes["off_reason"] = WebhookOffReason.CHOSEN.value
        if not changes:
            return endpoint

        async def act(session: Session) -> WebhookEndpoint:
            await self._require_living(by, session)
            changed = await self._endpoints.change(endpoint_id, changes, session)
            if changed is None:
                raise WebhookEndpointNotFound(path=["input", "endpointId"])
            await self._tell("WebhookEndpointUpdated", changed, by, session)
            return changed

        return await self._database.transaction(act)

    async def rotate_secret(
        self, endpoint_id: str, by: Caretaker, request: IdempotentRequest | None = None
    ) -> tuple[WebhookEndpoint, str]:
        """A new secret, shown this once; the one before it signs for another 24 hours beside it.

        Raises WebhookEndpointNotFound.
        """
        key = new_signing_key()

        async def act(session: Session) -> Document:
            await self._require_living(by, session)
            endpoint = await self._require(endpoint_id, by, session)
            secrets = rules.rotated(endpoint.secrets, key, self._clock.now())
            changed = await self._endpoints.set_secrets(endpoint_id, secrets, session)
            if changed is None:
                raise WebhookEndpointNotFound(path=["input", "endpointId"])
            await self._tell("WebhookSecretRotated", changed, by, session)
            return {}

        _, secret = await self._idempotency.once_with_secret(request, secret_of(key), act)
        return await self._require(endpoint_id, by), secret

    async def remove(self, endpoint_id: str, by: Caretaker, request: IdempotentRequest | None = None) -> None:
        """Ends the endpoint; what is under way to it is not delivered. Raises WebhookEndpointNotFound."""

        async def act(session: Session) -> Document:
            await self._require_living(by, session)
            endpoint = await self._require(endpoint_id, by, session)
            if not await self._endpoints.remove(endpoint_id, session):
                raise WebhookEndpointNotFound(path=["input", "endpointId"])
            await self._tell("WebhookEndpointRemoved", endpoint, by, session)
            return {}

        await self._idempotency.once(request, act)

    async def ping(
        self, endpoint_id: str, by: Caretaker, request: IdempotentRequest | None = None
    ) -> WebhookDelivery:
        """A delivery that says nothing, tried once, to see whether the endpoint answers; 10 a minute.

        Raises WebhookEndpointNotFound, WebhookEndpointOff or TooManyWebhookPings.
        """
        pings = self._limits.one(PINGS, endpoint_id)

        async def act(session: Session) -> Document:
            endpoint = await self._require_on(endpoint_id, by)
            wait_seconds = await pings.take()
            if wait_seconds:
                raise TooManyWebhookPings(wait_seconds=wait_seconds)
            ping = rules.new_delivery(endpoint, new_id(), PING, self._clock.now())
            await self._deliveries.add_many([ping], session)
            return {"delivery_id": ping.id}

        pinged = await self._idempotency.once(request, act)
        return await self._delivery(pinged["delivery_id"], by)

    async def replay(
        self, delivery_id: str, by: Caretaker, request: IdempotentRequest | None = None
    ) -> WebhookDelivery:
        """Delivers once more, with the same event id and a fresh row of tries.

        Raises WebhookDeliveryNotFound, WebhookDeliveryPending, WebhookEndpointNotFound or WebhookEndpointOff.
        """

        async def act(session: Session) -> Document:
            delivery = await self._delivery(delivery_id, by)
            await self._require_on(delivery.endpoint_id, by)
            if not await self._deliveries.start_again(delivery_id, self._clock.now(), session):
                raise WebhookDeliveryPending(path=["input", "deliveryId"])
            return {}

        await self._idempotency.once(request, act)
        return await self._delivery(delivery_id, by)

    async def _delivery(self, delivery_id: str, by: Caretaker) -> WebhookDelivery:
        delivery = await self._deliveries.get(delivery_id, _owner(by))
        if delivery is None:
            raise WebhookDeliveryNotFound(path=["input", "deliveryId"])
        return delivery

    async def _require_living(self, by: Caretaker, session: Session) -> None:
        """A partner that has ended needs no such care: nothing is posted for it any more."""
        if isinstance(by, StaffActor):
            await self._sessions.require_living(by, session)

    async def _require(self, endpoint_id: str, by: Caretaker, session: Session = None) -> WebhookEndpoint:
        endpoint = await self._endpoints.get(endpoint_id, _owner(by), session)
        if endpoint is None:
            raise WebhookEndpointNotFound(path=["input", "endpointId"])
        return endpoint

    async def _require_on(self, endpoint_id: str, by: Caretaker) -> WebhookEndpoint:
        endpoint = await self._require(endpoint_id, by)
        if not endpoint.is_on:
            raise WebhookEndpointOff
        return endpoint

    def _checked_url(self, text: str) -> str:
        url = rules.normal_url(text, self._allows_private)
        if url is None:
            raise WebhookUrlInvalid(path=["input", "url"], maximum=rules.MAXIMUM_URL_LENGTH)
        return url

    async def _checked_types(self, partner_id: str, event_types: Iterable[str]) -> tuple[str, ...]:
        """The types, each once; the partner must see all of them by its own scopes."""
        partner = await self._partners.get(partner_id)
        if partner is None:
            raise PartnerNotFound(path=["input", "partnerId"])
        shared, own = visible_types(await self._events.viewer(actor_of(partner)))
        wanted = tuple(sorted(set(event_types)))
        if not wanted or not set(wanted) <= {*shared, *own}:
            raise EventTypesInvalid(path=["input", "eventTypes"])
        return wanted

    async def _free_slot(self, partner_id: str, session: Session) -> int:
        taken = await self._endpoints.slots(partner_id, session)
        slot = next((each for each in range(1, MAXIMUM_ENDPOINTS + 1) if each not in taken), None)
        if slot is None:
            raise TooManyWebhookEndpoints(maximum=MAXIMUM_ENDPOINTS)
        return slot

    async def _tell(self, what: str, endpoint: WebhookEndpoint, by: Caretaker, session: Session) -> None:
        data = {"partner_id": endpoint.partner_id, "by": by.staff_id if isinstance(by, StaffActor) else None}
        event = Event(what, f"webhook_endpoint:{endpoint.id}", self._clock.now(), data)
        await self._event_log.append(event, session)


def _owner(by: Caretaker) -> str | None:
    """The partner whose endpoints the caller looks after; None for those of all. Raises Forbidden."""
    if isinstance(by, PartnerActor):
        return by.partner_id
    if by.role is not Role.HEADQUARTERS:
        raise Forbidden
    return None
