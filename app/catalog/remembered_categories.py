"""The categories, remembered for a moment: hardly anything is read as often and changed as seldom."""

from app.catalog.category_tree import CategoryTree
from app.catalog.repository import CATEGORY_TREES, CategoryRepository
from app.catalog.search_query import SearchableCategories
from app.shared.mongodb.database import Database
from app.shared.mongodb.snapshots import Snapshots


class RememberedCategories:
    """The tree as it is known in this process; what was changed here is seen at once."""

    def __init__(self, database: Database, snapshots: Snapshots) -> None:
        self._categories = CategoryRepository(database)
        self._found = SearchableCategories(CategoryTree())
        self._version = 0
        self._snapshot = snapshots.of(self._load, CATEGORY_TREES)

    async def get(self) -> SearchableCategories:
        return await self._snapshot.get()

    def forget(self) -> None:
        """Asks anew the next time: this process has changed them."""
        self._snapshot.forget()

    async def _load(self) -> SearchableCategories:
        newer = await self._categories.newer_tree(self._version)
        if newer is not None and newer[1] > self._version:
            tree, self._version = newer
            self._found = SearchableCategories(tree)
        return self._found
