"""Stock levels: what is available is for everybody, what lies behind it for those who keep the stock."""

from datetime import datetime

import strawberry

from app.inventory import model, rules
from app.inventory.obtaining import AvailabilityLevel, availability_level
from graphql_schema.connections import Connection
from graphql_schema.context import PublicInfo
from graphql_schema.node import encode_id

strawberry.enum(AvailabilityLevel, description="How much can be had, at a glance: FEW_LEFT is 1 to 3 pieces.")


@strawberry.type(description="A SKU's stock at a store. What is available is readable by everybody.")
class StockLevel:
    stock: strawberry.Private[model.StockLevel]

    @property
    def key(self) -> model.StockKey:
        return self.stock.key

    @strawberry.field(description="Opaque and stable.")
    def id(self) -> strawberry.ID:
        return encode_id("StockLevel", self.stock.key.text)

    @strawberry.field(description="The SKU.")
    def sku_id(self) -> strawberry.ID:
        return encode_id("Sku", self.stock.key.sku_id)

    @strawberry.field(description="The store: its id, as in `store(id:)`.")
    def store_id(self) -> strawberry.ID:
        return encode_id("Store", self.stock.key.store_id)

    @strawberry.field(description="Pieces that can be had: on hand less held less safety, never below 0.")
    def available(self, info: PublicInfo) -> int:
        return rules.available(self.stock, info.context.now)

    @strawberry.field(description="How much that is, at a glance.")
    def level(self, info: PublicInfo) -> AvailabilityLevel:
        return availability_level(rules.available(self.stock, info.context.now))

    @strawberry.field(description="The time of the reading.")
    def as_of(self, info: PublicInfo) -> datetime:
        return info.context.now

    @strawberry.field(
        description=(
            "Pieces in the store by its movements; below 0 where a till sold what nobody had recorded. "
            "Readable by its staff, and by partners who write its stock."
        )
    )
    def on_hand(self) -> int:
        return self.stock.on_hand

    @strawberry.field(
        description="Pieces set aside now. Readable by its staff, and by partners who write its stock."
    )
    def held(self, info: PublicInfo) -> int:
        return rules.held(self.stock, info.context.now)

    @strawberry.field(
        description="Pieces kept from sale. Readable by its staff, and by partners who write its stock."
    )
    def safety(self) -> int:
        return self.stock.safety


StockLevelConnection = Connection[StockLevel]
