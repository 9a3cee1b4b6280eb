"""The categories, remembered for a moment: hardly anything is read as often and changed as seldom."""

import asyncio
from datetime import datetime, timedelta

from app.catalog.category_tree import CategoryTree
from app.catalog.repository import CategoryRepository
from app.catalog.search_query import SearchableCategories
from app.shared.clock import Clock
from app.shared.database import Database

REMEMBERED_FOR = timedelta(seconds=10)


class RememberedCategories:
    """The tree as it was at most 10 s ago; what was changed in this process is seen at once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._categories = CategoryRepository(database)
        self._clock = clock
        self._found = SearchableCategories(CategoryTree())
        self._version = 0
        self._asked_at: datetime | None = None
        self._changes = 0
        self._asking: asyncio.Task[None] | None = None

    async def get(self) -> SearchableCategories:
        """The categories. Of many who ask at once, one asks MongoDB; all share the answer, or the error."""
        if not self._is_fresh():
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            await asyncio.shield(self._asking)
        return self._found

    def forget(self) -> None:
        """Asks anew the next time: this process has changed them."""
        self._changes += 1
        self._asked_at = None
        self._asking = None

    async def _ask(self) -> None:
        asked_at, changes = self._clock.now(), self._changes
        newer = await self._categories.newer_tree(self._version)
        if newer is not None and newer[1] > self._version:
            tree, self._version = newer
            self._found = SearchableCategories(tree)
        if changes == self._changes:  # or else they may have changed while we asked
            self._asked_at = asked_at

    def _is_fresh(self) -> bool:
        age = self._clock.now() - self._asked_at if self._asked_at else REMEMBERED_FOR
        return timedelta(0) <= age < REMEMBERED_FOR
