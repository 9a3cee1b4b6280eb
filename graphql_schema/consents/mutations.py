"""Deciding about consents."""

import strawberry

from graphql_schema.consents.types import (
    ConsentsSet,
    SetConsentsInput,
    SetConsentsResult,
    consent_nodes,
)
from graphql_schema.context import Info


@strawberry.type
class ConsentMutations:
    @strawberry.mutation(
        description=(
            "Gives or withdraws consents, all that are named or none. Withdrawing PERSONALIZATION erases "
            "what was kept by it. What stands already is not recorded again. For members, guests too."
        )
    )
    async def set_consents(self, info: Info, input: SetConsentsInput) -> SetConsentsResult:
        member_id = info.context.require_member().member_id
        standing = await info.context.services.consents.decide(member_id, input.to_model())
        return ConsentsSet(consents=consent_nodes(standing, member_id))
