"""Counts as interests what members did in stores, as the events tell of it."""

from collections.abc import Awaitable, Callable

from app.catalog.service import CatalogService
from app.check_ins.service import CheckInService
from app.events.model import SequencedEvent
from app.events.service import EventService
from app.interests.model import InterestEvent, InterestEventKind
from app.interests.service import InterestService
from app.learning.bought import bought, sku_ids_of, wholly_returned
from app.purchases.history import PurchaseHistory
from app.shared.mongodb.database import Database, Session

READER = "interests"
EVENTS_AT_ONCE = 20  # a member whom several are about is changed by one transaction after the other


class FactLearning:
    """Follows the events in their order, and counts each once, in the transaction that reads it."""

    def __init__(
        self,
        database: Database,
        events: EventService,
        check_ins: CheckInService,
        purchases: PurchaseHistory,
        catalog: CatalogService,
        interests: InterestService,
    ) -> None:
        self._database = database
        self._events = events
        self._check_ins = check_ins
        self._purchases = purchases
        self._catalog = catalog
        self._interests = interests
        self._learn: dict[str, Callable[[SequencedEvent, Session], Awaitable[None]]] = {
            "CheckedIn": self._learn_check_in,
            "PurchaseRecorded": self._learn_purchase,
            "PurchaseClaimed": self._learn_purchase,
            "PurchaseReturned": self._unlearn_purchase,
        }

    async def follow(self) -> int:
        """Learns from the events since the last time, until there are no more; says from how many."""
        learnt = 0
        while done := await self._database.transaction(self._follow_some):
            learnt += done
        return learnt

    async def _follow_some(self, session: Session) -> int:
        events = await self._events.read_on(READER, self._learn, EVENTS_AT_ONCE, session)
        for event in events:
            await self._learn[event.type](event, session)
        return len(events)

    async def _learn_check_in(self, event: SequencedEvent, session: Session) -> None:
        check_in = await self._check_ins.get(event.data["check_in_id"])
        if check_in is not None:
            visit = InterestEvent(
                f"check-in:{check_in.id}",
                InterestEventKind.CHECKED_IN,
                check_in.checked_in_at,
                store_id=check_in.store_id,
            )
            await self._interests.take(check_in.member_id, [visit], session)

    async def _learn_purchase(self, event: SequencedEvent, session: Session) -> None:
        """What was bought, in stores, online or ahead. Claimed after a part came back, the rest counts."""
        purchase = await self._purchases.get(event.data["purchase_id"])
        if purchase is not None and purchase.member_id is not None:
            products = await self._catalog.products_of_skus(sku_ids_of(purchase))
            back = wholly_returned(purchase, products)
            kept = [each for each in bought(purchase, products) if each not in back]
            await self._interests.take(purchase.member_id, kept, session)

    async def _unlearn_purchase(self, event: SequencedEvent, session: Session) -> None:
        """What came back to the last piece counts no more."""
        purchase = await self._purchases.get(event.data["purchase_id"])
        if purchase is not None and purchase.member_id is not None:
            products = await self._catalog.products_of_skus(sku_ids_of(purchase))
            await self._interests.take_back(purchase.member_id, wholly_returned(purchase, products), session)
