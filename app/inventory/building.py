"""Builds the services of stock: how much there is, what is set aside, and where it can be had."""

from dataclasses import dataclass
from datetime import timedelta

from app.catalog.search_service import ProductSearch
from app.catalog.service import CatalogService
from app.inventory.availability_service import AvailabilityService
from app.inventory.hold_service import StockHoldService
from app.inventory.live import StockWatchService
from app.inventory.service import StockService
from app.shared.foundation import Foundation
from app.stores.known_stores import KnownStores
from app.stores.service import StoreService


@dataclass(frozen=True, slots=True)
class StockServices:
    """All that is done with stock."""

    stock: StockService
    holds: StockHoldService
    watch: StockWatchService
    availability: AvailabilityService


def build_stock_services(
    foundation: Foundation,
    catalog: CatalogService,
    product_search: ProductSearch,
    stores: StoreService,
    known_stores: KnownStores,
) -> StockServices:
    """The services, on what they need."""
    database, clock = foundation.database, foundation.clock
    transfer_time = timedelta(hours=foundation.settings.transfer_hours)
    return StockServices(
        stock=StockService(database, catalog, product_search, stores, foundation.events, clock),
        holds=StockHoldService(database, clock),
        watch=StockWatchService(database, catalog, known_stores, clock),
        availability=AvailabilityService(
            database, catalog, product_search, known_stores, clock, transfer_time
        ),
    )
