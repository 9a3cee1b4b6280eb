"""`node`: any object again by its id, if the caller may read it."""

from collections.abc import Awaitable, Callable

import strawberry

from graphql_schema.catalog.types import load_category, load_product, load_sku
from graphql_schema.check_ins.types import check_in_node
from graphql_schema.context import Info
from graphql_schema.coupons.types import load_coupon
from graphql_schema.members.types import member_node
from graphql_schema.node import Node, decode_id
from graphql_schema.offers.types import offer_node
from graphql_schema.orders.types import load_order
from graphql_schema.partners.types import partner_node
from graphql_schema.permissions import may_read
from graphql_schema.purchases.types import load_purchase
from graphql_schema.staff.device_types import store_device_node
from graphql_schema.staff.types import staff_member_node
from graphql_schema.stores.types import load_store
from graphql_schema.webhooks.types import webhook_endpoint_node


@strawberry.type
class NodeQueries:
    @strawberry.field(
        description=(
            "The object with this id; null when there is none that the caller may read: stores, "
            "categories and published products and SKUs for everybody, members, check-ins, coupons, "
            "purchases and orders for the member herself, orders for the staff of their store, staff and "
            "devices for the managers of their store, partners and webhook endpoints for headquarters and "
            "the partner itself, offers for headquarters."
        )
    )
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        try:
            type_name, key = decode_id(id)
        except ValueError:
            return None
        load = _LOADS.get(type_name)
        node = await load(key, info) if load else None
        return node if node and may_read(info.context, type_name, node) else None


async def _member(member_id: str, info: Info) -> Node | None:
    member = await info.context.services.members.get(member_id)
    return member_node(member) if member else None


async def _check_in(check_in_id: str, info: Info) -> Node | None:
    check_in = await info.context.services.check_ins.get(check_in_id)
    return check_in_node(check_in) if check_in else None


async def _staff_member(staff_id: str, info: Info) -> Node | None:
    member = await info.context.services.staff.get(staff_id)
    return staff_member_node(member) if member else None


async def _store_device(device_id: str, info: Info) -> Node | None:
    device = await info.context.services.store_devices.get(device_id)
    return store_device_node(device) if device else None


async def _partner(partner_id: str, info: Info) -> Node | None:
    partner = await info.context.services.partners.get(partner_id)
    return partner_node(partner) if partner else None


async def _webhook_endpoint(endpoint_id: str, info: Info) -> Node | None:
    endpoint = await info.context.services.webhooks.get(endpoint_id)
    return webhook_endpoint_node(endpoint) if endpoint else None


async def _offer(offer_id: str, info: Info) -> Node | None:
    offer = await info.context.services.offers.get(offer_id)
    return offer_node(offer) if offer else None


_LOADS: dict[str, Callable[[str, Info], Awaitable[Node | None]]] = {
    "Store": load_store,
    "Category": load_category,
    "Product": load_product,
    "Sku": load_sku,
    "Member": _member,
    "CheckIn": _check_in,
    "Offer": _offer,
    "Coupon": load_coupon,
    "Order": load_order,
    "Purchase": load_purchase,
    "StaffMember": _staff_member,
    "StoreDevice": _store_device,
    "Partner": _partner,
    "WebhookEndpoint": _webhook_endpoint,
}
