"""The demo retailer's stock: each store counted each SKU on the morning of the day before."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from app.inventory.model import ReportedMovement, StockKey, StockLevel, StockMovement, StockMovementKind
from app.inventory.rules import recorded
from app.stores.model import Store

REPORTED_BY = "demo"
REFERENCE = "stocktaking"
COUNTED_BEFORE_TODAY = timedelta(hours=15)
NOTHING, FEW = 0.12, 0.30  # how likely a store is out of a SKU, and how likely it has three pieces or fewer
LARGEST = 40
SAFETY = 0.10  # how likely a store keeps a piece back


def demo_stock(
    stores: Sequence[Store], sku_ids: Sequence[str], today: datetime, seed: int
) -> Iterator[tuple[StockLevel, StockMovement]]:
    """A level for each SKU at each store, with the count that it comes from, in the order of their keys."""
    chance = random.Random(seed)
    counted_at = today - COUNTED_BEFORE_TODAY
    store_ids = sorted(store.id for store in stores)
    for sku_id in sorted(sku_ids):
        for store_id in store_ids:
            key = StockKey(sku_id, store_id)
            safety = int(chance.random() < SAFETY)
            count = ReportedMovement(key, StockMovementKind.COUNT, _pieces(chance), REFERENCE, counted_at)
            yield recorded(StockLevel(key, safety=safety), count, REPORTED_BY, counted_at)


def _pieces(chance: random.Random) -> int:
    luck = chance.random()
    if luck < NOTHING:
        return 0
    return chance.randint(1, 3) if luck < FEW else chance.randint(4, LARGEST)
