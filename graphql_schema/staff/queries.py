"""Looking at staff and the stores' devices."""

from typing import Annotated

import strawberry

from app.shared.paging import PageRequest
from graphql_schema.connections import After, First, connection_of
from graphql_schema.context import Info
from graphql_schema.node import optional_key_of
from graphql_schema.staff.device_types import StoreDeviceConnection, store_device_node
from graphql_schema.staff.types import StaffMemberConnection, staff_member_node

OfStore = Annotated[
    strawberry.ID | None,
    strawberry.argument(
        description="Of this store only. Without it: a manager's own store, for headquarters everything."
    ),
]


@strawberry.type
class StaffQueries:
    @strawberry.field(
        description=(
            "Staff in the order of their codes. For store managers, of their own store, and headquarters."
        )
    )
    async def staff_members(
        self, info: Info, store_id: OfStore = None, first: First = 20, after: After = None
    ) -> StaffMemberConnection:
        page = await info.context.services.staff.page(
            info.context.require_staff(),
            optional_key_of(store_id, "Store", ["storeId"]),
            PageRequest(first, after),
        )
        return connection_of(page, staff_member_node)

    @strawberry.field(
        description=(
            "The devices that staff sign in on, the oldest first. For store managers, of their own store, "
            "and headquarters."
        )
    )
    async def store_devices(
        self, info: Info, store_id: OfStore = None, first: First = 20, after: After = None
    ) -> StoreDeviceConnection:
        page = await info.context.services.store_devices.page(
            info.context.require_staff(),
            optional_key_of(store_id, "Store", ["storeId"]),
            PageRequest(first, after),
        )
        return connection_of(page, store_device_node)
