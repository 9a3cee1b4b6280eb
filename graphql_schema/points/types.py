"""A member's points. Readable by the member herself."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from app.points import model
from app.points.texts import reason_text
from app.shared.paging import PageRequest
from graphql_schema.columns import column
from graphql_schema.connections import After, Connection, First, connection_of
from graphql_schema.context import Info
from graphql_schema.node import encode_id
from graphql_schema.stores.types import Store, load_stores

strawberry.enum(model.PointEntryKind, description="What an entry does to the account.")


@strawberry.type(description="Points that expire together. Readable by the member herself.")
class PointLot:
    amount: int = strawberry.field(description="Points left in the lot; 1 point is worth 1 yen.")
    expires_at: datetime = strawberry.field(description="From this moment on they are gone.")
    available_at: datetime | None = strawberry.field(
        description="Until this moment they are pending; null when they can be spent."
    )


@strawberry.type(description="What an entry did to one lot. Readable by the member herself.")
class PointLotUse:
    amount: int = strawberry.field(description="Points added to the lot, or, negative, taken from it.")
    expires_at: datetime = strawberry.field(description="When the lot expires.")
    available_at: datetime | None = strawberry.field(
        description="Until when the lot was pending; null when it could be spent."
    )


@strawberry.type(description="One line of the ledger, never changed. Readable by the member herself.")
class PointEntry:
    entry: strawberry.Private[model.PointEntry]

    @property
    def owner_id(self) -> str:
        return self.entry.member_id

    @strawberry.field(description="Opaque and stable.")
    def id(self) -> strawberry.ID:
        return encode_id("PointEntry", self.entry.id)

    @strawberry.field(description="What it did.")
    def kind(self) -> model.PointEntryKind:
        return self.entry.kind

    @strawberry.field(description="Points added, or, negative, taken.")
    def amount(self) -> int:
        return self.entry.amount

    @strawberry.field(
        description="The sum of the entries up to this one: pending points too; below 0, a debt."
    )
    def balance_after(self) -> int:
        return self.entry.balance_after

    @strawberry.field(description="When what it is for happened.")
    def occurred_at(self) -> datetime:
        return self.entry.source.occurred_at

    @strawberry.field(description="When it was written.")
    def recorded_at(self) -> datetime:
        return self.entry.recorded_at

    @strawberry.field(description="Why, in the language of the request.")
    def reason(self, info: Info) -> str:
        return reason_text(self.entry.source.reason, info.context.language)

    @column(description="Where, if it happened at a store.")
    @staticmethod
    async def store(entries: Sequence["PointEntry"], info: Info) -> Sequence[Store | Exception | None]:
        return await load_stores([each.entry.source.store_id for each in entries], info)

    @strawberry.field(description="The lots it added to or took from, the soonest to expire first.")
    def lots(self) -> list[PointLotUse]:
        return [
            PointLotUse(amount=use.amount, expires_at=use.expires_at, available_at=use.available_at)
            for use in self.entry.lot_uses
        ]


@strawberry.type(description="A member's points at this moment. Readable by the member herself.")
class PointAccount:
    account: strawberry.Private[model.PointAccount]

    @property
    def owner_id(self) -> str:
        return self.account.member_id

    @strawberry.field(
        description=(
            "Points that can be spent now; 1 point is worth 1 yen. Below 0 when goods were returned whose "
            "points are spent already: what is earned then fills that first."
        )
    )
    def balance(self) -> int:
        return self.account.available

    @strawberry.field(
        description="Points that cannot be spent yet. Balance and pending are the sum of all entries."
    )
    def pending(self) -> int:
        return self.account.pending

    @strawberry.field(description="The lot that expires next; null when there are no points.")
    def expiring_next(self) -> PointLot | None:
        return next(map(_lot, self.account.lots), None)

    @strawberry.field(description="All lots, the soonest to expire first; at most 500.")
    def lots(self) -> list[PointLot]:
        return [_lot(lot) for lot in self.account.lots]

    @strawberry.field(description="The ledger, the newest entry first.")
    async def entries(self, info: Info, first: First = 20, after: After = None) -> Connection[PointEntry]:
        page = await info.context.services.points.entries(self.account.member_id, PageRequest(first, after))
        return connection_of(page, lambda entry: PointEntry(entry=entry))


def _lot(lot: model.PointLot) -> PointLot:
    return PointLot(amount=lot.amount, expires_at=lot.expires_at, available_at=lot.available_at)
