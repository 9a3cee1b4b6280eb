"""The official operations of offers, each with an offer at the point where it does all it can."""

from typing import Any

from app.offers.model import OfferMove
from app.services import Services
from graphql_schema.node import encode_id
from tests.offer_examples import a_published_offer, some_terms

OF_HEADQUARTERS = {
    "create_offer",
    "define_segment",
    "end_offer",
    "offers",
    "pause_offer",
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
    if name == "publish_offer":
        offer = await services.offers.create(some_terms())
    else:
        offer = await a_published_offer(services)
    if name == "resume_offer":
        await services.offers.move(offer.id, OfferMove.PAUSE)
    given: dict[str, Any] = {"offerId": encode_id("Offer", offer.id)}
    if name == "update_offer":
        terms = terms_input(store_id, distribution="CLAIM")
        given |= {"version": 1, "terms": terms}
    return {"input": given}
