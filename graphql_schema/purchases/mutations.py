"""Reporting and claiming purchases."""

import strawberry

from graphql_schema.context import Info
from graphql_schema.node import optional_key_of
from graphql_schema.purchases.report_types import (
    PurchasesRecorded,
    RecordPurchasesInput,
    RecordPurchasesResult,
    RecordReturnsInput,
    RecordReturnsResult,
    ReturnsRecorded,
    purchase_row,
    receipt_of,
    return_of,
    return_row,
)
from graphql_schema.purchases.types import (
    ClaimPurchaseInput,
    ClaimPurchaseResult,
    PurchaseClaimed,
    purchase_node,
)


@strawberry.type
class PurchaseMutations:
    @strawberry.mutation(
        description=(
            "Records receipts, each once and for all by its name: sent again, late or in any other order, "
            "they count once. A bad one is refused, the rest go in; other content under a known name is "
            "refused as a conflict. For partners with the scope PURCHASES_WRITE."
        )
    )
    async def record_purchases(self, info: Info, input: RecordPurchasesInput) -> RecordPurchasesResult:
        actor = info.context.require_partner()
        receipts = [receipt_of(row) for row in input.purchases]
        rows = await info.context.services.purchases.record(actor, receipts)
        return PurchasesRecorded(rows=[purchase_row(number, row, info) for number, row in enumerate(rows)])

    @strawberry.mutation(
        description=(
            "Records returns, each once and for all by its name. What the pieces had earned is taken back, "
            "points that paid for them come back to their lots, before money. A return that comes before its "
            "purchase is refused, and taken when it is sent again. For partners with the scope "
            "PURCHASES_WRITE."
        )
    )
    async def record_returns(self, info: Info, input: RecordReturnsInput) -> RecordReturnsResult:
        actor = info.context.require_partner()
        returns = [return_of(row) for row in input.returns]
        rows = await info.context.services.purchases.record_returns(actor, returns)
        return ReturnsRecorded(rows=[return_row(number, row, info) for number, row in enumerate(rows)])

    @strawberry.mutation(
        description=(
            "Makes an anonymous purchase of the last 30 days the caller's, by its receipt, once. Five "
            "failures a day are all a member has. For members."
        )
    )
    async def claim_purchase(self, info: Info, input: ClaimPurchaseInput) -> ClaimPurchaseResult:
        context = info.context
        purchase = await context.services.purchase_history.claim(
            context.require_member().member_id,
            input.receipt_number,
            input.total,
            optional_key_of(input.store_id, "Store", ["input", "storeId"]),
            context.network,
        )
        return PurchaseClaimed(purchase=purchase_node(purchase))
