"""What the bench orders ahead: at 50 stores, in any slot of the next days, of goods that never run out."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.auth.actor import PartnerActor
from app.auth.partners import Scope
from app.inventory.model import ReportedMovement, StockKey, StockMovementKind
from app.orders.model import SlotWindow
from app.orders.slots import DAYS_AHEAD, PickupPolicy, windows_on
from app.services import Services
from app.shared.batches import MAXIMUM_BATCH_SIZE
from app.shared.ids import new_id
from app.stores.model import Store
from app.stores.rules import store_day
from graphql_schema.node import encode_id

STORES = 50
GOODS = 40
LINES = 2
POINTS_USED = 1
PIECES = 100_000
SEED = 0


@dataclass(frozen=True, slots=True)
class Pickups:
    """Where orders can be picked up and when, and what there is to order."""

    windows: Sequence[SlotWindow]
    sku_ids: Sequence[str]

    def wishes(self) -> Iterator[dict[str, Any]]:
        """Orders of two pieces, paid with a point and at the store: to every server the same, without end."""
        chance = random.Random(SEED)
        while True:
            window = chance.choice(self.windows)
            yield {
                "storeId": encode_id("Store", window.store_id),
                "lines": [
                    {"skuId": encode_id("Sku", sku_id), "quantity": 1}
                    for sku_id in chance.sample(self.sku_ids, LINES)
                ],
                "pickupSlotId": encode_id("PickupSlot", window.id),
                "usePoints": POINTS_USED,
                "paymentMethod": "PAY_AT_STORE",
                "idempotencyKey": new_id(),
            }


def pickups_at(stores: Sequence[Store], sku_ids: Sequence[str], now: datetime) -> Pickups:
    """The slots of the days from tomorrow on; a slot's room is far more than the bench takes of it."""
    windows = [
        window
        for store in stores[:STORES]
        for ahead in range(1, DAYS_AHEAD)
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
