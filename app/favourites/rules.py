"""Pure decisions about favourites: the last mark of each SKU counts, in whatever order the marks come."""

from collections.abc import Iterable, Sequence

from app.favourites.model import FavouriteMark

MAXIMUM_FAVOURITES = 200
# The newest are remembered, so that an older mark which comes late is known to be over.
MAXIMUM_REMOVALS = 200


def marked(
    marks: Sequence[FavouriteMark], news: Iterable[FavouriteMark]
) -> tuple[tuple[FavouriteMark, ...], int]:
    """The marks with the new ones, the newest first, and how many new ones found no place any more."""
    by_sku = {each.sku_id: each for each in marks}
    for mark in news:
        known = by_sku.get(mark.sku_id)
        if known is None or _rank(mark) > _rank(known):
            by_sku[mark.sku_id] = mark
    newest = sorted(by_sku.values(), key=_rank, reverse=True)
    were_favourites = {each.sku_id for each in marks if each.is_favourite}
    favourites = [each for each in newest if each.is_favourite]
    # Who has all the favourites that one may have keeps them: it is the new ones that find no place.
    favourites.sort(key=lambda each: each.sku_id not in were_favourites)
    kept = favourites[:MAXIMUM_FAVOURITES]
    removals = [each for each in newest if not each.is_favourite][:MAXIMUM_REMOVALS]
    return tuple(sorted((*kept, *removals), key=_rank, reverse=True)), len(favourites) - len(kept)


def _rank(mark: FavouriteMark) -> tuple[object, bool, str]:
    """Of two marks at one moment, the one that takes away comes first."""
    return (mark.marked_at, mark.is_favourite, mark.sku_id)
