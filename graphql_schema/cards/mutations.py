"""Verifying a card at the till."""

import strawberry

from graphql_schema.cards.types import CardVerified, VerifyCardInput, VerifyCardResult
from graphql_schema.context import Info


@strawberry.type
class CardMutations:
    @strawberry.mutation(
        description=(
            "Identifies the member who shows a card code, and uses the code up: nobody can use it again. For "
            "partners with the scope cards:verify."
        )
    )
    async def verify_card(self, info: Info, input: VerifyCardInput) -> VerifyCardResult:
        partner = info.context.require_partner()
        card = await info.context.services.cards.verify(partner.partner_id, input.code, input.idempotency_key)
        return CardVerified(
            member_number=card.member_number,
            display_name=card.nickname,
            rank=card.rank,
            points=card.points,
            verified_at=card.verified_at,
        )
