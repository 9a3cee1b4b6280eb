"""What can be done with an inbox: look into it, read, put away, and follow it."""

from collections.abc import AsyncGenerator, Collection, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from app.inbox.documents import INBOX_ENTRIES
from app.inbox.errors import InboxMessageNotFound, InboxMessagesInvalid
from app.inbox.model import (
    InboxMark,
    InboxMessage,
    InboxState,
    InboxStep,
    MessageClass,
    MessageCounts,
    OwnMessage,
    Reach,
)
from app.inbox.repository import InboxRepository
from app.members.model import Member
from app.news.model import News
from app.news.service import NewsService
from app.shared.clock import Clock, rfc3339
from app.shared.errors import CursorInvalid
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.joined_reads import JoinedReads
from app.shared.mongodb.live import LiveCollection, Told
from app.shared.mongodb.reading import Reads
from app.shared.paging import Page, PageRequest, page_of

MAXIMUM_MESSAGES = 100  # that are marked at once
MAXIMUM_DAYS = 31  # that are counted at once
EARLIEST_DAY = date(2000, 1, 1)  # before this nobody was told anything
NEWS_SECONDS = 10.0  # after which a follower's news is looked at again


class InboxService:
    """The use cases of inboxes: a member's own messages, and the news that is on for her."""

    def __init__(self, database: Database, news: NewsService, clock: Clock, time_zone: ZoneInfo) -> None:
        self._database = database
        self._inbox = InboxRepository(database)
        self._news = news
        self._clock = clock
        self._time_zone = time_zone
        self._live = LiveCollection(
            database,
            INBOX_ENTRIES,
            lambda document: str(document["member_id"]),
            lambda document: None,  # what an inbox is like by now is read
            clock,
        )
        self._states: JoinedReads[InboxState] = JoinedReads()

    async def page(self, member_id: str, is_archived: bool, request: PageRequest) -> Page[InboxMessage]:
        """Her messages, those that were put away or the others, the newest first."""
        before = _place_of(request)
        own = await self._inbox.own_messages(
            member_id, is_archived, self._clock.now(), request.first + 1, before
        )
        news = [
            each
            for each in await self._marked(await self._news.shown_to(member_id), member_id)
            if each.is_archived is is_archived and (before is None or _place(each) < before)
        ]
        newest = sorted([*own, *news], key=_place, reverse=True)[: request.first + 1]
        return page_of([(each, (rfc3339(each.told_at), each.id)) for each in newest], request)

    async def unread(self, member_id: str, reads: Reads | None = None, member: Member | None = None) -> int:
        """How many messages she has neither read nor put away; she herself may have been read before."""
        on = await self._news.on()
        shown = self._news.reading_shown(member_id, on, member)
        marks = self._inbox.reading_marks(member_id, [each.id for each in on])
        own = self._inbox.reading_unread(member_id, self._clock.now())
        found = await (reads or Reads(self._database)).read(shown, marks, own)
        marked = found[marks]
        return found[own] + sum(_is_new(marked.get(each.id)) for each in found[shown])

    async def read(self, member_id: str, message_ids: Sequence[str]) -> int:
        """Marks messages as read; gives how many are unread then.

        Raises InboxMessagesInvalid or InboxMessageNotFound, and marks none then.
        """
        shown = await self._news.shown_to(member_id)
        new = await self._new_among(shown, member_id, message_ids)
        now = self._clock.now()
        await self._inbox.mark(member_id, set(message_ids), new, {InboxStep.READ}, now)
        return await self._unread(member_id, shown)

    async def note_sent(self, member_id: str, message_id: str) -> None:
        """Notes that a push of the message was sent to the member."""
        news = await self._news.one_on(message_id)
        new = [news] if news else []
        await self._inbox.mark(member_id, {message_id}, new, {InboxStep.SENT}, self._clock.now())

    async def confirm(self, member_id: str, message_ids: Sequence[str], is_opened: bool) -> int:
        """Notes that a device of hers has shown these messages, or that she has opened them.

        Gives how many are unread then. Raises InboxMessagesInvalid or InboxMessageNotFound, and notes
        nothing then.
        """
        shown = await self._news.shown_to(member_id)
        new = await self._new_among(shown, member_id, message_ids)
        steps = {InboxStep.DELIVERED} | ({InboxStep.READ} if is_opened else set())
        await self._inbox.mark(member_id, set(message_ids), new, steps, self._clock.now())
        return await self._unread(member_id, shown)

    async def get(self, member_id: str, message_id: str) -> InboxMessage | None:
        """A message as it is pushed to the member: her own, or news that is on."""
        news = await self._news.one_on(message_id)
        if news is not None:
            return _message_of(news, member_id, None)
        return await self._inbox.own_message(member_id, message_id)

    async def reach(self, message_ids: Collection[str]) -> dict[str, Reach]:
        """How far each of these messages has come; what is not named has come to nobody."""
        return await self._inbox.reach(message_ids)

    async def counts(self, first: date | None, last: date | None) -> list[MessageCounts]:
        """How far the messages of these days have come, by day and kind, the newest day first.

        The last 31 days unless told; of more days, the last 31. News counts on the day it begins.
        """
        today = self._clock.now().astimezone(self._time_zone).date()
        end = max(min(last or today, today), EARLIEST_DAY)
        begin = max(first or EARLIEST_DAY, end - timedelta(days=MAXIMUM_DAYS - 1))
        return await self._inbox.counts(
            self._start_of(begin), self._start_of(end + timedelta(days=1)), self._time_zone
        )

    def _start_of(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._time_zone)

    async def archive(self, member_id: str, message_ids: Sequence[str], is_archived: bool) -> int:
        """Puts messages away or brings them back; gives how many are unread then.

        Raises InboxMessagesInvalid or InboxMessageNotFound, and moves none then.
        """
        shown = await self._news.shown_to(member_id)
        new = await self._new_among(shown, member_id, message_ids)
        await self._inbox.archive(member_id, set(message_ids), new, is_archived)
        return await self._unread(member_id, shown)

    async def add(self, messages: Sequence[OwnMessage], session: Session) -> None:
        """Puts messages into the inboxes of those whom they concern."""
        await self._inbox.add(messages, session)

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> None:
        """Makes a guest's inbox the member's."""
        await self._inbox.take_over(guest_id, member_id, session)

    async def watch(self, member_id: str) -> AsyncGenerator[Told[InboxState], None]:
        """The inbox at a glance, and again whenever that has changed. News is told of within 10 s."""
        told: InboxState | None = None
        async with self._live.listen([member_id]) as listener:
            while True:
                on = await self._news.ids_on()
                state = await self._states.get(member_id, partial(self._state, member_id))
                if state != told:
                    told = state
                    yield Told(state, self._clock.now())
                is_another = False
                while not is_another:
                    await listener.wait(NEWS_SECONDS)
                    has_gap = listener.has_gap
                    is_another = bool(listener.take()) or has_gap or on != await self._news.ids_on()

    async def _state(self, member_id: str) -> InboxState:
        now = self._clock.now()
        news = await self._marked(await self._news.shown_to(member_id), member_id)
        own = await self._inbox.own_messages(member_id, is_archived=False, now=now, limit=1)
        unread = await self._inbox.unread_own_messages(member_id, now)
        shown = [*own, *(each for each in news if not each.is_archived)]
        return InboxState(unread + sum(map(_is_unread, news)), max(shown, key=_place, default=None))

    async def _unread(self, member_id: str, shown: Sequence[News]) -> int:
        own = await self._inbox.unread_own_messages(member_id, self._clock.now())
        return own + sum(map(_is_unread, await self._marked(shown, member_id)))

    async def _marked(self, shown: Sequence[News], member_id: str) -> list[InboxMessage]:
        """News as it lies in her inbox."""
        marks = await self._inbox.marks(member_id, [each.id for each in shown]) if shown else {}
        return [_message_of(each, member_id, marks.get(each.id)) for each in shown]

    async def _new_among(
        self, shown: Sequence[News], member_id: str, message_ids: Sequence[str]
    ) -> list[News]:
        """The news among these messages that has no entry yet. Raises a refusal unless all are hers."""
        if not 1 <= len(message_ids) <= MAXIMUM_MESSAGES:
            raise InboxMessagesInvalid(path=["input", "messageIds"], maximum=MAXIMUM_MESSAGES)
        unknown = set(message_ids) - await self._inbox.known(member_id, set(message_ids))
        new = [each for each in shown if each.id in unknown]
        if len(new) < len(unknown):
            raise InboxMessageNotFound(path=["input", "messageIds"])
        return new


