"""What can be done with search histories: begin and end them, keep searches, show and clear them."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from pymongo.errors import PyMongoError

from app.catalog.search_query import ProductRequest
from app.search_history.model import Search
from app.search_history.repository import SearchHistoryRepository
from app.search_history.rules import merged, search_of
from app.shared.clock import Clock
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Reading

log = structlog.get_logger()


class SearchHistoryService:
    """The use cases of search histories. A history has the newest 50 searches of a member, each once.

    It begins when she allows personalization and ends when she does no more; without it, nothing is kept.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._histories = SearchHistoryRepository(database)
        self._clock = clock

    async def begin(self, member_id: str, session: Session) -> None:
        """Has her searches remembered from now on."""
        await self._histories.make(member_id, session)

    async def end(self, member_id: str, session: Session) -> None:
        """Forgets all that she searched for, and remembers nothing from now on."""
        await self._histories.remove(member_id, session)

    async def remember(self, member_id: str, request: ProductRequest) -> None:
        """Keeps what she searched for, if she has a history. That it cannot be kept is logged, and makes no
        search fail.
        """
        search = search_of(request, self._clock.now())
        if search is None:
            return
        try:
            await self._histories.add(member_id, search)
        except PyMongoError as error:
            log.warning("search_not_remembered", error=type(error).__name__)

    async def between(self, begins: datetime, ends: datetime) -> dict[str, frozenset[str]]:
        """Who searched from then until just before, and the categories that were chosen."""
        found = await self._histories.between(begins, ends)
        return {
            member_id: frozenset(each.category_id for each in searches if each.category_id is not None)
            for member_id, searches in found.items()
        }

    async def of_member(self, member_id: str) -> list[Search]:
        """Her searches, the newest first."""
        return await self._histories.get(member_id) or []

    def reading(self, member_ids: Sequence[str]) -> Reading[dict[str, list[Search]]]:
        """The searches of each of these members who has any, the newest first."""
        return self._histories.reading(member_ids)

    async def clear(self, member_id: str) -> None:
        """Forgets all that she searched for so far."""
        await self._histories.replace(member_id, [])

    async def merge(self, guest_id: str, member_id: str, session: Session) -> None:
        """Makes a guest's searches the member's if she has a history herself; or else they are forgotten."""
        of_guest = await self._histories.get(guest_id, session)
        if of_guest is None:
            return
        of_member = await self._histories.get(member_id, session)
        if of_member is not None:
            await self._histories.replace(member_id, merged([*of_member, *of_guest]), session)
        await self._histories.remove(guest_id, session)
