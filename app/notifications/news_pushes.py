"""Pushes news: to all it is for as it begins, and to those who check in at its stores."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from app.events.model import SequencedEvent
from app.events.service import EventService
from app.inbox.model import MessageClass
from app.news.model import News, NewsPush
from app.news.service import NewsService
from app.notifications.marketing import MarketingGate
from app.push.model import PushWish
from app.push.rules import MARKETING_IS_NEWS_FOR, end_of_quiet
from app.push.service import PushService
from app.shared.clock import Clock
from app.shared.mongodb.database import CollectionDefinition, ConcurrentChange, Database, Session
from app.shared.mongodb.documents import BOOLEAN, MOMENT, STRING, document
from app.shared.settings.push import QuietHours
from app.stores.model import Store
from app.stores.service import StoreService

DEVICES_AT_ONCE = 500
EVENTS_AT_ONCE = 50
READER = "news_pushes"
A_VISIT_LASTS = timedelta(hours=1)

NEWS_PUSHES = CollectionDefinition(
    "news_pushes",
    validator=document(_id=STRING, after=STRING, is_done=BOOLEAN, kept_until=MOMENT),
    indexes=[IndexModel([("kept_until", 1)], expireAfterSeconds=0)],
)


class NewsPushes:
    """Wishes for pushes of news. Several may run at once, and go on where another one was killed."""

    def __init__(
        self,
        database: Database,
        news: NewsService,
        events: EventService,
        stores: StoreService,
        gate: MarketingGate,
        push: PushService,
        quiet: QuietHours,
        clock: Clock,
    ) -> None:
        self._database = database
        self._progress = database.collection(NEWS_PUSHES)
        self._news = news
        self._events = events
        self._stores = stores
        self._gate = gate
        self._push = push
        self._quiet = quiet
        self._clock = clock

    async def push(self) -> None:
        """Pushes what has begun, and what belongs to the check-ins until now."""
        for news in await self._news.to_push(NewsPush.AT_START):
            while await self._push_some(news):
                pass
        while await self._database.transaction(self._follow_some):
            pass

    async def _push_some(self, news: News) -> bool:
        """Wishes for the pushes of the next members; false when there are none left.

        How far it has come is written down with the wishes: each member is come to once.
        """

        async def act(session: Session) -> bool:
            progress = await self._progress.find_one({"_id": news.id}, session=session)
            if progress is not None and progress["is_done"]:
                return False
            after = progress["after"] if progress else ""
            owners = await self._push.owners_after(after, DEVICES_AT_ONCE, session)
            await self._wish(news, owners, self._until(news), session)
            change = {"after": owners[-1] if owners else after, "is_done": not owners}
            change["kept_until"] = news.ends_at + MARKETING_IS_NEWS_FOR
            try:
                await self._progress.find_one_and_update(
                    {"_id": news.id}, {"$set": change}, upsert=True, session=session
                )
            except DuplicateKeyError:
                raise ConcurrentChange from None
            return bool(owners)

        return await self._database.transaction(act)

    async def _follow_some(self, session: Session) -> int:
        """Pushes the news of the stores where members have just checked in, unless it is quiet there."""
        events = await self._events.read_on(READER, {"CheckedIn"}, EVENTS_AT_ONCE, session)
        for event in events:
            await self._welcome(event, session)
        return len(events)

    async def _welcome(self, event: SequencedEvent, session: Session) -> None:
        now = self._clock.now()
        store = await self._stores.get(event.data["store_id"])
        if store is None or now >= event.occurred_at + A_VISIT_LASTS:
            return
        if end_of_quiet(now, ZoneInfo(store.time_zone), self._quiet) > now:
            return
        member_id = event.subject.removeprefix("member:")
        for news in await self._news.to_push(NewsPush.AT_CHECK_IN):
            if news.audience.store_ids is None or store.id in news.audience.store_ids:
                until = min(news.ends_at, event.occurred_at + A_VISIT_LASTS)
                await self._wish(news, [member_id], until, session, store)

    async def _wish(
        self,
        news: News,
        member_ids: list[str],
        until: datetime,
        session: Session,
        store: Store | None = None,
    ) -> None:
        """Wishes for pushes to those of these members whom the news is for, and who may have it.

        `store` is where they are just now, if that is why they are told.
        """
        place = store.location if store else None
        now = self._clock.now()
        untold = await self._push.untold(news.id, member_ids, session)
        fitting = await self._news.among(news, untold) if untold else []
        admitted = await self._gate.admit(fitting, now, session, place) if fitting else []
        wishes = [
            PushWish(
                member_id=member_id,
                message_id=news.id,
                message_class=MessageClass.MARKETING,
                collapse_key=news.id,
                due_at=now,
                expires_at=until,
                time_zone=store.time_zone if store else None,
                needs_location=store is not None,
            )
            for member_id in admitted
        ]
        if wishes:
            await self._push.wish(wishes, session)

    def _until(self, news: News) -> datetime:
        """Until when it is pushed: it may wait for the quiet hours to be over, and no longer."""
        return min(news.ends_at, max(news.starts_at, self._clock.now()) + MARKETING_IS_NEWS_FOR)
