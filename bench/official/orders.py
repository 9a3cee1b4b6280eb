"""What is asked about orders and carts, by members and by the clerks of the stores."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.orders.model import Order
from app.orders.repository import ORDERS
from app.orders.states import OrderState
from app.shared.clock import rfc3339
from app.stores.rules import store_day
from bench.house import House
from bench.official.calls import (
    Call,
    Made,
    OfficialOperation,
    Variables,
    by_clerk,
    by_customer,
    by_headquarters,
)
from bench.regulars import ACCURACY_METERS, Customer
from graphql_schema.node import encode_id

IN_WORK = (OrderState.ACCEPTED, OrderState.PREPARING)
IS_READY = (*IN_WORK, OrderState.READY)
IS_COLLECTED = (*IS_READY, OrderState.COLLECTED)


def wish_input(house: House) -> dict[str, Any]:
    wish, window = house.order_wish()
    return {
        "storeId": encode_id("Store", wish.store_id),
        "lines": [{"skuId": encode_id("Sku", line.sku_id), "quantity": line.quantity} for line in wish.lines],
        "pickupSlotId": encode_id("PickupSlot", window.id),
        "usePoints": wish.use_points,
    }


async def quote_order(house: House, customer: Customer) -> Made:
    return {"input": wish_input(house)}


async def place_order(house: House, customer: Customer) -> Made:
    further = {"paymentMethod": "PAY_AT_STORE", "idempotencyKey": house.key()}
    return {"input": {**wish_input(house), **further}}


async def pickup_slots(house: House, customer: Customer) -> Made:
    day = store_day(house.store, house.now) + timedelta(days=1)
    return {"storeId": encode_id("Store", house.store.id), "date": day.isoformat()}


async def at_store(house: House, customer: Customer) -> Made:
    return {"storeId": encode_id("Store", house.store.id)}


async def ordered(house: House, customer: Customer) -> Made:
    await house.order(customer)
    return {}


async def order(house: House, customer: Customer) -> Made:
    return {"id": encode_id("Order", (await house.order(customer)).id)}


async def order_changed(house: House, customer: Customer) -> Made:
    return {"orderId": encode_id("Order", (await house.order(customer)).id)}


async def receipt(house: House, customer: Customer) -> Made:
    return {"orderId": encode_id("Order", (await house.order(customer, *IS_COLLECTED)).id)}


async def cancel_order(house: House, customer: Customer) -> Made:
    return {"input": {"orderId": encode_id("Order", (await house.order(customer)).id)}}


async def announce_arrival(house: House, customer: Customer) -> Made:
    order = await house.order(customer)
    place = next(store.location for store in house.stores if store.id == order.store_id)
    location = {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "accuracyMeters": ACCURACY_METERS,
    }
    order_id = encode_id("Order", order.id)
    return lambda now: {"input": {"orderId": order_id, "location": {**location, "measuredAt": rfc3339(now)}}}


async def answer_substitution(house: House, customer: Customer) -> Made:
    order = await house.order(customer)
    clerk = await house.clerk(order.store_id)
    await house.services.counter.offer_substitute(
        clerk.actor, order.id, "2", house.substitute_for(order), 1, None
    )
    return {"input": {"orderId": encode_id("Order", order.id), "lineId": "2", "isTaken": True}}


async def by_its_clerk(house: House, order: Order, **further: Any) -> Made:
    clerk = await house.clerk(order.store_id)
    return Call(clerk.access_token, {"input": {"orderId": encode_id("Order", order.id), **further}})


async def of_placed(house: House, customer: Customer) -> Made:
    return await by_its_clerk(house, await house.order(customer))


async def start_preparing(house: House, customer: Customer) -> Made:
    return await by_its_clerk(house, await house.order(customer, OrderState.ACCEPTED))


async def mark_ready(house: House, customer: Customer) -> Made:
    return await by_its_clerk(house, await house.order(customer, *IN_WORK))


async def mark_no_show(house: House, customer: Customer) -> Made:
    """The slot has just ended."""
    order = await house.order(customer, *IS_READY)
    await house.services.database.collection(ORDERS).find_one_and_update(
        {"_id": order.id}, {"$set": {"slot.ends_at": house.now}}
    )
    return await by_its_clerk(house, order)


async def collect_order(house: House, customer: Customer) -> Made:
    order = await house.order(customer, *IS_READY)
    clerk = await house.clerk(order.store_id)
    return Call(clerk.access_token, {"input": {"code": order.pickup_code}})


async def refund_order(house: House, customer: Customer) -> Made:
    order = await house.order(customer, *IS_COLLECTED)
    lines = [{"lineId": "1", "quantity": 1}]
    return await by_its_clerk(house, order, lines=lines, idempotencyKey=house.key())


async def reject_line(house: House, customer: Customer) -> Made:
    return await by_its_clerk(house, await house.order(customer), lineId="1")


async def substitute_line(house: House, customer: Customer) -> Made:
    order = await house.order(customer)
    substitute = encode_id("Sku", house.substitute_for(order))
    return await by_its_clerk(house, order, lineId="2", skuId=substitute, quantity=1)


async def counter_orders(house: House, customer: Customer) -> Made:
    order = await house.order(customer)
    return Call((await house.clerk(order.store_id)).access_token, {})


async def counter_order_changed(house: House, customer: Customer) -> Made:
    return {}


async def pause_orders(house: House, customer: Customer) -> Made:
    return {"input": {"minutes": 20, "storeId": encode_id("Store", (await house.remote_store()).id)}}


async def change_pickup_policy(house: House, customer: Customer) -> Made:
    store = await house.remote_store()
    return {"input": {"storeId": encode_id("Store", store.id), "version": 0, "capacity": 10}}


async def with_cart(house: House, customer: Customer) -> Made:
    await house.services.carts.choose_store(customer.id, house.store.id)
    await house.services.carts.set_line(customer.id, house.goods[1], 1)
    return {}


async def clear_cart(house: House, customer: Customer) -> Made:
    await with_cart(house, customer)
    return {"input": {}}


async def choose_cart_store(house: House, customer: Customer) -> Made:
    await house.services.carts.set_line(customer.id, house.goods[1], 1)
    return {"input": {"storeId": encode_id("Store", house.store.id)}}


async def set_cart_line(house: House, customer: Customer) -> Variables:
    await with_cart(house, customer)
    return {"input": {"skuId": encode_id("Sku", house.goods[0]), "quantity": 2}}


OPERATIONS: Mapping[str, OfficialOperation] = {
    "accept_order": by_clerk(of_placed),
    "announce_arrival": by_customer(announce_arrival),
    "answer_substitution": by_customer(answer_substitution),
    "cancel_order": by_customer(cancel_order),
    "change_pickup_policy": by_headquarters(change_pickup_policy),
    "checkout": by_customer(pickup_slots),
    "choose_cart_store": by_customer(choose_cart_store),
    "clear_cart": by_customer(clear_cart),
    "collect_order": by_clerk(collect_order),
    "counter_order_changed": by_clerk(counter_order_changed),
    "counter_orders": by_clerk(counter_orders),
    "mark_no_show": by_clerk(mark_no_show),
    "mark_ready": by_clerk(mark_ready),
    "my_cart": by_customer(with_cart),
    "my_orders": by_customer(ordered),
    "order": by_customer(order),
    "order_changed": by_customer(order_changed),
    "orders_paused_until": by_customer(at_store),
    "pause_orders": by_headquarters(pause_orders),
    "pickup_policy": by_clerk(at_store),
    "pickup_slots": by_customer(pickup_slots),
    "place_order": by_customer(place_order),
    "quote_order": by_customer(quote_order),
    "receipt": by_customer(receipt),
    "refund_order": by_clerk(refund_order),
    "reject_line": by_clerk(reject_line),
    "reject_order": by_clerk(of_placed),
    "set_cart_line": by_customer(set_cart_line),
    "start_preparing": by_clerk(start_preparing),
    "substitute_line": by_clerk(substitute_line),
}
