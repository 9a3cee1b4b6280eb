"""Coupons through GraphQL: headquarters make an offer, a fitting member gets it, and a till takes it once."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.auth.partners import Scope
from app.services import Services
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller
from tests.api.offer_calls import terms_input
from tests.arrangements import add_catalog, add_stores
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_store

STORE = a_store()
STORE_ID = encode_id("Store", STORE.id)
PEN = {"skuId": encode_id("Sku", "pen"), "quantity": 1, "unitPrice": 1_000}


async def run(caller: Caller, name: str, variables: dict[str, Any]) -> Any:
    """The official operation's one answer, in English."""
    document = TEXTS[name]
    (answer,) = (await caller.send(document, variables, Accept_Language="en")).values()
    return answer


@pytest.fixture(autouse=True)
async def shop(database: Database, clock: MovableClock) -> None:
    """A shop at Umeda with the demo retailer's categories, at four in the afternoon."""
    await add_stores(database, STORE)
    await add_catalog(database)
    clock.advance(timedelta(hours=4))


@pytest.fixture
async def coupon_till(client: httpx.AsyncClient, services: Services) -> Caller:
    partner, _ = await services.partners.create("Till", [Scope.COUPONS_REDEEM])
    return Caller(client, services.partners.grant(partner, None).token.text)


async def check_in(caller: Caller, clock: MovableClock, key: str = "visit-key-01") -> Any:
    location = {
        "latitude": UMEDA.latitude,
        "longitude": UMEDA.longitude,
        "accuracyMeters": 10,
        "measuredAt": clock.now().isoformat(),
    }
    document = """
      mutation ($input: CheckInInput!) {
        checkIn(input: $input) {
          ... on CheckedIn { coupons { id state code why { text reasons { kind text } } offer { name } } }
        }
      }
    """
    given = {"input": {"storeId": STORE_ID, "location": location, "idempotencyKey": key}}
    return (await caller.send(document, given, Accept_Language="en"))["checkIn"]["coupons"]


async def publish(headquarters: Caller, **changes: Any) -> str:
    saved = await run(headquarters, "create_offer", {"input": {"terms": terms_input(STORE.id, **changes)}})
    offer_id: str = saved["offer"]["id"]
    published = await run(headquarters, "publish_offer", {"input": {"offerId": offer_id}})
    assert published["offer"]["state"] == "ACTIVE"
    return offer_id


async def love_stationery(caller: Caller) -> None:
    done = await run(caller, "update_profile", {"input": {"favouriteCategories": ["stationery"]}})
    assert done["__typename"] == "ProfileUpdated"


def used(coupon: dict[str, Any], key: str, **receipt: Any) -> dict[str, Any]:
    lines = {"terminal": "1", "number": key, "lines": [PEN], **receipt}
    return {
        "input": {
            "code": coupon["code"],
            "storeId": STORE_ID,
            "receipt": lines,
            "idempotencyKey": f"key-{key}",
        }
    }


async def test_stationery_lovers_get_their_coupon_and_use_it_once(
    headquarters: Caller, member: Caller, other_member: Caller, coupon_till: Caller, clock: MovableClock
) -> None:
    offer_id = await publish(headquarters, scope={})
    await love_stationery(member)
    assert (await run(headquarters, "preview_offer", {"offerId": offer_id}))["eligible"] == 0
    assert await check_in(other_member, clock) == []
    (coupon,) = await check_in(member, clock)
    assert (await run(headquarters, "preview_offer", {"offerId": offer_id}))["eligible"] == 1
    assert coupon["why"]["text"] == (
        "Thank you for coming to Koharu Umeda; you often look for Stationery; you are near Koharu Umeda; "
        "it is between 15 and 18 o'clock; valid at 15:00–18:00"
    )
    assert await check_in(member, clock) == [coupon]
    (seen,) = (await run(member, "my_coupons", {"usableAt": {"storeId": STORE_ID}}))["coupons"]["nodes"]
    assert seen["code"] == coupon["code"]
    redeemed = await run(coupon_till, "redeem_coupon", used(coupon, "R-00001"))
    assert redeemed["redemption"]["discount"] == {"amount": 100}
    assert redeemed["lineDiscounts"] == [{"line": 1, "discount": {"amount": 100}}]
    again = await run(coupon_till, "redeem_coupon", used(coupon, "R-00002"))
    assert again["errors"] == [
        {"code": "COUPON_USED", "message": "Used at Koharu Umeda on 21 November.", "path": None}
    ]
    back = {
        "redemptionId": redeemed["redemption"]["id"],
        "idempotencyKey": "rollback-1",
        "reason": "returned",
    }
    assert (await run(coupon_till, "rollback_redemption", {"input": back}))["redemption"][
        "state"
    ] == "ROLLED_BACK"
    redeemed = await run(coupon_till, "redeem_coupon", used(coupon, "R-00003"))
    assert redeemed["redemption"]["state"] == "REDEEMED"


async def test_usability_says_in_words_what_is_missing(
    headquarters: Caller, member: Caller, clock: MovableClock
) -> None:
    scope = {"categoryIds": [encode_id("Category", "food")], "minimumBasket": 1_200}
    await publish(headquarters, scope=scope, issuedIf=None, distribution="CHECK_IN")
    (coupon,) = await check_in(member, clock)
    variables = {"id": coupon["id"], "storeId": STORE_ID, "lines": [PEN]}
    usability = (await run(member, "coupon_usability", variables))["usability"]
    assert usability["isUsable"] is False
    ((obstacle),) = usability["obstacles"]
    assert (obstacle["code"], obstacle["message"][:21]) == (
        "COUPON_BASKET_TOO_SMALL",
        "Buy ¥1,200 more of Fo",
    )


