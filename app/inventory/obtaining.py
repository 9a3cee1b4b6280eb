"""Pure decisions about how a SKU can be had at a store: how many there are, and else from where and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.catalog.model import Product, Sku
from app.inventory.model import StockKey
from app.stores.model import Store, StoreFound, StoreServiceKind
from app.stores.rules import open_from

FEW = 3


class AvailabilityLevel(StrEnum):
    """How much of a SKU can be had, at a glance."""

    IN_STOCK = "IN_STOCK"
    FEW_LEFT = "FEW_LEFT"
    OUT = "OUT"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A piece can come from another store, and be ready by then."""

    source: Store
    ready_by: datetime


@dataclass(frozen=True, slots=True)
class StoreAvailability:
    """What can be had of a SKU at a store, as it was at `as_of`."""

    sku_id: str
    found: StoreFound
    available: int
    transfer: Transfer | None
    pickup_from: datetime | None
    as_of: datetime

    @property
    def level(self) -> AvailabilityLevel:
        return availability_level(self.available)


@dataclass(frozen=True, slots=True)
class OtherSku:
    """Another SKU of a product, and the store at which it can be had."""

    sku: Sku
    product: Product
    at_store: StoreAvailability


def availability_level(pieces: int) -> AvailabilityLevel:
    if pieces == 0:
        return AvailabilityLevel.OUT
    return AvailabilityLevel.FEW_LEFT if pieces <= FEW else AvailabilityLevel.IN_STOCK


def availability_at(
    found: StoreFound,
    sku_id: str,
    pieces: Mapping[StockKey, int],
    sources: Iterable[Store],
    transfer_time: timedelta,
    now: datetime,
) -> StoreAvailability:
    """What can be had of the SKU at the store. `pieces` can be had at this moment, by SKU and store;
    `sources` can send goods, the nearest first.
    """

    def pieces_at(store: Store) -> int:
        return pieces.get(StockKey(sku_id, store.id), 0)

    store = found.store
    available = pieces_at(store)
    transfer = None
    if available == 0:
        stocked = (source for source in sources if pieces_at(source) > 0)
        transfer = next(filter(None, (_transfer(each, store, transfer_time, now) for each in stocked)), None)
    pickup_from = None
    if StoreServiceKind.PICKUP in store.services:
        pickup_from = open_from(store, now) if available else (transfer.ready_by if transfer else None)
    return StoreAvailability(sku_id, found, available, transfer, pickup_from, now)


def _transfer(source: Store, receiver: Store, transfer_time: timedelta, now: datetime) -> Transfer | None:
    """The transfer: it leaves when the source is open, and is ready when the receiver is open."""
    leaves_at = open_from(source, now)
    ready_by = open_from(receiver, leaves_at + transfer_time) if leaves_at else None
    return Transfer(source, ready_by) if ready_by else None
