"""What tills and warehouses send."""

import time
from typing import Any

from app.cards.rules import PERIOD_SECONDS
from bench.faults.caller import Fault
from bench.faults.journey import Journey, scenario
from bench.faults.world import moment

CODES_SHOWN = 3


def _receipt(journey: Journey, number: str, **further: Any) -> dict[str, Any]:
    """A receipt over 2,200 yen."""
    return {
        "channel": "STORE",
        "storeId": journey.world.store_id,
        "terminal": "till-1",
        "receiptNumber": f"{journey.name}-{number}",
        "occurredAt": moment(minutes=-1),
        "lines": [{"name": "タオル", "quantity": 2, "amount": 2_200}],
        "total": 2_200,
        **further,
    }


def _only_row(result: dict[str, Any]) -> dict[str, Any]:
    """Raises Fault when the row is refused."""
    row: dict[str, Any] = result["rows"][0]
    if row.get("errors"):
        raise Fault(f"a row is refused: {row}")
    return row


@scenario("verifyCard", "recordPurchases", "recordReturns", "claimPurchase")
async def buy_and_return(journey: Journey) -> None:
    """She shows her card, buys, returns half of it, and claims a receipt from when she had no phone."""
    till = journey.world.till
    member, token = await journey.guest()
    verified = await _verified(journey, token)
    if verified["memberNumber"] != member["number"]:
        raise Fault(f"{journey.name}'s card is somebody else's")
    receipt = _receipt(journey, "1", memberNumber=member["number"], verificationId=verified["verificationId"])
    sold = _only_row(await journey.do("recordPurchases", {"purchases": [receipt]}, till))
    name = {each: receipt[each] for each in ("channel", "storeId", "terminal", "receiptNumber")}
    back = {
        **name,
        "receiptNumber": f"{journey.name}-2",
        "purchase": name,
        "occurredAt": moment(),
        "lines": [{"line": 1, "quantity": 1}],
    }
    _only_row(await journey.do("recordReturns", {"returns": [back]}, till))
    anonymous = _receipt(journey, "3")
    _only_row(await journey.do("recordPurchases", {"purchases": [anonymous]}, till))
    claim = {"receiptNumber": anonymous["receiptNumber"], "total": 2_200, "storeId": journey.world.store_id}
    await journey.do("claimPurchase", claim, token)
    journey.is_told_once("PurchaseRecorded", "purchaseId", sold["purchaseId"])
    journey.must_read("my_purchases", None, token, _has_two_purchases)
    journey.must_read("my_points", None, token, _has_points_of_three_towels)


async def _verified(journey: Journey, token: str) -> dict[str, Any]:
    """What the till learns of her card. Who had to wait until her code was too old shows the next one."""
    for number in range(CODES_SHOWN):
        code = (await journey.read("my_card_code", None, token))["me"]["card"]["code"]["currentCode"]
        shown = {"code": code, "idempotencyKey": journey.key(f"card-{number}")}
        shown_at = time.monotonic()
        try:
            return await journey.do(
                "verifyCard", {**shown, "storeId": journey.world.store_id}, journey.world.till
            )
        except Fault as fault:
            if "CARD_CODE_INVALID" not in str(fault) or time.monotonic() - shown_at < PERIOD_SECONDS:
                raise
    raise Fault(f"none of {CODES_SHOWN} card codes of {journey.name} was good for long enough")


def _has_two_purchases(data: dict[str, Any]) -> bool:
    return len(data["me"]["purchases"]["nodes"]) == 2


def _has_points_of_three_towels(data: dict[str, Any]) -> bool:
    """Twice two were bought and one came back: each by one entry."""
    amounts = sorted(each["amount"] for each in data["me"]["points"]["entries"]["nodes"])
    return len(amounts) == 3 and amounts[1] == amounts[2] == -2 * amounts[0] > 0


@scenario("claimOffer", "redeemCoupon", "rollbackRedemption")
async def use_a_coupon(journey: Journey) -> None:
    """She uses a coupon at the till, that is undone, and she uses it again."""
    world = journey.world
    _, token = await journey.guest()
    claim = {"offerId": world.offer_id, "idempotencyKey": journey.key("claim")}
    coupon = (await journey.do("claimOffer", claim, token))["coupon"]
    first = await _redeemed(journey, coupon["code"], "1")
    undo = {"redemptionId": first["redemption"]["id"], "idempotencyKey": journey.key("undo")}
    await journey.do("rollbackRedemption", undo, world.till)
    await _redeemed(journey, coupon["code"], "2")
    journey.must_read(
        "my_coupons", {"state": ["REDEEMED"]}, token, lambda data: len(data["me"]["coupons"]["nodes"]) == 1
    )


async def _redeemed(journey: Journey, code: str, number: str) -> dict[str, Any]:
    world = journey.world
    lines = [{"skuId": world.sku_ids[0], "quantity": 1, "unitPrice": 1_000}]
    receipt = {"terminal": "till-1", "number": f"{journey.name}-{number}", "lines": lines}
    use = {
        "code": code,
        "storeId": world.store_id,
        "receipt": receipt,
        "idempotencyKey": journey.key(f"use-{number}"),
    }
    redeemed = await journey.do("redeemCoupon", use, world.till)
    journey.is_told_once("CouponRedeemed", "redemptionId", redeemed["redemption"]["id"])
    return redeemed


@scenario("recordStockMovements", "setSafetyStock")
async def move_stock(journey: Journey) -> None:
    """Goods arrive and leave at another store."""
    world = journey.world
    movements = [
        {
            "skuId": sku_id,
            "storeId": world.other_store_id,
            "kind": kind,
            "quantity": quantity,
            "reference": f"{kind}-{journey.name}",
            "occurredAt": moment(),
        }
        for sku_id in world.sku_ids[:3]
        for kind, quantity in (("RECEIVE", 5), ("SELL", 3))
    ]
    await journey.do("recordStockMovements", {"movements": movements}, world.till)
    again = await journey.do("recordStockMovements", {"movements": movements}, world.till)
    if any(row["isNew"] or row["errors"] for row in again["rows"]):
        raise Fault(f"movements were recorded twice: {again}")
    safety = {"skuId": world.sku_ids[0], "storeId": world.other_store_id, "safety": 1}
    await journey.do("setSafetyStock", safety, world.till)
