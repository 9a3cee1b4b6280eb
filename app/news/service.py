"""What can be done with news: publish it, end it, and read what is for oneself."""

from collections.abc import Sequence

from app.auth.actor import StaffActor
from app.auth.session_service import SessionService
from app.check_ins.service import CheckInService
from app.members.model import Member
from app.members.rank_service import RankService
from app.members.service import MemberService
from app.news import rules
from app.news.errors import NewsNotFound, TooMuchNews
from app.news.model import News, NewsDraft, NewsPush, NewsReader
from app.news.repository import NEWS, NewsRepository
from app.shared.clock import Clock, rfc3339
from app.shared.errors import Refusal, SeveralRefusals
from app.shared.events import Event, EventLog
from app.shared.idempotency import Idempotency, IdempotentRequest
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Document, Session
from app.shared.mongodb.reading import Found, Joined, Reading, Reads, known
from app.shared.mongodb.snapshots import Snapshots
from app.shared.paging import Page, PageRequest, page_of
from app.stores.service import StoreService

MAXIMUM_NEWS = 200  # that is on or to come


class NewsService:
    """The use cases of news.

    What is on or to come is little, and read all the time: each process remembers it. Whom it is for is
    decided in memory, so that publishing to a million members writes one document.
    """

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        members: MemberService,
        ranks: RankService,
        stores: StoreService,
        check_ins: CheckInService,
        idempotency: Idempotency,
        events: EventLog,
        snapshots: Snapshots,
        clock: Clock,
    ) -> None:
        self._database = database
        self._news = NewsRepository(database)
        self._sessions = sessions
        self._members = members
        self._ranks = ranks
        self._stores = stores
        self._check_ins = check_ins
        self._idempotency = idempotency
        self._events = events
        self._clock = clock
        self._remembered = snapshots.of(lambda: self._news.not_over(clock.now()), NEWS)

    async def publish(self, draft: NewsDraft, idempotency_key: str, by: StaffActor) -> News:
        """Publishes news, once for each key.

        Raises SeveralRefusals, TooMuchNews, IdempotencyKeyInvalid or IdempotencyKeyReused, Unauthenticated
        when her session has ended.
        """
        request = IdempotentRequest(
            f"staff:{by.staff_id}", "publishNews", idempotency_key, draft.fingerprint()
        )
        draft, refusals = rules.checked(draft, self._clock.now())
        try:
            await self._stores.require_all(sorted(draft.audience.store_ids or ()), ["input", "storeIds"])
        except Refusal as refusal:
            refusals.append(refusal)
        if refusals:
            raise SeveralRefusals(refusals)

        async def accept(session: Session) -> Document:
            await self._sessions.require_living(by, session)
            await self._news.take_turn(session)
            now = self._clock.now()
            if len(await self._news.not_over(now, session)) >= MAXIMUM_NEWS:
                raise TooMuchNews(maximum=MAXIMUM_NEWS)
            news = News(
                id=new_id(),
                titles=draft.titles,
                texts=draft.texts,
                picture_url=draft.picture_url,
                audience=draft.audience,
                starts_at=draft.starts_at or now,
                ends_at=draft.ends_at,
                push=draft.push,
                published_at=now,
                published_by=by.staff_id,
            )
            await self._news.add(news, session)
            await self._tell("NewsPublished", news, by, session)
            return {"news_id": news.id}

        result = await self._idempotency.once(request, accept)
        self._remembered.forget()
        published = await self._news.get(result["news_id"])
        if published is None:
            raise LookupError(f"news {result['news_id']} is gone")
        return published

    async def withdraw(self, news_id: str, by: StaffActor) -> News:
        """Ends news now. Raises NewsNotFound when there is none, or it is over."""

        async def act(session: Session) -> News:
            await self._sessions.require_living(by, session)
            ended = await self._news.end(news_id, self._clock.now(), session)
            if ended is None:
                raise NewsNotFound(path=["input", "newsId"])
            await self._tell("NewsWithdrawn", ended, by, session)
            return ended

        withdrawn = await self._database.transaction(act)
        self._remembered.forget()
        return withdrawn

    async def all(self, request: PageRequest) -> Page[News]:
        """All news there ever was, the newest first."""
        return await self._news.page(request)

    async def page(
        self, member_id: str | None, request: PageRequest, reads: Reads | None = None
    ) -> Page[News]:
        """The news that is on for this member, or for strangers, what began last first."""
        shown = await self.shown_to(member_id, reads)
        position = request.position(str, str)
        keys = [(each, (rfc3339(each.starts_at), each.id)) for each in shown]
        later = [(each, key) for each, key in keys if position is None or key < position]
        return page_of(later[: request.first + 1], request)

    async def shown_to(self, member_id: str | None, reads: Reads | None = None) -> list[News]:
        """The news that is on for this member, or for strangers, what began last first."""
        on = await self.on()
        if member_id is None or not on:
            return rules.shown(on, None)
        shown = self.reading_shown(member_id, on)
        return (await (reads or Reads(self._database)).read(shown))[shown]

    def reading_shown(
        self, member_id: str, on: Sequence[News], member: Member | None = None
    ) -> Joined[list[News]]:
        """Those of this news that are for the member, what began last first; she may have been read before.

        Where she was is looked up only if any of it is for the members of stores.
        """
        whom = known(member) if member else self._members.reading(member_id)
        visited: Reading[frozenset[str]] | Joined[frozenset[str]] = known(frozenset())
        if any(each.audience.store_ids is not None for each in on):
            since = self._clock.now() - rules.VISITS_COUNT_FOR
            visited = self._check_ins.reading_stores_visited(member_id, since)

        def shown(found: Found) -> list[News]:
            reader = found[whom]
            return rules.shown(on, self._as_reader(reader, found[visited]) if reader else None)

        return Joined((whom, visited), shown)

    async def on(self) -> list[News]:
        """The news that is on, for anybody; read from memory, so that many may ask often."""
        now = self._clock.now()
        return [each for each in await self._remembered.get() if each.is_on(now)]

    async def one_on(self, news_id: str) -> News | None:
        """This news, if it is on; read from memory."""
        return next((each for each in await self.on() if each.id == news_id), None)

    async def to_push(self, push: NewsPush) -> list[News]:
        """The news that is on and is pushed in this way, what began first first."""
        return sorted((each for each in await self.on() if each.push is push), key=rules.newest_first)

    async def among(self, news: News, member_ids: Sequence[str]) -> list[str]:
        """Those of these members whom the news is for."""
        now = self._clock.now()
        members = await self._members.get_many(member_ids)
        visited: dict[str, frozenset[str]] = {}
        if news.audience.store_ids is not None:
            visited = await self._check_ins.visitors(
                member_ids, sorted(news.audience.store_ids), now - rules.VISITS_COUNT_FOR
            )
        return [
            each.id
            for each in members
            if rules.is_for(news, self._as_reader(each, visited.get(each.id, frozenset())))
        ]

    async def ids_on(self) -> frozenset[str]:
        """Which news is on, for anybody."""
        return frozenset(each.id for each in await self.on())

    def _as_reader(self, member: Member, visited: frozenset[str]) -> NewsReader:
        rank = self._ranks.standing(member).rank
        return NewsReader(rank, visited | frozenset(member.profile.favourite_store_ids))

    async def _tell(self, what: str, news: News, by: StaffActor, session: Session) -> None:
        event = Event(what, f"news:{news.id}", self._clock.now(), {"by": by.staff_id})
        await self._events.append(event, session)
