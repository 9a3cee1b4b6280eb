"""What members and counters do about orders."""

from typing import Any

from bench.faults.journey import Journey, scenario

STEPS = ("acceptOrder", "startPreparing", "markReady")


async def _placed(journey: Journey, token: str, lines: int, method: str, **further: Any) -> dict[str, Any]:
    """An order of so many lines for tomorrow, one piece each."""
    world = journey.world
    sku_ids = world.chance.sample(world.sku_ids, lines)
    wish = {
        "storeId": world.store_id,
        "lines": [{"skuId": sku_id, "quantity": 2} for sku_id in sku_ids],
        "pickupSlotId": world.chance.choice(world.slot_ids),
        "paymentMethod": method,
        "cardToken": "tok_ok" if method == "CARD" else None,
        "idempotencyKey": journey.key("order"),
        **further,
    }
    order: dict[str, Any] = (await journey.do("placeOrder", wish, token))["order"]
    journey.is_told_once("OrderPlaced", "orderId", order["id"])
    return order


def _ends_as(journey: Journey, order: dict[str, Any], state: str, token: str) -> None:
    """Her only order is in this state afterwards: it was placed once."""

    def is_right(data: dict[str, Any]) -> bool:
        return [(each["id"], each["state"]) for each in data["me"]["orders"]["nodes"]] == [
            (order["id"], state)
        ]

    journey.must_read("my_orders", None, token, is_right)


@scenario(
    "claimOffer", "chooseCartStore", "setCartLine", "quoteOrder", "placeOrder", "clearCart", *STEPS,
    "announceArrival", "collectOrder", "refundOrder",
)  # fmt: skip
async def order_and_collect(journey: Journey) -> None:
    """She orders by card with a coupon, fetches it, and brings a piece back."""
    world = journey.world
    _, token = await journey.guest()
    claim = {"offerId": world.offer_id, "idempotencyKey": journey.key("claim")}
    coupon = (await journey.do("claimOffer", claim, token))["coupon"]
    await journey.do("chooseCartStore", {"storeId": world.store_id}, token)
    await journey.do("setCartLine", {"skuId": world.sku_ids[0], "quantity": 2}, token)
    lines = [{"skuId": world.sku_ids[0], "quantity": 2}]
    quote = {"storeId": world.store_id, "lines": lines, "pickupSlotId": world.slot_ids[0]}
    await journey.do("quoteOrder", quote, token)
    order = await _placed(journey, token, 3, "CARD", couponIds=[coupon["id"]])
    await journey.do("clearCart", {}, token)
    for step in STEPS:
        await journey.do(step, {"orderId": order["id"]}, world.clerk)
    await journey.do("announceArrival", {"orderId": order["id"], "location": world.here()}, token)
    collect = {"code": order["pickupCode"], "idempotencyKey": journey.key("collect")}
    await journey.do("collectOrder", collect, world.clerk)
    back = {
        "orderId": order["id"],
        "lines": [{"lineId": "1", "quantity": 1}],
        "idempotencyKey": journey.key("refund"),
    }
    await journey.do("refundOrder", back, world.clerk)
    journey.is_told_once("OrderCollected", "orderId", order["id"])
    journey.is_told_once("OrderRefunded", "orderId", order["id"])
    _ends_as(journey, order, "COLLECTED", token)
    journey.must_read("my_coupons", {"state": ["REDEEMED"]}, token, lambda data: _has(coupon["id"], data))
    journey.must_read("my_cart", None, token, lambda data: data["me"]["cart"]["lines"] == [])


def _has(coupon_id: str, data: dict[str, Any]) -> bool:
    return [each["id"] for each in data["me"]["coupons"]["nodes"]] == [coupon_id]


@scenario("placeOrder", "cancelOrder")
async def order_and_cancel(journey: Journey) -> None:
    """She changes her mind."""
    _, token = await journey.guest()
    order = await _placed(journey, token, 1, "CARD")
    await journey.do("cancelOrder", {"orderId": order["id"]}, token)
    journey.is_told_once("OrderCancelled", "orderId", order["id"])
    _ends_as(journey, order, "CANCELLED", token)


@scenario("placeOrder", "rejectOrder")
async def order_in_vain(journey: Journey) -> None:
    """The store cannot do it."""
    _, token = await journey.guest()
    order = await _placed(journey, token, 1, "PAY_AT_STORE")
    await journey.do("rejectOrder", {"orderId": order["id"], "reason": "Out"}, journey.world.clerk)
    journey.is_told_once("OrderRejected", "orderId", order["id"])
    _ends_as(journey, order, "REJECTED", token)


@scenario("placeOrder", *STEPS, "rejectLine", "substituteLine", "answerSubstitution", "collectOrder")
async def order_with_changes(journey: Journey) -> None:
    """The store lacks one thing and offers another in the place of a second."""
    world, clerk = journey.world, journey.world.clerk
    _, token = await journey.guest()
    order = await _placed(journey, token, 3, "PAY_AT_STORE")
    about = {"orderId": order["id"]}
    await journey.do("acceptOrder", about, clerk)
    await journey.do("startPreparing", about, clerk)
    await journey.do("rejectLine", {**about, "lineId": "1"}, clerk, {"ORDER_LINE_NOT_FOUND"})
    other = {**about, "lineId": "2", "skuId": world.sku_ids[0], "quantity": 1}
    await journey.do("substituteLine", other, clerk, {"SUBSTITUTION_PENDING"})
    taken = {**about, "lineId": "2", "isTaken": True}
    await journey.do("answerSubstitution", taken, token, {"SUBSTITUTION_NOT_OFFERED"})
    await journey.do("markReady", about, clerk)
    collect = {"orderId": order["id"], "idempotencyKey": journey.key("collect"), "isPaidAtStore": True}
    await journey.do("collectOrder", collect, clerk)
    _ends_as(journey, order, "COLLECTED", token)
