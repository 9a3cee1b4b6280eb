"""Checking in."""

import strawberry

from app.check_ins import model
from graphql_schema.check_ins.types import CheckedIn, CheckInInput, CheckInResult, check_in_node, position_of
from graphql_schema.context import Info
from graphql_schema.node import key_of


@strawberry.type
class CheckInMutations:
    @strawberry.mutation(
        description=(
            "Registers a visit to a store and awards points: once a store a day, five times a day in all. "
            "For members."
        )
    )
    async def check_in(self, info: Info, input: CheckInInput) -> CheckInResult:
        member_id = info.context.require_member().member_id
        request = model.CheckInRequest(
            store_id=key_of(input.store_id, "Store", ["input", "storeId"]),
            position=position_of(input.location),
            idempotency_key=input.idempotency_key,
        )
        visit = await info.context.services.check_ins.check_in(member_id, request)
        if visit.store is not None:
            info.context.stores.know(visit.store.id, visit.store)
        check_in = visit.check_in
        return CheckedIn(
            check_in=check_in_node(check_in),
            points_awarded=check_in.points_awarded,
            point_balance=check_in.point_balance,
            given=visit.coupons,
        )
