"""What can be done with events: put them in order, and read them."""

from collections.abc import Collection, Sequence
from datetime import datetime

from app.auth.actor import PartnerActor
from app.events.model import PublishedEvent, SequencedEvent
from app.events.repository import EventRepository
from app.events.visibility import EventViewer, published
from app.shared.mongodb.database import CollectionDefinition, Database, Session
from app.shared.paging import Page, PageRequest
from app.stores.service import StoreService


class EventService:
    """The use cases of events.

    An event gets its number after its transaction is committed, and numbers become visible in their order:
    numbering is a transaction that changes one counter, so any two of them happen one after the other. Who
    has read up to a number has seen all below it that there will ever be, however long a transaction took.
    """

    def __init__(
        self, database: Database, stores: StoreService, carriers: Sequence[CollectionDefinition]
    ) -> None:
        self._events = EventRepository(database, carriers)
        self._stores = stores

    async def has_waiting(self) -> bool:
        """Whether there are events without a number."""
        return await self._events.has_waiting()

    async def longest_wait_seconds(self, now: datetime) -> float:
        """How long the oldest event has waited for its number; 0 when none waits."""
        since = await self._events.oldest_waiting()
        return max(0.0, (now - since).total_seconds()) if since else 0.0

    async def number(self, limit: int, session: Session) -> list[SequencedEvent]:
        """Gives numbers to the events that wait for one; those of one subject in the order they happened."""
        return await self._events.number(limit, session)

    async def read_on(
        self, reader: str, types: Collection[str], limit: int, session: Session
    ) -> list[SequencedEvent]:
        """The next events of these types for a reader of our own, who remembers how far it has read.

        What it does with them belongs into the same transaction: then each event is read once.
        """
        return await self._events.read_on(reader, types, limit, session)

    async def waiting_for(self, reader: str, types: Collection[str], limit: int) -> list[SequencedEvent]:
        """The next events of these types for a reader whose work has transactions of its own.

        It marks them by `has_read` afterwards, so they may come again: its work must bear to be done twice.
        """
        return await self._events.waiting_for(reader, types, limit)

    async def has_read(self, reader: str, seq: int) -> None:
        """Marks all up to this number as read."""
        await self._events.has_read(reader, seq)

    async def get(self, event_id: str) -> SequencedEvent | None:
        """The event, once it has its number."""
        return await self._events.get(event_id)

    async def viewer(self, actor: PartnerActor) -> EventViewer:
        """What decides on which events the partner sees: a limit to channels is one to their stores."""
        store_ids = actor.store_ids
        if actor.channels is not None:
            store_ids = await self._stores.ids_of(actor.channels, among=store_ids)
        return EventViewer(actor.partner_id, actor.scopes, store_ids)

    async def page(self, actor: PartnerActor, request: PageRequest) -> Page[PublishedEvent]:
        """The events that the partner sees, the oldest first, as it sees them."""
        page = await self._events.page(await self.viewer(actor), request)
        items = tuple((published(event), cursor) for event, cursor in page.items)
        return Page(items, page.has_next, page.has_previous)
