"""Favourites: SKUs that a member marked. A list of her own making, kept whatever she consents to."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FavouriteMark:
    """That a member marked a SKU, or took the mark away, at a moment."""

    sku_id: str
    is_favourite: bool
    marked_at: datetime
