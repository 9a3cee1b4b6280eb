"""`viewer`: tells any caller who they are."""

from typing import Annotated

import strawberry

from app.auth.actor import MemberActor, PartnerActor, StaffActor
from graphql_schema.context import Info
from graphql_schema.members.types import Member, member_node
from graphql_schema.partners.types import Partner, partner_node
from graphql_schema.staff.types import StaffMember, staff_member_node

Viewer = Annotated[Member | StaffMember | Partner, strawberry.union("Viewer", description="Who is calling.")]


@strawberry.type
class ViewerQueries:
    @strawberry.field(description="The caller; null without a token. For everybody.")
    async def viewer(self, info: Info) -> Viewer | None:
        services = info.context.services
        match info.context.actor:
            case MemberActor(member_id=member_id):
                member = await services.members.get(member_id)
                return member_node(member) if member else None
            case StaffActor(staff_id=staff_id):
                staff_member = await services.staff.get(staff_id)
                return staff_member_node(staff_member) if staff_member else None
            case PartnerActor(partner_id=partner_id):
                partner = await services.partners.get(partner_id)
                return partner_node(partner) if partner else None
        return None
