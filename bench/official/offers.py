"""What is asked about offers and coupons, by members, tills and headquarters."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.coupons.baskets import BasketItem
from app.coupons.model import Coupon
from app.coupons.till import Receipt
from app.offers.model import Distribution, OfferMove
from app.shared.clock import rfc3339
from bench.house import House
from bench.official.calls import Made, OfficialOperation, by_customer, by_headquarters, by_partner, nothing
from bench.regulars import Customer
from graphql_schema.node import encode_id

UNIT_PRICE = 1_000


def terms_input(house: House) -> dict[str, Any]:
    """10 % off stationery for who likes it and is near the store in the afternoon."""
    near = {"nearStore": {"storeId": encode_id("Store", house.store.id), "radiusMeters": 1_000}}
    lovers = {"interestedInCategory": encode_id("Category", "stationery")}
    return {
        "names": {"ja": "文具好きの方へ", "en": "For stationery lovers"},
        "descriptions": {"ja": "", "en": ""},
        "benefit": {"percent": 10},
        "distribution": "CLAIM",
        "startsAt": rfc3339(house.now - timedelta(days=1)),
        "endsAt": rfc3339(house.now + timedelta(days=30)),
        "scope": {"categoryIds": [encode_id("Category", "stationery")]},
        "usableWhen": {"fromMinute": 900, "untilMinute": 1_080},
        "limits": {"perMemberADay": 1, "budget": 50_000},
        "issuedIf": {"all": [lovers, near, {"betweenHours": {"fromHour": 15, "untilHour": 18}}]},
    }


def lines_input(house: House) -> list[dict[str, Any]]:
    return [{"skuId": encode_id("Sku", house.goods[0]), "quantity": 1, "unitPrice": UNIT_PRICE}]


async def create_offer(house: House, customer: Customer) -> Made:
    return {"input": {"terms": terms_input(house)}}


async def update_offer(house: House, customer: Customer) -> Made:
    offer_id = encode_id("Offer", (await house.offer(is_published=False)).id)
    return {"input": {"offerId": offer_id, "version": 1, "terms": terms_input(house)}}


async def of_draft(house: House, customer: Customer) -> Made:
    return {"input": {"offerId": encode_id("Offer", (await house.offer(is_published=False)).id)}}


async def of_published(house: House, customer: Customer) -> Made:
    return {"input": {"offerId": encode_id("Offer", (await house.offer()).id)}}


async def of_paused(house: House, customer: Customer) -> Made:
    offer = await house.offer()
    await house.services.offers.move(offer.id, OfferMove.PAUSE)
    return {"input": {"offerId": encode_id("Offer", offer.id)}}


async def about_an_offer(house: House, customer: Customer) -> Made:
    return {"offerId": encode_id("Offer", (await house.claimed_offer()).id)}


async def define_segment(house: House, customer: Customer) -> Made:
    condition = {"visitsAtLeast": {"times": 5, "days": 30}}
    names = {"ja": "常連", "en": "Regulars"}
    code = f"regulars{next(house.numbers)}"
    return {"input": {"code": code, "names": names, "condition": condition}}


async def create_coupon_codes(house: House, customer: Customer) -> Made:
    offer = await house.offer(Distribution.UNIQUE_CODES)
    offer_id = encode_id("Offer", offer.id)
    return {"input": {"offerId": offer_id, "quantity": 10, "idempotencyKey": house.key()}}


async def claim_offer(house: House, customer: Customer) -> Made:
    offer = await house.claimed_offer()
    return {"input": {"offerId": encode_id("Offer", offer.id), "idempotencyKey": house.key()}}


async def coupon_of(house: House, customer: Customer) -> Coupon:
    offer = await house.claimed_offer()
    return await house.services.coupons.issuing.claim(customer.id, offer.id, None, house.key())


async def my_coupons(house: House, customer: Customer) -> Made:
    await coupon_of(house, customer)
    return {}


async def coupon_usability(house: House, customer: Customer) -> Made:
    coupon, store_id = await coupon_of(house, customer), encode_id("Store", house.store.id)
    return {"id": encode_id("Coupon", coupon.id), "storeId": store_id, "lines": lines_input(house)}


async def redeem_coupon(house: House, customer: Customer) -> Made:
    coupon = await coupon_of(house, customer)
    wish = {
        "code": coupon.code,
        "storeId": encode_id("Store", house.store.id),
        "receipt": {"terminal": "1", "number": coupon.id, "lines": lines_input(house)},
        "idempotencyKey": house.key(),
    }
    return {"input": wish}


async def rollback_redemption(house: House, customer: Customer) -> Made:
    coupon = await coupon_of(house, customer)
    receipt = Receipt("1", coupon.id, (BasketItem(house.goods[0], 1, UNIT_PRICE),))
    till = (await house.partner()).actor
    redeemed = await house.services.coupons.till.redeem(
        till, coupon.code, house.store.id, receipt, house.key()
    )
    redemption_id = encode_id("Redemption", redeemed.redemption.id)
    return {"input": {"redemptionId": redemption_id, "idempotencyKey": house.key()}}


OPERATIONS: Mapping[str, OfficialOperation] = {
    "claim_offer": by_customer(claim_offer),
    "coupon_usability": by_customer(coupon_usability),
    "create_coupon_codes": by_headquarters(create_coupon_codes),
    "create_offer": by_headquarters(create_offer),
    "define_segment": by_headquarters(define_segment),
    "end_offer": by_headquarters(of_published),
    "my_coupons": by_customer(my_coupons),
    "offer_report": by_headquarters(about_an_offer),
    "offers": by_headquarters(nothing),
    "pause_offer": by_headquarters(of_published),
    "preview_offer": by_headquarters(about_an_offer),
    "publish_offer": by_headquarters(of_draft),
    "redeem_coupon": by_partner(redeem_coupon),
    "resume_offer": by_headquarters(of_paused),
    "rollback_redemption": by_partner(rollback_redemption),
    "segments": by_headquarters(nothing),
    "update_offer": by_headquarters(update_offer),
}
