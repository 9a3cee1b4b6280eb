"""Tells members of what happens to their orders: each event becomes one message, and pushes of it."""

from app.events.model import SequencedEvent
from app.events.service import EventService
from app.inbox.model import MessageClass, OwnMessage
from app.inbox.service import InboxService
from app.notifications.texts import TOLD_EVENTS, texts_of, titles_of
from app.orders.service import OrderService
from app.push.model import PushWish
from app.push.rules import SERVICE_IS_NEWS_FOR
from app.push.service import PushService
from app.shared.clock import Clock
from app.shared.mongodb.database import Database, Session
from app.stores.service import StoreService

READER = "service_messages"
EVENTS_AT_ONCE = 50


class ServiceMessages:
    """Turns events into service messages. Several may run at once: each event is taken by one of them."""

    def __init__(
        self,
        database: Database,
        events: EventService,
        orders: OrderService,
        stores: StoreService,
        inbox: InboxService,
        push: PushService,
        clock: Clock,
    ) -> None:
        self._database = database
        self._events = events
        self._orders = orders
        self._stores = stores
        self._inbox = inbox
        self._push = push
        self._clock = clock

    async def tell(self) -> None:
        """Tells of all that happened until now."""
        while await self._database.transaction(self._tell_some):
            pass

    async def _tell_some(self, session: Session) -> int:
        events = await self._events.read_on(READER, TOLD_EVENTS, EVENTS_AT_ONCE, session)
        told = [await self._message_of(each, session) for each in events]
        messages = [each for each in told if each is not None]
        if messages:
            await self._inbox.add(messages, session)
            await self._push.wish([each for each in map(self._wish_of, messages) if each], session)
        return len(events)

    def _wish_of(self, message: OwnMessage) -> PushWish | None:
        """Has her devices tell of it too, unless it is old by now; of one order they show the last."""
        now, expires_at = self._clock.now(), message.told_at + SERVICE_IS_NEWS_FOR
        if now >= expires_at:
            return None
        return PushWish(
            member_id=message.member_id,
            message_id=message.source_id,
            message_class=MessageClass.SERVICE,
            collapse_key=message.order_id or message.source_id,
            due_at=now,
            expires_at=expires_at,
        )

    async def _message_of(self, event: SequencedEvent, session: Session) -> OwnMessage | None:
        """The message for whoever has the order by now: a guest's may be a member's since."""
        order = await self._orders.get(event.data["order_id"], session)
        store = await self._stores.get(order.store_id) if order else None
        if order is None or store is None:
            return None
        return OwnMessage(
            source_id=event.id,
            kind=event.type,
            member_id=order.member_id,
            message_class=MessageClass.SERVICE,
            titles=titles_of(event.type),
            texts=texts_of(event.type, store.names, order.pickup_number),
            order_id=order.id,
            told_at=event.occurred_at,
        )
