"""The member's card, with the rank that she holds."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.members import model
from graphql_schema.cards.types import CardCode, card_code_node
from graphql_schema.context import Info
from graphql_schema.members.rank import Rank


@strawberry.type(description="The member's card. Readable by the member herself.")
class Card:
    owner: strawberry.Private[model.Member]
    number: str = strawberry.field(
        description="The member number: 16 digits, the last a check digit by ISO/IEC 7064 MOD 11,10."
    )
    rank: Rank = strawberry.field(
        description=(
            "The rank of this moment: by this calendar year's miles, or by last year's while that rank is "
            "still held."
        )
    )
    miles: int = strawberry.field(description="Miles earned in this calendar year; they are never spent.")
    miles_to_next_rank: int | None = strawberry.field(
        description="Miles missing to the next rank; null at the highest."
    )
    miles_to_keep_rank: int | None = strawberry.field(
        description="Miles missing to hold the rank a year longer; 0 when earned, null at the lowest."
    )
    rank_held_until: datetime | None = strawberry.field(
        description="When the rank ends unless it is earned anew; null at the lowest."
    )
    barcode: str = strawberry.field(
        description="What a till scans: draw it as Code 128 (ISO/IEC 15417), the 16 digits in code set C."
    )

    @property
    def owner_id(self) -> str:
        return self.owner.id

    @strawberry.field(description="The rotating code of the device that asks.")
    async def code(
        self,
        info: Info,
        give_secret: Annotated[
            bool,
            strawberry.argument(description="Whether the device wants the secret that it is given once."),
        ] = False,
    ) -> CardCode:
        actor = info.context.require_owner(self.owner_id)
        code = await info.context.services.cards.code(actor, give_secret, info.context.reads, self.owner)
        return card_code_node(code, owner_id=self.owner_id)


def card_of(member: model.Member, info: Info) -> Card:
    """Her card as it is at this moment."""
    standing = info.context.services.ranks.standing(member)
    return Card(
        owner=member,
        number=member.number,
        rank=standing.rank,
        miles=standing.miles,
        miles_to_next_rank=standing.miles_to_next,
        miles_to_keep_rank=standing.miles_to_keep,
        rank_held_until=standing.held_until,
        barcode=member.number,
    )
