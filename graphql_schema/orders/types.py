"""Orders. Readable by the member who ordered, the staff of her store and headquarters."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import strawberry

from app.orders import model, slots
from app.shared.i18n import language_of
from app.shared.money import yen
from graphql_schema.catalog.types import Sku, load_skus
from graphql_schema.columns import column
from graphql_schema.connections import Connection
from graphql_schema.context import Info, PublicInfo
from graphql_schema.locale import Locale
from graphql_schema.money import Money, money_of
from graphql_schema.node import Node, encode_id
from graphql_schema.orders.enums import Mover, OrderState, PaymentMethod
from graphql_schema.orders.money_types import OrderTotals, totals_node
from graphql_schema.orders.receipt_types import Receipt, receipt_node
from graphql_schema.permissions import may_read
from graphql_schema.stores.types import Store, load_stores


@strawberry.type(description="A SKU as it was when it was ordered.")
class OrderedItem:
    item: strawberry.Private[model.OrderedItem]

    @strawberry.field(description="The product's name.")
    def name(self, info: PublicInfo, locale: Locale = None) -> str:
        return self.item.names[language_of(locale) or info.context.language]

    @strawberry.field(description="Colour and size; empty when there is just one.")
    def variant(self, info: PublicInfo, locale: Locale = None) -> str:
        return self.item.variant[language_of(locale) or info.context.language]

    @strawberry.field(description="The JAN (EAN-13).")
    def jan(self) -> str:
        return self.item.jan

    @strawberry.field(description="The price of one piece, tax included.")
    def unit_price(self) -> Money:
        return money_of(yen(self.item.unit_price))

    @column(description="The SKU, while its product is published.")
    @staticmethod
    async def sku(items: Sequence["OrderedItem"], info: PublicInfo) -> Sequence[Sku | Exception | None]:
        return await load_skus([each.item.sku_id for each in items], info.context)


@strawberry.type(description="What the store offers in place of a line, kept aside until the member answers.")
class Substitution:
    item: OrderedItem = strawberry.field(description="The substitute; it costs no more than the line.")
    quantity: int = strawberry.field(description="Pieces.")
    offered_at: datetime = strawberry.field(description="When it was offered.")


@strawberry.type(description="Pieces of one SKU in an order.")
class OrderLine:
    id: strawberry.ID = strawberry.field(description="Names the line within its order.")
    item: OrderedItem = strawberry.field(description="What was ordered, or its substitute.")
    ordered: int = strawberry.field(description="Pieces that were ordered.")
    quantity: int = strawberry.field(description="Pieces that are left; 0 when the store rejected the line.")
    returned: int = strawberry.field(description="Pieces that were refunded after they were collected.")
    discount: Money = strawberry.field(description="What coupons take off its pieces.")
    amount: Money = strawberry.field(description="What the pieces cost after that, tax included.")
    substitution: Substitution | None = strawberry.field(
        description="A substitute that waits for the member's answer."
    )


@strawberry.type(description="A coupon that an order uses.")
class OrderCoupon:
    coupon_id: strawberry.ID = strawberry.field(description="The coupon, for `node`: readable by its member.")
    discount: Money = strawberry.field(description="What it takes off the lines that are left.")
    coupon: strawberry.Private[model.OrderCoupon]

    @strawberry.field(description="What its offer is called.")
    def name(self, info: Info, locale: Locale = None) -> str:
        return self.coupon.names[language_of(locale) or info.context.language]

    @strawberry.field(description="Points that it gives on top.")
    def bonus_points(self) -> int:
        return self.coupon.bonus_points

    @strawberry.field(description="How many times the points; 1: no more than usual.")
    def points_multiplier(self) -> int:
        return self.coupon.points_multiplier


@strawberry.type(description="A window in which orders are picked up. Readable by everybody.")
class PickupSlot:
    id: strawberry.ID = strawberry.field(description="For `placeOrder`; opaque and stable.")
    starts_at: datetime = strawberry.field(description="When it begins.")
    ends_at: datetime = strawberry.field(description="When it ends.")
    capacity: int = strawberry.field(description="Work units that the store can prepare for it.")
    capacity_left: int = strawberry.field(description="Work units that are left at this moment.")
    cut_off: datetime = strawberry.field(description="Until when it can be ordered for.")
    is_orderable: bool = strawberry.field(description="Whether orders for it are taken at this moment.")


@strawberry.type(description="A step that an order took.")
class OrderMove:
    state: OrderState = strawberry.field(description="The state that it led to.")
    mover: Mover = strawberry.field(description="Who took it.")
    moved_at: datetime = strawberry.field(description="When.")
    reason: str | None = strawberry.field(description="Why, where somebody said so.")


@strawberry.type(description="What was given back of a collected order.")
class OrderRefund:
    money: Money = strawberry.field(description="By the card that paid, or at the till.")
    points: int = strawberry.field(description="Points that had paid for it, back in their lots.")
    refunded_at: datetime = strawberry.field(description="When.")
    reason: str | None = strawberry.field(description="Why, where somebody said so.")


@strawberry.type(
    description=(
        "An order picked up at a store. Readable by who ordered, the staff of the store and headquarters."
    )
)
class Order(Node):
    order: strawberry.Private[model.Order]

    @property
    def owner_id(self) -> str:
        return self.order.member_id

    @property
    def store_id(self) -> str:
        return self.order.store_id

    @strawberry.field(description="Grows with every change; a change of an older version is refused.")
    def version(self) -> int:
        return self.order.version

    @strawberry.field(description="Where it stands at this moment.")
    def state(self, info: PublicInfo) -> OrderState:
        return self.order.state_at(info.context.now)

    @column(description="Where it is picked up.")
    @staticmethod
    async def store(orders: Sequence["Order"], info: Info) -> Sequence[Store | Exception | None]:
        return await load_stores([each.order.store_id for each in orders], info)

    @strawberry.field(description="When it is picked up: the slot's begin.")
    def pickup_from(self) -> datetime:
        return self.order.slot.starts_at

    @strawberry.field(description="The slot's end.")
    def pickup_until(self) -> datetime:
        return self.order.slot.ends_at

    @strawberry.field(description="Once it is ready: until when it waits.")
    def collect_by(self) -> datetime:
        return self.order.collect_by

    @strawberry.field(description="4 digits, unique at the store on the day of pickup: what is called out.")
    def pickup_number(self) -> str:
        return self.order.pickup_number

    @strawberry.field(
        description="20 digits to show as QR when it is collected, good once. Readable by who ordered."
    )
    def pickup_code(self) -> str:
        return self.order.pickup_code

    @strawberry.field(description="What she likes to be called, as she ordered.")
    def customer_name(self) -> str | None:
        return self.order.member_name

    @strawberry.field(description="Its 1 to 50 lines.")
    def lines(self) -> list[OrderLine]:
        return [line_node(line) for line in self.order.lines]

    @strawberry.field(description="What it costs.")
    def totals(self) -> OrderTotals:
        return totals_node(self.order.totals)

    @strawberry.field(description="The coupons that it uses.")
    def coupons(self) -> list[OrderCoupon]:
        return coupon_nodes(self.order.coupons, self.order.lines)

    @strawberry.field(description="How it is paid, beside points.")
    def payment_method(self) -> PaymentMethod:
        return self.order.payment_method

    @strawberry.field(description="When it was placed.")
    def placed_at(self) -> datetime:
        return self.order.placed_at

    @strawberry.field(description="When the member said that she is there; null before.")
    def arrived_at(self) -> datetime | None:
        return self.order.arrived_at

    @strawberry.field(description="What the member wants the store to know.")
    def note(self) -> str | None:
        return self.order.note

    @strawberry.field(description="What was given back after it was collected, the first one first.")
    def refunds(self) -> list[OrderRefund]:
        return [
            OrderRefund(
                money=money_of(yen(each.money)),
                points=each.points,
                refunded_at=each.refunded_at,
                reason=each.reason,
            )
            for each in self.order.refunds
        ]

    @strawberry.field(
        description="What the card did not pay after all, though the order was handed over: mostly nothing."
    )
    def amount_owed(self) -> Money:
        return money_of(yen(self.order.amount_owed))

    @strawberry.field(description="Its receipt; null before it is collected.")
    def receipt(self) -> Receipt | None:
        return receipt_node(self.order)

    @strawberry.field(description="Every step that it took, the first one first.")
    def moves(self) -> list[OrderMove]:
        return [
            OrderMove(state=each.state, mover=each.mover, moved_at=each.moved_at, reason=each.reason)
            for each in self.order.moves
        ]


OrderConnection = Connection[Order]


def order_node(order: model.Order) -> Order:
    return Order(id=encode_id("Order", order.id), order=order)


async def load_order(order_id: str, info: Info) -> Order | None:
    """The order with this key, if the caller may read it."""
    found = await info.context.services.orders.get(order_id)
    node = order_node(found) if found else None
    return node if node and may_read(info.context, "Order", node) else None


def slot_node(slot: slots.PickupSlot) -> PickupSlot:
    window = slot.window
    return PickupSlot(
        id=encode_id("PickupSlot", window.id),
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        capacity=slot.capacity,
        capacity_left=slot.left,
        cut_off=slot.cut_off,
        is_orderable=slot.is_orderable,
    )


def line_node(line: model.OrderLine) -> OrderLine:
    offer = line.substitution
    return OrderLine(
        id=strawberry.ID(line.id),
        item=OrderedItem(item=line.item),
        ordered=line.ordered,
        quantity=line.quantity,
        returned=line.returned,
        discount=money_of(yen(line.discount)),
        amount=money_of(yen(line.amount)),
        substitution=Substitution(
            item=OrderedItem(item=offer.item), quantity=offer.quantity, offered_at=offer.offered_at
        )
        if offer
        else None,
    )


def coupon_nodes(coupons: Iterable[model.OrderCoupon], lines: Sequence[model.OrderLine]) -> list[OrderCoupon]:
    return [
        OrderCoupon(
            coupon_id=encode_id("Coupon", each.coupon_id),
            discount=money_of(yen(each.discount(lines))),
            coupon=each,
        )
        for each in coupons
    ]
