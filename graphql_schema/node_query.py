"""`node`: any object again by its id, if the caller may read it."""

import strawberry

from app.auth.actor import MemberActor
from graphql_schema.check_ins.types import check_in_node
from graphql_schema.context import Info
from graphql_schema.members.types import member_node
from graphql_schema.node import Node, decode_id
from graphql_schema.stores.types import load_store


@strawberry.type
class NodeQueries:
    @strawberry.field(
        description=(
            "The object with this id; null when there is none that the caller may read: stores for "
            "everybody, members and check-ins for the member herself."
        )
    )
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        try:
            type_name, key = decode_id(id)
        except ValueError:
            return None
        if type_name == "Store":
            return await load_store(key, info)
        actor = info.context.actor
        if isinstance(actor, MemberActor):
            return await _own_node(type_name, key, actor.member_id, info)
        return None


async def _own_node(type_name: str, key: str, member_id: str, info: Info) -> Node | None:
    services = info.context.services
    if type_name == "Member" and key == member_id:
        member = await services.members.get(key)
        return member_node(member) if member else None
    if type_name == "CheckIn":
        check_in = await services.check_ins.get(key)
        if check_in and check_in.member_id == member_id:
            return check_in_node(check_in)
    return None
