"""What the bench orders ahead: at 50 stores, in any slot of some days, of goods that never run out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.inventory.model import ReportedMovement, StockKey, StockMovementKind
from app.orders.model import SlotWindow
from app.orders.slots import DAYS_AHEAD, PickupPolicy, windows_on
from app.services import Services
from app.shared.batches import MAXIMUM_BATCH_SIZE
from app.stores.model import Store
from app.stores.rules import store_day

STORES = 50
GOODS = 40
PIECES = 100_000
SEED = 0


@dataclass(frozen=True, slots=True)
class Pickups:
    """Where orders can be picked up and when, and what there is to order."""

    windows: Sequence[SlotWindow]
    sku_ids: Sequence[str]


def pickups_at(stores: Sequence[Store], sku_ids: Sequence[str], now: datetime) -> Pickups:
    """The slots of the days after tomorrow; a slot's room is far more than the bench takes of it.

    As a day ends, the first slots of tomorrow take no orders any more.
    """
    windows = [
        window
        for store in stores[:STORES]
        for ahead in range(2, DAYS_AHEAD)
        for window, _ in windows_on(store, PickupPolicy(), store_day(store, now) + timedelta(days=ahead))
    ]
    return Pickups(windows, sku_ids[:GOODS])


async def stock_up(services: Services, pickups: Pickups) -> None:
    """Brings goods that never run out to the stores."""
    supplier = PartnerActor("bench", frozenset({Scope.STOCK_WRITE}))
    store_ids = sorted({window.store_id for window in pickups.windows})
    now = services.clock.now()
    deliveries = [
        ReportedMovement(
            StockKey(sku_id, store_id), StockMovementKind.RECEIVE, PIECES, f"bench-{store_id}", now
        )
        for sku_id in pickups.sku_ids
        for store_id in store_ids
    ]
    for start in range(0, len(deliveries), MAXIMUM_BATCH_SIZE):
        await services.stock.record(supplier, deliveries[start : start + MAXIMUM_BATCH_SIZE])
