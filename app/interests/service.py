"""What can be done with interests: take what members do, and tell what they like."""

from collections.abc import Sequence

from app.catalog.service import CatalogService
from app.favourites.model import FavouriteMark
from app.favourites.service import FavouriteService
from app.interests.model import InterestEvent, InterestEventKind, Interests, TrackedBatch, TrackedCounts
from app.interests.repository import InterestRepository
from app.interests.rules import NO_INTERESTS, merged, returned, with_events
from app.interests.tracking import require_batch, understood
from app.search_history.model import Search
from app.search_history.service import SearchHistoryService
from app.shared.clock import Clock
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Found, Joined, read_together

_MARKS = {InterestEventKind.FAVOURITED: True, InterestEventKind.UNFAVOURITED: False}


class InterestService:
    """The use cases of interests.

    They begin when a member allows personalization and end, erased, when she does no more. Each event
    counts once, whoever sends it how often and at what moment.
    """

    def __init__(
        self,
        database: Database,
        catalog: CatalogService,
        favourites: FavouriteService,
        search_history: SearchHistoryService,
        clock: Clock,
    ) -> None:
        self._database = database
        self._interests = InterestRepository(database)
        self._catalog = catalog
        self._favourites = favourites
        self._search_history = search_history
        self._clock = clock

    async def begin(self, member_id: str, session: Session) -> None:
        """Has what she does counted from now on."""
        await self._interests.make(member_id, session)

    async def end(self, member_id: str, session: Session) -> None:
        """Erases her interests and what they were made of, and counts nothing from now on."""
        await self._interests.remove(member_id, session)

    async def of_member(self, member_id: str) -> Interests:
        """What she likes, with what she searched for; nothing without her consent."""
        interests = self.reading([member_id])
        return (await read_together(self._database, interests))[interests].get(member_id, NO_INTERESTS)

    def reading(self, member_ids: Sequence[str]) -> Joined[dict[str, Interests]]:
        """What each of these members likes who allows it to be kept, with what she searched for."""
        kept = self._interests.reading(member_ids)
        searches = self._search_history.reading(member_ids)

        def interests(found: Found) -> dict[str, Interests]:
            searched = found[searches]
            return {
                member_id: with_events(
                    own, [event for each in searched.get(member_id, ()) for event in _events_of(each)]
                )
                for member_id, own in found[kept].items()
            }

        return Joined([kept, searches], interests)

    async def track(self, member_id: str, batch: TrackedBatch) -> TrackedCounts:
        """Takes what her app reports, once however often it is sent.

        Favourites are marked whatever she consents to, for they are a list of her own; nothing else is
        kept without her consent. Raises BatchSizeInvalid, EventIdInvalid or EventSubjectInvalid.
        """
        require_batch(batch)
        products = await self._catalog.products_of_skus(
            sorted({each.sku_id for each in batch.events if each.sku_id is not None})
        )
        tree = await self._catalog.categories()
        chosen = {each.category_id for each in batch.events if each.category_id is not None}
        category_ids = {each for each in chosen if tree.get(each) is not None}
        events = understood(batch, products, category_ids, self._clock.now())
        marks = [
            FavouriteMark(each.sku_id, _MARKS[each.kind], each.happened_at)
            for each in events
            if each.kind in _MARKS and each.sku_id is not None
        ]
        unknown = len({each.id for each in batch.events}) - len(events)
        repeated = len(batch.events) - len(events) - unknown

        async def act(session: Session) -> TrackedCounts:
            without_place = await self._favourites.mark(member_id, marks, session) if marks else 0
            taken = await self.take(member_id, events, session)
            if taken is None:
                without_consent = len(events) - len(marks)
                return TrackedCounts(len(marks), repeated, unknown, without_consent, without_place)
            return TrackedCounts(taken, repeated + len(events) - taken, unknown, without_place=without_place)

        return await self._database.transaction(act)

    async def record(self, member_id: str, events: Sequence[InterestEvent]) -> None:
        """Counts what we know ourselves that she did, if she allows it, each event once."""

        async def act(session: Session) -> None:
            await self.take(member_id, events, session)

        await self._database.transaction(act)

    async def take(self, member_id: str, events: Sequence[InterestEvent], session: Session) -> int | None:
        """Counts those of the events that are new, and says how many; None without her consent."""
        found = await self._interests.get(member_id, session)
        if found is None:
            return None
        interests, version = found
        known = await self._interests.known_events(member_id, events, session)
        new = [each for each in events if each.id not in known]
        if new:
            await self._interests.replace(member_id, version, with_events(interests, new), session)
            await self._interests.add_events(member_id, new, self._clock.now(), session)
        return len(new)

    async def take_back(
        self, member_id: str, bought: Sequence[InterestEvent], session: Session
    ) -> int | None:
        """Takes back, once, those of these purchases that were counted, and says how many of them.

        What she bought before she allowed it, or 90 days ago, is not on record and leaves all as it is.
        """
        known = await self._interests.known_events(member_id, bought, session)
        return await self.take(member_id, [returned(each) for each in bought if each.id in known], session)

    async def merge(self, guest_id: str, member_id: str, session: Session) -> None:
        """Makes a guest's favourites and interests the member's; her interests only if the member allows it
        herself, or else they are erased.
        """
        await self._favourites.merge(guest_id, member_id, session)
        of_guest = await self._interests.get(guest_id, session)
        if of_guest is None:
            return
        of_member = await self._interests.get(member_id, session)
        if of_member is not None:
            events = await self._interests.newest_events(guest_id, session)
            known = await self._interests.known_events(member_id, events, session)
            new = [each for each in events if each.id not in known]
            if new:
                await self._interests.add_events(member_id, new, self._clock.now(), session)
            both = merged(of_member[0], of_guest[0])
            await self._interests.replace(member_id, of_member[1], both, session)
        await self._interests.remove(guest_id, session)


def _events_of(search: Search) -> list[InterestEvent]:
    """What a search shows an interest in: its category, and each of its brands."""
    about: list[dict[str, str]] = [{"brand": brand} for brand in search.brands]
    if search.category_id is not None:
        about.append({"category_id": search.category_id})
    kind = InterestEventKind.SEARCHED
    return [InterestEvent(search.key, kind, search.searched_at, **each) for each in about]
