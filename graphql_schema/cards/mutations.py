"""Verifying a card at the till."""

import strawberry

from graphql_schema.cards.types import CardVerified, VerifyCardInput, VerifyCardResult
from graphql_schema.context import Info
from graphql_schema.node import encode_id, optional_key_of


@strawberry.type
class CardMutations:
    @strawberry.mutation(
        description=(
            "Identifies the member who shows a card code, and uses the code up: nobody can use it again. For "
            "staff, and for partners with the scope CARDS_VERIFY."
        )
    )
    async def verify_card(self, info: Info, input: VerifyCardInput) -> VerifyCardResult:
        actor = info.context.require_partner_or_staff()
        store_id = optional_key_of(input.store_id, "Store", ["input", "storeId"])
        card = await info.context.services.cards.verify(actor, input.code, input.idempotency_key, store_id)
        return CardVerified(
            verification_id=encode_id("CardVerification", card.verification_id),
            member_number=card.member_number,
            display_name=card.nickname,
            rank=card.rank,
            points=card.points,
            verified_at=card.verified_at,
        )
