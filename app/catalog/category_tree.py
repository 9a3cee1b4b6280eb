"""The tree of all categories, small enough to be held as a whole."""

from collections.abc import Iterable, Iterator, Mapping

from app.catalog.errors import CategoryLoop, CategoryNotFound, CategoryTooDeep, TooManyCategories
from app.catalog.model import Category

MAXIMUM_CATEGORIES = 1_000
MAXIMUM_LEVELS = 6


class CategoryTree:
    """All categories. A tree is never changed: `with_category` gives another one."""

    def __init__(self, categories: Iterable[Category] = ()) -> None:
        self._by_id: Mapping[str, Category] = {each.id: each for each in categories}
        self._children: dict[str | None, list[Category]] = {}
        for each in sorted(self._by_id.values(), key=lambda category: (category.position, category.id)):
            self._children.setdefault(each.parent_id, []).append(each)

    def __iter__(self) -> Iterator[Category]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, category_id: str) -> Category | None:
        return self._by_id.get(category_id)

    def children(self, category_id: str | None) -> list[Category]:
        """The categories right below this one, or the topmost ones, in their order."""
        return self._children.get(category_id, [])

    def in_order(self, parent_id: str | None = None) -> Iterator[Category]:
        """All categories below this one, or all there are: each before those below it."""
        for child in self.children(parent_id):
            yield child
            yield from self.in_order(child.id)

    def path(self, category_id: str) -> list[Category]:
        """From the topmost category down to this one; empty when there is none."""
        path: list[Category] = []
        category = self.get(category_id)
        while category is not None:
            path.insert(0, category)
            category = self.get(category.parent_id) if category.parent_id else None
        return path

    def with_descendants(self, category_id: str) -> list[str]:
        """The ids of this category and of all below it."""
        ids = [category_id]
        for each in ids:  # the list grows while it is walked
            ids += [child.id for child in self.children(each)]
        return ids

    def with_category(self, category: Category, path: Iterable[str]) -> "CategoryTree":
        """The tree with this category added, or changed and perhaps moved with all below it.

        Raises CategoryNotFound for its parent, CategoryLoop, CategoryTooDeep and TooManyCategories.
        """
        if category.parent_id is not None and category.parent_id not in self._by_id:
            raise CategoryNotFound(path=[*path, "parentCode"])
        if category.parent_id in self.with_descendants(category.id):
            raise CategoryLoop(path=[*path, "parentCode"])
        above = len(self.path(category.parent_id)) if category.parent_id else 0
        if above + self._levels(category.id) > MAXIMUM_LEVELS:
            raise CategoryTooDeep(path=[*path, "parentCode"], maximum=MAXIMUM_LEVELS)
        if category.id not in self._by_id and len(self) >= MAXIMUM_CATEGORIES:
            raise TooManyCategories(path=path, maximum=MAXIMUM_CATEGORIES)
        return CategoryTree({**self._by_id, category.id: category}.values())

    def _levels(self, category_id: str) -> int:
        """How many levels this category and those below it take."""
        return 1 + max((self._levels(child.id) for child in self.children(category_id)), default=0)
