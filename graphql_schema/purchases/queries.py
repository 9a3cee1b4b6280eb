"""What headquarters is shown of receipts."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.shared.paging import PageRequest
from graphql_schema.connections import After, First, connection_of
from graphql_schema.context import Info
from graphql_schema.purchases.report_types import ReceiptConflict, ReceiptConflictConnection
from graphql_schema.purchases.snapshot_types import PosSnapshot


@strawberry.type
class PurchaseQueries:
    @strawberry.field(
        description=(
            "Receipts that were refused because their name is on record with other content, the newest "
            "first. For headquarters."
        )
    )
    async def receipt_conflicts(
        self, info: Info, first: First = 20, after: After = None
    ) -> ReceiptConflictConnection:
        page = await info.context.services.purchases.conflicts(PageRequest(first, after))
        return connection_of(page, lambda conflict: ReceiptConflict(conflict=conflict))

    @strawberry.field(
        description=(
            "What a till needs to go on while it is offline; what it sells then it sends later. For partners "
            "with the scope PURCHASES_WRITE."
        )
    )
    async def pos_snapshot(
        self,
        info: Info,
        since: Annotated[
            datetime | None,
            strawberry.argument(description="`nextSince` of the last snapshot; without it, from the start."),
        ] = None,
    ) -> PosSnapshot:
        return PosSnapshot(snapshot=await info.context.services.pos_snapshots.take(since))
