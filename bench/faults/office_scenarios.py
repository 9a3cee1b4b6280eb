"""What headquarters and store managers decide."""

from typing import Any

from bench.faults.caller import Fault
from bench.faults.journey import Journey, scenario
from bench.faults.world import moment, news_draft, offer_terms

WHITE = {"ja": "白", "en": "White"}


@scenario(
    "createOffer", "updateOffer", "publishOffer", "pauseOffer", "resumeOffer", "createCouponCodes", "endOffer"
)
async def run_an_offer(journey: Journey) -> None:
    """An offer from its draft to its end."""
    headquarters = journey.world.headquarters
    terms = offer_terms(distribution="UNIQUE_CODES")
    wanted = {"terms": terms, "idempotencyKey": journey.key("offer")}
    offer = (await journey.do("createOffer", wanted, headquarters))["offer"]
    if (await journey.do("createOffer", wanted, headquarters))["offer"]["id"] != offer["id"]:
        raise Fault(f"the offer {offer['id']} has a second draft")
    about = {"offerId": offer["id"]}
    update = {**about, "version": offer["version"], "terms": {**terms, "benefit": {"amount": 200}}}
    await journey.do("updateOffer", update, headquarters, {"OFFER_CHANGED"})
    await journey.do("publishOffer", about, headquarters, {"OFFER_MOVE_ILLEGAL"})
    codes = {**about, "quantity": 10, "idempotencyKey": journey.key("codes")}
    made = await journey.do("createCouponCodes", codes, headquarters)
    again = await journey.do("createCouponCodes", codes, headquarters)
    if made["codes"] != again["codes"]:
        raise Fault(f"the offer {offer['id']} has more codes than were wanted")
    await journey.do("pauseOffer", about, headquarters, {"OFFER_MOVE_ILLEGAL"})
    await journey.do("resumeOffer", about, headquarters, {"OFFER_MOVE_ILLEGAL"})
    await journey.do("endOffer", about, headquarters, {"OFFER_MOVE_ILLEGAL"})
    journey.is_told_once("OfferPublished", "offerId", offer["id"])
    journey.is_told_once("OfferEnded", "offerId", offer["id"])


@scenario("defineSegment", "setPointRules", "startPointCampaign", "endPointCampaign")
async def set_rules(journey: Journey) -> None:
    """A segment, the same rules for points again, and a campaign that touches no scenario's points."""
    headquarters = journey.world.headquarters
    condition = {"visitsAtLeast": {"times": 5, "days": 30}}
    names = {"ja": "常連", "en": "Regulars"}
    segment = {"code": f"s-{journey.name}".lower(), "names": names, "condition": condition}
    await journey.do("defineSegment", segment, headquarters)
    await journey.do("setPointRules", {"yenPerPoint": 100}, headquarters)
    campaign = {
        "nameJa": "ポイント2倍",
        "nameEn": "Double points",
        "percent": 200,
        "startsAt": moment(),
        "endsAt": moment(days=1),
        "channels": ["MARKETPLACE"],
        "idempotencyKey": journey.key("campaign"),
    }
    started = await journey.do("startPointCampaign", campaign, headquarters)
    again = await journey.do("startPointCampaign", campaign, headquarters)
    if started["campaign"]["id"] != again["campaign"]["id"]:
        raise Fault(f"the campaign of journey {journey.name} runs twice")
    about = {"campaignId": started["campaign"]["id"]}
    await journey.do("endPointCampaign", about, headquarters, {"POINT_CAMPAIGN_NOT_FOUND"})


@scenario("publishNews", "withdrawNews")
async def tell_news(journey: Journey) -> None:
    """News that is taken back."""
    headquarters = journey.world.headquarters
    news = {
        **news_draft(),
        "storeIds": [journey.world.other_store_id],
        "idempotencyKey": journey.key("news"),
    }
    first = await journey.do("publishNews", news, headquarters)
    again = await journey.do("publishNews", news, headquarters)
    news_id = first["published"]["news"]["id"]
    if news_id != again["published"]["news"]["id"]:
        raise Fault(f"the news {news_id} was published twice")
    await journey.do("withdrawNews", {"newsId": news_id}, headquarters, {"NEWS_NOT_FOUND"})


@scenario("upsertCategories", "upsertProducts")
async def change_the_catalog(journey: Journey) -> None:
    """A category and a product of it."""
    code = journey.name[-10:].lower()
    category = {"code": f"c-{code}", "name": {"ja": "照明", "en": "Lighting"}, "kana": "しょうめい"}
    categories = await journey.do("upsertCategories", {"categories": [category]}, journey.world.till)
    product = {
        "code": f"P-{code}",
        "name": {"ja": "ちょうちん", "en": "Lantern"},
        "kana": "ちょうちん",
        "brand": "Akari",
        "categoryCode": category["code"],
        "description": {"ja": "", "en": ""},
        "skus": [
            {
                "code": f"P-{code}-S",
                "jan": _jan(journey),
                "price": {"amount": 1_200},
                "colour": WHITE,
                "size": "S",
            }
        ],
    }
    products = await journey.do("upsertProducts", {"products": [product]}, journey.world.till)
    for row in (*categories["rows"], *products["rows"]):
        if row["errors"]:
            raise Fault(f"a row is refused: {row}")


def _jan(journey: Journey) -> str:
    """A number of 13 digits with its check digit."""
    digits = f"29{journey.world.chance.randrange(10**10):010}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)


@scenario("placeBeacon", "removeBeacon")
async def move_a_beacon(journey: Journey) -> None:
    """A beacon is hung up and taken down."""
    world = journey.world
    number = world.chance.randrange(2**32)
    key = {
        "uuid": f"6f3a1f3e-6f0a-4b0e-9a55-{world.chance.randrange(16**12):012x}",
        "major": number % 65_536,
        "minor": number // 65_536,
        "storeId": world.store_id,
    }
    await journey.do("placeBeacon", key, world.manager)
    await journey.do("removeBeacon", key, world.manager, {"BEACON_ELSEWHERE"})


@scenario("changePickupPolicy", "pauseOrders")
async def pause_a_counter(journey: Journey) -> None:
    """Another store changes how it works, and takes no orders for a while."""
    world = journey.world
    about = {"storeId": world.other_store_id}
    policy: dict[str, Any] = (await journey.read("pickup_policy", about, world.headquarters))["pickupPolicy"]
    change = {**about, "version": policy["version"], "graceMinutes": 60 + policy["version"] % 60}
    try:
        await journey.do("changePickupPolicy", change, world.headquarters, {"PICKUP_POLICY_CHANGED"})
    except Fault as fault:
        # Another caller may have been first, and then nothing is lost but this wish.
        if "PICKUP_POLICY_CHANGED" not in str(fault):
            raise
    await journey.do("pauseOrders", {**about, "minutes": 20}, world.headquarters)
