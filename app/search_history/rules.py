"""Pure decisions about search histories: what is worth keeping, and what of two histories is left in one."""

from collections.abc import Iterable
from datetime import datetime

from app.catalog.search_query import ProductRequest
from app.search_history.model import Search
from app.shared.texts import normal_line

MAXIMUM_SEARCHES = 50
MAXIMUM_LENGTH = 100  # of the words, and of a brand


def search_of(request: ProductRequest, now: datetime) -> Search | None:
    """What to remember of a search; None when it names neither words nor category nor brand."""
    lines = (normal_line(brand, MAXIMUM_LENGTH) for brand in request.filter.brands)
    brands = tuple(sorted({brand for brand in lines if brand}))
    words = normal_line(request.query or "", MAXIMUM_LENGTH) or ""
    search = Search(words, request.filter.category_id, brands, now)
    return search if words or brands or search.category_id else None


def merged(searches: Iterable[Search]) -> list[Search]:
    """The newest 50 of these searches, the newest first, each once."""
    by_key: dict[str, Search] = {}
    for search in sorted(searches, key=lambda each: each.searched_at, reverse=True):
        by_key.setdefault(search.key, search)
    return list(by_key.values())[:MAXIMUM_SEARCHES]