async def test_codes_are_made_by_headquarters_and_claimed_by_members(
    headquarters: Caller, member: Caller, other_member: Caller
) -> None:
    offer_id = await publish(headquarters, issuedIf=None, distribution="UNIQUE_CODES")
    wish = {"offerId": offer_id, "quantity": 2, "idempotencyKey": "codes-key-01"}
    codes = (await run(headquarters, "create_coupon_codes", {"input": wish}))["codes"]
    claim = {"input": {"code": codes[0], "idempotencyKey": "claim-key-01"}}
    claimed = await run(member, "claim_offer", claim)
    assert (await run(member, "claim_offer", claim))["coupon"] == claimed["coupon"]
    refused = await run(other_member, "claim_offer", claim)
    assert [error["code"] for error in refused["errors"]] == ["COUPON_CODE_INVALID"]


async def test_a_coupon_is_nothing_to_others(
    headquarters: Caller, member: Caller, other_member: Caller, coupon_till: Caller, clock: MovableClock
) -> None:
    await publish(headquarters, issuedIf=None)
    (coupon,) = await check_in(member, clock)
    document = "query ($id: ID!) { node(id: $id) { id } }"
    assert (await member.send(document, {"id": coupon["id"]}))["node"] == {"id": coupon["id"]}
    for stranger in (other_member, coupon_till, headquarters):
        assert await stranger.send(document, {"id": coupon["id"]}) == {"node": None}


async def test_a_bad_node_of_a_condition_is_named_by_its_path(headquarters: Caller) -> None:
    deep: dict[str, Any] = {"isBirthdayMonth": True}
    for _ in range(6):
        deep = {"not": deep}
    bad = {"all": [{"isBirthdayMonth": True}, {"any": [{"seenWithinDays": 0}]}, deep]}
    saved = await run(headquarters, "create_offer", {"input": {"terms": terms_input(STORE.id, issuedIf=bad)}})
    ((error),) = saved["errors"]
    assert error["code"] == "CONDITION_INVALID"
    assert error["path"][:5] == ["input", "terms", "issuedIf", "all", "2"]
    shallow = {"all": [{"any": [{"seenWithinDays": 0}]}]}
    terms = terms_input(STORE.id, issuedIf=shallow)
    ((error),) = (await run(headquarters, "create_offer", {"input": {"terms": terms}}))["errors"]
    assert error["path"] == ["input", "terms", "issuedIf", "all", "0", "any", "0"]
    both = {"isBirthdayMonth": True, "milesAtLeast": 1}
    answer = (await headquarters.post(
        TEXTS["create_offer"],
        {"input": {"terms": terms_input(STORE.id, issuedIf=both)}},
    )).json()  # fmt: skip
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_offers_and_segments_are_listed_for_headquarters(headquarters: Caller) -> None:
    names = {"ja": "常連", "en": "Regulars"}
    condition = {"visitsAtLeast": {"times": 5, "days": 30}}
    segment = {"code": "regulars", "names": names, "condition": condition}
    await run(headquarters, "define_segment", {"input": segment})
    offer_id = await publish(headquarters, issuedIf={"not": {"inSegment": "regulars"}})
    await run(headquarters, "pause_offer", {"input": {"offerId": offer_id}})
    document = """
      { offers { nodes { id state issuedIf { kind conditions { kind values { name value } } } } }
        segments { code name condition { kind values { name value } } } }
    """
    found = await headquarters.send(document, Accept_Language="en")
    assert found["offers"]["nodes"] == [
        {
            "id": offer_id,
            "state": "PAUSED",
            "issuedIf": {
                "kind": "Not",
                "conditions": [{"kind": "InSegment", "values": [{"name": "segment", "value": "regulars"}]}],
            },
        }
    ]
    assert found["segments"][0]["name"] == "Regulars"
    assert key_of(offer_id, "Offer", [])


async def test_headquarters_see_what_an_offer_brought_and_members_do_not(
    headquarters: Caller, member: Caller, clock: MovableClock
) -> None:
    variants = [{"name": "twice", "percent": 100, "benefit": {"percent": 20}}]
    offer_id = await publish(
        headquarters, issuedIf=None, distribution="RULE", moments=["CHECK_IN"], variants=variants
    )
    (coupon,) = await check_in(member, clock)
    assert await check_in(member, clock) == [coupon]
    (shown,) = (await run(member, "my_coupons", {}))["coupons"]["nodes"]
    assert shown["offer"]["benefit"]["text"] == "20 % off"
    report = await run(headquarters, "offer_report", {"offerId": offer_id})
    assert (report["issued"], report["seen"], report["redeemed"]) == (1, 1, 0)
    assert [(each["name"], each["issued"]) for each in report["variants"]] == [(None, 0), ("twice", 1)]
    assert report["revenueEffect"] is None
    document = TEXTS["offer_report"]
    (error,) = await member.errors(document, {"offerId": offer_id})
    assert error["extensions"]["code"] == "FORBIDDEN"