def _message_of(news: News, member_id: str, mark: InboxMark | None) -> InboxMessage:
    return InboxMessage(
        id=news.id,
        member_id=member_id,
        message_class=MessageClass.MARKETING,
        titles=news.titles,
        texts=news.texts,
        picture_url=news.picture_url,
        order_id=None,
        told_at=news.starts_at,
        read_at=mark.read_at if mark else None,
        is_archived=mark.is_archived if mark else False,
    )


def _is_new(mark: InboxMark | None) -> bool:
    """Whether she has neither read news nor put it away, of which she made this."""
    return mark is None or (mark.read_at is None and not mark.is_archived)


def _is_unread(message: InboxMessage) -> bool:
    return message.read_at is None and not message.is_archived


def _place(message: InboxMessage) -> tuple[datetime, str]:
    """Where a message stands in its list, in reverse."""
    return message.told_at, message.id


def _place_of(request: PageRequest) -> tuple[datetime, str] | None:
    """The place in a cursor. Raises CursorInvalid."""
    position = request.position(str, str)
    if position is None:
        return None
    try:
        told_at = datetime.fromisoformat(position[0])
    except ValueError:
        raise CursorInvalid(path=["after"]) from None
    if told_at.tzinfo is None:
        raise CursorInvalid(path=["after"])
    return told_at, position[1]
