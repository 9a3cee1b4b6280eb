"""Looking at oneself."""

import strawberry

from app.auth.actor import MemberActor
from graphql_schema.context import Info
from graphql_schema.members.types import Member, member_node


@strawberry.type
class MemberQueries:
    @strawberry.field(description="The calling member; null without a member's token.")
    async def me(self, info: Info) -> Member | None:
        actor = info.context.actor
        if not isinstance(actor, MemberActor):
            return None
        member = await info.context.services.members.get(actor.member_id, reads=info.context.reads)
        return member_node(member) if member else None
