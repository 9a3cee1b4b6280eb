"""Where a SKU can be had, for everybody; and movements of stock, for the partner who reports them."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.inventory import model
from app.inventory.obtaining import AvailabilityLevel
from app.inventory.obtaining import StoreAvailability as Availability
from app.inventory.recording import RecordedRow
from app.stores.model import StoreFound
from graphql_schema.context import Info
from graphql_schema.inventory.levels import StockLevel
from graphql_schema.node import encode_id
from graphql_schema.results import Rejected, UserError, user_errors
from graphql_schema.stores.types import Store, store_node

strawberry.enum(model.StockMovementKind, description="What happened to pieces of a SKU at a store.")


@strawberry.type(description="How a SKU can be had at a store that is out of it. Readable by everybody.")
class Obtainable:
    by_transfer_from: Store = strawberry.field(description="The nearest store that has it and can send it.")
    ready_by: datetime = strawberry.field(description="When it would be there, in the store's opening hours.")


@strawberry.type(description="What can be had of a SKU at a store. Readable by everybody.")
class StoreAvailability:
    availability: strawberry.Private[Availability]

    @strawberry.field(description="The SKU.")
    def sku_id(self) -> strawberry.ID:
        return encode_id("Sku", self.availability.sku_id)

    @strawberry.field(description="The store.")
    def store(self) -> Store:
        return store_node(self.availability.found)

    @strawberry.field(description="Metres from the place that was asked about; null when none was.")
    def distance_meters(self) -> int | None:
        distance = self.availability.found.distance_meters
        return None if distance is None else round(distance)

    @strawberry.field(description="Pieces that can be had: on hand less held less safety, never below 0.")
    def available(self) -> int:
        return self.availability.available

    @strawberry.field(description="How much that is, at a glance.")
    def level(self) -> AvailabilityLevel:
        return self.availability.level

    @strawberry.field(
        description="How it can be had when the store is out of it; null when it is not, or when it cannot."
    )
    def obtainable(self) -> Obtainable | None:
        transfer = self.availability.transfer
        if transfer is None:
            return None
        return Obtainable(
            by_transfer_from=store_node(StoreFound(transfer.source)), ready_by=transfer.ready_by
        )

    @strawberry.field(
        description="The earliest time at which it can be picked up there; null when it cannot be had."
    )
    def pickup_from(self) -> datetime | None:
        return self.availability.pickup_from

    @strawberry.field(description="The time of the reading.")
    def as_of(self) -> datetime:
        return self.availability.as_of


@strawberry.type(
    description="A movement of stock, on record for good. Readable by the partner who reported it."
)
class StockMovement:
    movement: strawberry.Private[model.StockMovement]

    @strawberry.field(description="Opaque and stable.")
    def id(self) -> strawberry.ID:
        return encode_id("StockMovement", self.movement.id)

    @strawberry.field(description="The SKU that moved.")
    def sku_id(self) -> strawberry.ID:
        return encode_id("Sku", self.movement.reported.key.sku_id)

    @strawberry.field(description="The store: its id, as in `store(id:)`.")
    def store_id(self) -> strawberry.ID:
        return encode_id("Store", self.movement.reported.key.store_id)

    @strawberry.field(description="What happened.")
    def kind(self) -> model.StockMovementKind:
        return self.movement.reported.kind

    @strawberry.field(description="The pieces that were reported.")
    def quantity(self) -> int:
        return self.movement.reported.quantity

    @strawberry.field(description="What names it among the partner's own movements.")
    def reference(self) -> str:
        return self.movement.reported.reference

    @strawberry.field(
        description="Pieces by which the level changed: 0 where a later count had the movement in already."
    )
    def change(self) -> int:
        return self.movement.change

    @strawberry.field(description="Pieces on hand right after it was recorded.")
    def on_hand_after(self) -> int:
        return self.movement.on_hand_after

    @strawberry.field(
        description="Whether more pieces left than anybody had recorded: somebody should count."
    )
    def is_below_zero(self) -> bool:
        return self.movement.is_below_zero

    @strawberry.field(description="When it happened; a time ahead of ours counts as the time of recording.")
    def occurred_at(self) -> datetime:
        return self.movement.reported.occurred_at

    @strawberry.field(description="When it was recorded.")
    def recorded_at(self) -> datetime:
        return self.movement.recorded_at


@strawberry.input(description="A movement of stock, as a till or a stockroom reports it.")
class StockMovementInput:
    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    store_id: strawberry.ID = strawberry.field(description="The store.")
    kind: model.StockMovementKind = strawberry.field(description="What happened.")
    quantity: int = strawberry.field(
        description=(
            "Pieces, 1 to 100,000. In a COUNT, how many there are, from 0; in a CORRECT, more or, negative, "
            "fewer."
        )
    )
    reference: str = strawberry.field(
        description=(
            "Names the movement once and for all among the partner's movements of this kind, SKU and store: "
            "1 to 100 printable ASCII characters. Sent again, it changes nothing."
        )
    )
    occurred_at: datetime = strawberry.field(
        description="When it happened: at most 90 days ago, at most 5 minutes ahead."
    )


@strawberry.input(description="What moved.")
class RecordStockMovementsInput:
    movements: list[StockMovementInput] = strawberry.field(
        description="1 to 500 movements, late ones too and in any order: the levels come out the same."
    )


@strawberry.type(description="What became of one row of a batch. Readable by the partner who sent it.")
class StockMovementRow:
    row: int = strawberry.field(description="Its place in the batch, from 0.")
    movement: StockMovement | None = strawberry.field(description="The movement on record; null if refused.")
    is_new: bool = strawberry.field(description="Whether it was recorded now, and not before.")
    errors: list[UserError] = strawberry.field(
        description="Why it was refused; none when it was not. Paths are those within the row."
    )


@strawberry.type(description="What became of a batch of movements, row by row.")
class StockMovementsRecorded:
    rows: list[StockMovementRow] = strawberry.field(description="One for each movement, in their order.")


RecordStockMovementsResult = Annotated[
    StockMovementsRecorded | Rejected, strawberry.union("RecordStockMovementsResult")
]


@strawberry.input(description="A wish to keep pieces of a SKU at a store from sale in the app.")
class SetSafetyStockInput:
    sku_id: strawberry.ID = strawberry.field(description="The SKU.")
    store_id: strawberry.ID = strawberry.field(description="The store.")
    safety: int = strawberry.field(description="Pieces to keep, 0 to 100,000.")


@strawberry.type(description="The safety stock is set.")
class SafetyStockSet:
    level: StockLevel = strawberry.field(description="The level as it is now.")


SetSafetyStockResult = Annotated[SafetyStockSet | Rejected, strawberry.union("SetSafetyStockResult")]


def availability_node(availability: Availability) -> StoreAvailability:
    return StoreAvailability(availability=availability)


def movement_row(number: int, recorded: RecordedRow, info: Info) -> StockMovementRow:
    return StockMovementRow(
        row=number,
        movement=StockMovement(movement=recorded.movement) if recorded.movement else None,
        is_new=recorded.is_new,
        errors=user_errors([recorded.refusal] if recorded.refusal else [], info.context.language),
    )
