"""The official operations of orders, each with an order at the point where it does all it can."""

from typing import Any

from app.orders.model import Order
from app.orders.states import OrderState
from app.shared.clock import rfc3339
from graphql_schema.node import encode_id
from tests.integration.shop import Shop

OF_MEMBERS = {
    "choose_cart_store",
    "clear_cart",
    "my_cart",
    "set_cart_line",
    "announce_arrival",
    "answer_substitution",
    "cancel_order",
    "my_orders",
    "order",
    "checkout",
    "pickup_slots",
    "place_order",
    "quote_order",
    "receipt",
}
OF_CLERKS = {
    "accept_order",
    "collect_order",
    "counter_orders",
    "mark_no_show",
    "mark_ready",
    "pause_orders",
    "pickup_policy",
    "refund_order",
    "reject_line",
    "reject_order",
    "start_preparing",
    "substitute_line",
}
STEPS = {
    "start_preparing": [OrderState.ACCEPTED],
    "mark_ready": [OrderState.ACCEPTED, OrderState.PREPARING],
    "mark_no_show": [OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY],
    "collect_order": [OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY],
    "receipt": [OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY, OrderState.COLLECTED],
    "refund_order": [OrderState.ACCEPTED, OrderState.PREPARING, OrderState.READY, OrderState.COLLECTED],
}


def store_node_id(shop: Shop) -> str:
    return encode_id("Store", shop.store.id)


def wish_input(shop: Shop, *lines: tuple[int, int], use_points: int = 0) -> dict[str, Any]:
    """So many pieces of the shop's goods with these numbers, for the slot in an hour."""
    slot = f"{shop.store.id}/{shop.slot.isoformat()}"
    return {
        "storeId": store_node_id(shop),
        "lines": [
            {"skuId": encode_id("Sku", shop.skus[number].id), "quantity": quantity}
            for number, quantity in lines
        ],
        "pickupSlotId": encode_id("PickupSlot", slot),
        "usePoints": use_points,
    }


def location_input(shop: Shop) -> dict[str, Any]:
    place = shop.store.location
    return {
        "latitude": place.latitude,
        "longitude": place.longitude,
        "accuracyMeters": 10,
        "measuredAt": rfc3339(shop.clock.now()),
    }


def cart_variables(name: str, shop: Shop) -> dict[str, Any]:
    inputs: dict[str, dict[str, Any]] = {
        "choose_cart_store": {"storeId": store_node_id(shop)},
        "clear_cart": {},
        "set_cart_line": {"skuId": encode_id("Sku", shop.skus[0].id), "quantity": 2},
    }
    return {"input": inputs[name]} if name in inputs else {}


async def variables_of(name: str, shop: Shop, member_id: str) -> dict[str, Any]:
    """The variables of an operation, and the order that it is about where it wants one."""
    if "cart" in name:
        if name != "choose_cart_store":
            await shop.services.carts.choose_store(member_id, shop.store.id)
        await shop.services.carts.set_line(member_id, shop.skus[1].id, 1)
        return cart_variables(name, shop)
    if name in {"my_orders", "counter_orders"}:
        await shop.place(member_id, shop.wish((0, 1)))
        return {}
    if name in {"pickup_slots", "checkout"}:
        return {"storeId": store_node_id(shop), "date": "2026-11-22"}
    if name == "pickup_policy":
        return {"storeId": store_node_id(shop)}
    if name == "pause_orders":
        return {"input": {"minutes": 20}}
    wish = wish_input(shop, (0, 1), (1, 2), use_points=100)
    if name == "quote_order":
        return {"input": wish}
    if name == "place_order":
        further = {"paymentMethod": "PAY_AT_STORE", "idempotencyKey": "key-00000001"}
        return {"input": {**wish, **further}}
    order = await shop.place(member_id, shop.wish((0, 1), (1, 2), use_points=100))
    order = await shop.move(order, *STEPS.get(name, []))
    if name == "mark_no_show":
        order = await shop.end_slot(order)
    if name == "answer_substitution":
        await shop.services.counter.offer_substitute(shop.clerk, order.id, "2", shop.skus[0].id, 1, None)
    return _about(name, shop, order)


def _about(name: str, shop: Shop, order: Order) -> dict[str, Any]:
    order_id = encode_id("Order", order.id)
    if name == "order":
        return {"id": order_id}
    if name == "receipt":
        return {"orderId": order_id}
    inputs: dict[str, dict[str, Any]] = {
        "announce_arrival": {"location": location_input(shop)},
        "answer_substitution": {"lineId": "2", "isTaken": True},
        "collect_order": {"code": order.pickup_code},
        "refund_order": {"lines": [{"lineId": "1", "quantity": 1}], "idempotencyKey": "key-00000001"},
        "reject_line": {"lineId": "1"},
        "substitute_line": {"lineId": "2", "skuId": encode_id("Sku", shop.skus[0].id), "quantity": 1},
    }
    given = inputs.get(name, {})
    return {"input": given if "code" in given else {"orderId": order_id, **given}}
