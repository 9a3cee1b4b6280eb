"""Reporting what moved."""

import strawberry

from app.inventory.model import ReportedMovement, StockKey
from app.shared.errors import InvalidId
from graphql_schema.context import Info
from graphql_schema.inventory.levels import StockLevel
from graphql_schema.inventory.types import (
    RecordStockMovementsInput,
    RecordStockMovementsResult,
    SafetyStockSet,
    SetSafetyStockInput,
    SetSafetyStockResult,
    StockMovementInput,
    StockMovementsRecorded,
    movement_row,
)
from graphql_schema.node import key_of


@strawberry.type
class InventoryMutations:
    @strawberry.mutation(
        description=(
            "Records movements of stock, each once and for all: a bad row is refused, the rest go in. A "
            "level may fall below 0, for what a till has sold is sold. For staff of the store, and for "
            "partners with the scope STOCK_WRITE."
        )
    )
    async def record_stock_movements(
        self, info: Info, input: RecordStockMovementsInput
    ) -> RecordStockMovementsResult:
        actor = info.context.require_partner_or_staff()
        rows = await info.context.services.stock.record(actor, [_read(row) for row in input.movements])
        return StockMovementsRecorded(
            rows=[movement_row(number, row, info) for number, row in enumerate(rows)]
        )

    @strawberry.mutation(
        description=(
            "Keeps pieces of a SKU at a store from sale in the app. For the store's manager, headquarters, "
            "and partners with the scope STOCK_WRITE."
        )
    )
    async def set_safety_stock(self, info: Info, input: SetSafetyStockInput) -> SetSafetyStockResult:
        key = StockKey(
            key_of(input.sku_id, "Sku", ["input", "skuId"]),
            key_of(input.store_id, "Store", ["input", "storeId"]),
        )
        actor = info.context.require_partner_or_staff()
        level = await info.context.services.stock.set_safety(actor, key, input.safety)
        return SafetyStockSet(level=StockLevel(stock=level))


def _read(row: StockMovementInput) -> ReportedMovement | InvalidId:
    """The movement, or why it cannot be read."""
    try:
        key = StockKey(key_of(row.sku_id, "Sku", ["skuId"]), key_of(row.store_id, "Store", ["storeId"]))
    except InvalidId as refusal:
        return refusal
    return ReportedMovement(key, row.kind, row.quantity, row.reference, row.occurred_at)
