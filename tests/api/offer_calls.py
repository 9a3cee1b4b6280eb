"""The official operations of offers, each with an offer at the point where it does all it can."""

from typing import Any

from app.auth.actor import PartnerActor
from app.coupons.baskets import BasketItem
from app.coupons.till import Receipt
from app.offers.model import Distribution, OfferMove
from app.services import Services
from graphql_schema.node import encode_id
from tests.offer_examples import a_published_offer, some_terms

OF_HEADQUARTERS = {
    "create_coupon_codes",
    "create_offer",
    "define_segment",
    "end_offer",
    "offer_report",
    "offers",
    "pause_offer",
    "preview_offer",
    "publish_offer",
    "resume_offer",
    "segments",
    "update_offer",
}


def terms_input(store_id: str, **changes: Any) -> dict[str, Any]:
    """Stationery lovers, 15 to 18 o'clock, within 1 km of the store, 10 %, 50,000 yen in all, one a day."""
    near = {"nearStore": {"storeId": encode_id("Store", store_id), "radiusMeters": 1_000}}
    lovers = {"interestedInCategory": encode_id("Category", "stationery")}
    return {
        "names": {"ja": "文具好きの方へ", "en": "For stationery lovers"},
        "descriptions": {"ja": "", "en": ""},
        "benefit": {"percent": 10},
        "distribution": "CHECK_IN",
        "startsAt": "2026-11-20T15:00:00Z",
        "endsAt": "2026-12-20T15:00:00Z",
        "scope": {"categoryIds": [encode_id("Category", "stationery")]},
        "usableWhen": {"fromMinute": 900, "untilMinute": 1_080},
        "limits": {"perMemberADay": 1, "budget": 50_000},
        "issuedIf": {"all": [lovers, near, {"betweenHours": {"fromHour": 15, "untilHour": 18}}]},
        **changes,
    }


async def variables_of(name: str, services: Services, store_id: str) -> dict[str, Any]:
    """The variables of an operation, and the offer that it is about."""
    if name in {"offers", "segments"}:
        return {}
    if name == "create_offer":
        return {"input": {"terms": terms_input(store_id)}}
    if name == "define_segment":
        names = {"ja": "常連", "en": "Regulars"}
        condition = {"visitsAtLeast": {"times": 5, "days": 30}}
        return {"input": {"code": "regulars", "names": names, "condition": condition}}
    if name == "create_coupon_codes":
        offer = await a_published_offer(services, distribution=Distribution.UNIQUE_CODES)
        key = "codes-key-01"
        return {"input": {"offerId": encode_id("Offer", offer.id), "quantity": 10, "idempotencyKey": key}}
    if name == "publish_offer":
        offer = await services.offers.create(some_terms())
    else:
        offer = await a_published_offer(services)
    if name == "resume_offer":
        await services.offers.move(offer.id, OfferMove.PAUSE)
    if name in {"offer_report", "preview_offer"}:
        return {"offerId": encode_id("Offer", offer.id)}
    given: dict[str, Any] = {"offerId": encode_id("Offer", offer.id)}
    if name == "update_offer":
        terms = terms_input(store_id, distribution="CLAIM")
        given |= {"version": 1, "terms": terms}
    return {"input": given}


OF_MEMBERS = {"claim_offer", "coupon_usability", "my_coupons"}
OF_CLERKS = {"redeem_coupon", "rollback_redemption"}


async def coupon_variables_of(name: str, services: Services, member_id: str, store_id: str) -> dict[str, Any]:
    """The variables of an operation of coupons, for a member who has claimed one where that is needed."""
    offer = await a_published_offer(services)
    if name == "claim_offer":
        return {"input": {"offerId": encode_id("Offer", offer.id), "idempotencyKey": "claim-key-01"}}
    coupon = await services.coupons.issuing.claim(member_id, offer.id, None, "claim-key-01")
    store = encode_id("Store", store_id)
    lines = [{"skuId": encode_id("Sku", "sku"), "quantity": 1, "unitPrice": 1_000}]
    if name == "coupon_usability":
        return {"id": encode_id("Coupon", coupon.id), "storeId": store, "lines": lines}
    if name == "my_coupons":
        return {}
    if name == "redeem_coupon":
        receipt = {"terminal": "1", "number": "1", "lines": lines}
        key = "redeem-key-1"
        return {"input": {"code": coupon.code, "storeId": store, "receipt": receipt, "idempotencyKey": key}}
    receipt = Receipt("1", "1", (BasketItem("sku", 1, 1_000),))
    clerk = PartnerActor("till", frozenset())
    redeemed = await services.coupons.till.redeem(clerk, coupon.code, store_id, receipt, "redeem-key-1")
    redemption_id = encode_id("Redemption", redeemed.redemption.id)
    return {"input": {"redemptionId": redemption_id, "idempotencyKey": "rollback-key"}}
