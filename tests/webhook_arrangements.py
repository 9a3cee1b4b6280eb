"""Partners that listen to events, and what makes their webhooks go."""

from dataclasses import dataclass

from app.auth.actor import PartnerActor, actor_of
from app.auth.partners import Scope
from app.events.model import PublishedEvent
from app.services import Services
from app.shared.events import Event, EventLog
from app.shared.ids import new_id
from app.shared.mongodb.database import Session
from app.shared.paging import PageRequest
from app.webhooks.delivery import WebhookDeliverer
from app.webhooks.dispatch import WebhookDispatch
from app.webhooks.model import WebhookDelivery, WebhookEndpoint
from app.webhooks.posting import WebhookPoster
from tests.patience import PATIENCE_SECONDS

SCOPES = (Scope.EVENTS_READ, Scope.CHECK_INS_READ)


@dataclass(frozen=True)
class Machinery:
    """The parts of the worker that move events."""

    dispatch: WebhookDispatch
    deliverer: WebhookDeliverer

    async def deliver_due(self) -> None:
        """Dispatches what there is and tries once all that is due."""
        await self.dispatch.dispatch()
        for endpoint_id in await self.deliverer.due_receivers():
            while await self.deliverer.deliver_next(endpoint_id):
                pass


def machinery(services: Services, poster: WebhookPoster | None = None) -> Machinery:
    """A further worker's parts, on these services."""
    database, clock, partners, events = (
        services.database,
        services.clock,
        services.partners,
        services.events,
    )
    poster = poster or WebhookPoster(allows_private=True, seconds=PATIENCE_SECONDS)
    return Machinery(
        WebhookDispatch(database, events, partners, clock),
        WebhookDeliverer(database, events, EventLog(database), partners, poster, clock),
    )


async def a_listener(services: Services, *scopes: Scope) -> PartnerActor:
    """A new partner that sees check-ins, or what these scopes show."""
    partner, _ = await services.partners.create("A listener", scopes or SCOPES)
    return actor_of(partner)


def owner_of(endpoint: WebhookEndpoint) -> PartnerActor:
    return PartnerActor(endpoint.partner_id, frozenset(SCOPES))


async def an_endpoint(services: Services, port: int, of: PartnerActor | None = None) -> WebhookEndpoint:
    """An endpoint for check-ins on this port, of a new partner unless one is named."""
    owner = of or await a_listener(services)
    url = f"http://127.0.0.1:{port}/hooks?key=k-4711"
    return (await services.webhooks.create(url, ["CheckedIn"], owner))[0]


def a_check_in(services: Services, member_id: str = "mio", store_id: str = "umeda") -> Event:
    data = {"check_in_id": new_id(), "store_id": store_id, "points": 10}
    return Event("CheckedIn", f"member:{member_id}", services.clock.now(), data)


async def tell(services: Services, *events: Event) -> list[str]:
    """Writes each of the events in a transaction of its own; gives their ids."""

    for event in events:

        async def act(session: Session, event: Event = event) -> None:
            await EventLog(services.database).append(event, session)

        await services.database.transaction(act)
    return [event.id for event in events]


async def deliveries_of(services: Services, endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
    """The endpoint's deliveries, the newest first."""
    page = await services.webhooks.deliveries(endpoint.id, PageRequest(100))
    return [delivery for delivery, _ in page.items]


async def the_delivery(services: Services, endpoint: WebhookEndpoint) -> WebhookDelivery:
    (delivery,) = await deliveries_of(services, endpoint)
    return delivery


async def now_of(services: Services, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    found = await services.webhooks.get(endpoint.id)
    assert found is not None
    return found


async def read_on(
    services: Services, viewer: PartnerActor, after: str | None, first: int = 7
) -> tuple[list[PublishedEvent], str | None]:
    """All later events, page by page, and the last cursor."""
    events: list[PublishedEvent] = []
    while True:
        page = await services.events.page(viewer, PageRequest(first, after))
        events += [event for event, _ in page.items]
        after = page.items[-1][1] if page.items else after
        if not page.has_next:
            return events, after
