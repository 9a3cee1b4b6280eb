"""Those who follow orders in the bench: the counters of the stores, and members with an order each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.auth.actor import OPERATOR
from app.auth.roles import Role
from app.orders.documents import document_of
from app.orders.model import Order, SlotWindow
from app.orders.repository import ORDERS
from app.orders.rules import new_pickup_code
from app.orders.wishes import OrderWish, WantedLine
from app.payments.model import PaymentMethod
from app.services import Services
from app.shared.ids import new_id
from app.staff.model import NewStaffMember
from bench.pickups import Pickups
from graphql_schema.node import encode_id

PIN = "620471"
LOOPBACK = "127.0.0.1"
A_DAY_OF_THEIR_OWN = date(2099, 1, 1)  # on which all numbers from 0000 to 9999 are free
ORDERS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Audience:
    """A staff member's token for each store, and tokens of members with the id of an order to follow."""

    clerks: Sequence[str]
    followers: Sequence[tuple[str, str]]


async def gather_audience(
    services: Services, pickups: Pickups, members: Sequence[tuple[str, str]]
) -> Audience:
    """The audience: these members, each an id and a token, have an order."""
    store_ids = sorted({window.store_id for window in pickups.windows})
    clerks = [await _clerk(services, store_id, number) for number, store_id in enumerate(store_ids)]
    template = await _an_order(services, members[0][0], pickups.windows[0], pickups.sku_ids[0])
    orders = [_another(template, member_id, number) for number, (member_id, _) in enumerate(members)]
    collection = services.database.collection(ORDERS)
    for start in range(0, len(orders), ORDERS_AT_ONCE):
        await collection.insert_many([document_of(each) for each in orders[start : start + ORDERS_AT_ONCE]])
    followers = [
        (token, encode_id("Order", order.id)) for (_, token), order in zip(members, orders, strict=True)
    ]
    return Audience(clerks, followers)


async def _clerk(services: Services, store_id: str, number: int) -> str:
    """The token of somebody at the store's counter."""
    clerk = NewStaffMember(f"BENCH{number}", "Mori", Role.COUNTER, store_id, PIN, "ja")
    member = await services.staff.add(OPERATOR, clerk)
    made = await services.store_devices.create_enrolment_code(OPERATOR, store_id, "Counter")
    _, device_token = await services.store_devices.enrol(made.code, LOOPBACK)
    return (await services.staff_sign_in.sign_in(device_token, member.code, PIN)).signed_in.access_token


async def _an_order(services: Services, member_id: str, window: SlotWindow, sku_id: str) -> Order:
    wish = OrderWish(window.store_id, (WantedLine(sku_id, 1),), window.starts_at, 0)
    placed = await services.orders.place(member_id, wish, PaymentMethod.PAY_AT_STORE, None, None, new_id())
    if not isinstance(placed, Order):
        raise TypeError("paid at the store, an order asks for no confirmation")
    return placed


def _another(order: Order, member_id: str, number: int) -> Order:
    return replace(
        order,
        id=new_id(),
        member_id=member_id,
        pickup_day=A_DAY_OF_THEIR_OWN,
        pickup_number=f"{number:04}",
        pickup_code=new_pickup_code(),
    )
