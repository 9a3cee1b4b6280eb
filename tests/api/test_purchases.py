"""Purchases through GraphQL: as a till sends them, as the member sees them, as headquarters is shown them."""

from typing import Any

from app.offers.model import Benefit, BenefitKind, OfferVariant
from app.services import Services
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.api.callers import Caller
from tests.api.purchase_calls import a_campaign_input, a_receipt_input, a_return_input
from tests.arrangements import add_stores
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.offer_examples import a_published_offer


async def number_of(member: Caller) -> str:
    number: str = (await member.send("{ me { number } }"))["me"]["number"]
    return number


async def record(till: Caller, *receipts: dict[str, Any]) -> list[dict[str, Any]]:
    data = await till.send(TEXTS["record_purchases"], {"input": {"purchases": list(receipts)}})
    rows: list[dict[str, Any]] = data["recordPurchases"]["rows"]
    return rows


async def test_from_the_till_to_the_members_history(
    till: Caller,
    member: Caller,
    other_member: Caller,
    headquarters: Caller,
    database: Database,
    clock: MovableClock,
) -> None:
    store = a_store()
    await add_stores(database, store)
    receipt = a_receipt_input(store.id, clock, "0001", memberNumber=await number_of(member))
    (row,) = await record(till, receipt)
    assert (row["outcome"], row["pointsEarned"], row["errors"]) == ("RECORDED", 20, [])
    rows = await record(till, receipt, {**receipt, "lines": [{"amount": 1}], "total": 1})
    assert [row["outcome"] for row in rows] == ["REPEATED", "CONFLICTING"]
    assert rows[1]["errors"][0]["code"] == "RECEIPT_CONFLICTING"
    returned = a_return_input(receipt, "0002", [{"line": 1, "quantity": 1}])
    data = await till.send(TEXTS["record_returns"], {"input": {"returns": [returned, returned]}})
    assert [(row["outcome"], row["amount"], row["pointsTaken"]) for row in data["recordReturns"]["rows"]] == [
        ("RECORDED", 1_100, 10),
        ("REPEATED", 1_100, 10),
    ]
    (purchase,) = (await member.send(TEXTS["my_purchases"]))["me"]["purchases"]["nodes"]
    assert purchase["receiptNumber"] == "0001"
    assert purchase["store"]["id"] == encode_id("Store", store.id)
    assert (purchase["total"]["amount"], purchase["amountReturned"]["amount"]) == (2_203, 1_100)
    assert (purchase["pointsEarned"], purchase["storeDay"]) == (10, "2026-11-21")
    points = (await member.send("{ me { points { balance pending } } }"))["me"]["points"]
    assert points == {"balance": 0, "pending": 10}
    spending = (await member.send(TEXTS["my_spending"], {"by": "MONTH", "to": "2026-11-22T00:00:00Z"}))["me"]
    assert spending["spending"] == [
        {"key": "2026-11", "amount": {"amount": 1_103, "currency": "JPY"}, "purchases": 1}
    ]
    shown = (await member.send(TEXTS["purchase"], {"id": purchase["id"]}))["node"]
    assert [(line["name"], line["quantity"], line["returned"]) for line in shown["lines"]] == [
        ("タオル", 2, 1),
        ("レジ袋", 1, 0),
    ]
    assert [(each["amount"]["amount"], each["pointsTaken"]) for each in shown["returns"]] == [(1_100, 10)]
    for caller in (other_member, till, headquarters):
        assert (await caller.send(TEXTS["purchase"], {"id": purchase["id"]}))["node"] is None
    assert (await other_member.send(TEXTS["my_purchases"]))["me"]["purchases"]["nodes"] == []
    (conflict,) = (await headquarters.send(TEXTS["receipt_conflicts"]))["receiptConflicts"]["nodes"]
    assert (conflict["receiptNumber"], conflict["total"], conflict["times"]) == ("0001", 1, 1)


async def test_a_member_claims_the_receipt_in_her_hand(
    till: Caller, member: Caller, anonymous: Caller, database: Database, clock: MovableClock
) -> None:
    store = a_store()
    await add_stores(database, store)
    (row,) = await record(till, a_receipt_input(store.id, clock, "0001"))
    assert (row["outcome"], row["pointsEarned"]) == ("RECORDED", 0)
    node = "query ($id: ID!) { node(id: $id) { id } }"
    for caller in (anonymous, member, till):
        assert (await caller.send(node, {"id": row["purchaseId"]}))["node"] is None
    wanted = {"input": {"receiptNumber": "0001", "total": 2_203, "storeId": encode_id("Store", store.id)}}
    claimed = (await member.send(TEXTS["claim_purchase"], wanted))["claimPurchase"]
    assert claimed["purchase"]["pointsEarned"] == 20
    wrong = {"input": {"receiptNumber": "0001", "total": 2_204}}
    refused = (await member.send(TEXTS["claim_purchase"], wrong))["claimPurchase"]
    assert refused["errors"][0]["code"] == "CLAIM_NOT_FOUND"


async def test_headquarters_sets_what_purchases_earn(
    till: Caller, headquarters: Caller, member: Caller, database: Database, clock: MovableClock
) -> None:
    store = a_store()
    await add_stores(database, store)
    rules = {"input": {"yenPerPoint": 50, "countsTax": True}}
    assert "rules" in (await headquarters.send(TEXTS["set_point_rules"], rules))["setPointRules"]
    campaign = {"input": a_campaign_input(clock)}
    started = (await headquarters.send(TEXTS["start_point_campaign"], campaign))["startPointCampaign"]
    number = await number_of(member)
    (row,) = await record(till, a_receipt_input(store.id, clock, "0001", memberNumber=number))
    assert row["pointsEarned"] == 88  # 2,203 yen, a point for 50, doubled
    ended = {"input": {"campaignId": started["campaign"]["id"]}}
    assert "campaign" in (await headquarters.send(TEXTS["end_point_campaign"], ended))["endPointCampaign"]
    (row,) = await record(till, a_receipt_input(store.id, clock, "0002", memberNumber=number))
    assert row["pointsEarned"] == 44
    again = (await headquarters.send(TEXTS["end_point_campaign"], ended))["endPointCampaign"]
    assert again["errors"][0]["code"] == "POINT_CAMPAIGN_NOT_FOUND"
    shown = await headquarters.send(TEXTS["point_rules"])
    assert shown["pointRules"]["yenPerPoint"] == 50
    assert [each["percent"] for each in shown["pointCampaigns"]["nodes"]] == [200]


async def test_a_batch_has_bounds_and_a_bad_id_is_refused_in_its_row(
    till: Caller, services: Services, clock: MovableClock
) -> None:
    receipt = a_receipt_input("nowhere", clock, "0001")
    for batch in ([], [receipt] * 201):
        data = await till.send(TEXTS["record_purchases"], {"input": {"purchases": batch}})
        assert data["recordPurchases"]["errors"][0]["code"] == "BATCH_SIZE_INVALID"
    rows = await record(till, {**receipt, "storeId": "x"}, receipt)
    assert [row["errors"][0]["code"] for row in rows] == ["INVALID_ID", "STORE_NOT_FOUND"]


async def test_a_till_is_told_what_the_variants_of_an_offer_give(till: Caller, services: Services) -> None:
    names = {Language.JA: "2割引き", Language.EN: "A fifth off"}
    twice = OfferVariant("twice", 50, Benefit(BenefitKind.PERCENT, 20), names)
    plain = OfferVariant("points", 10, Benefit(BenefitKind.BONUS_POINTS, 100))
    await a_published_offer(services, variants=(twice, plain))
    (offer,) = (await till.send(TEXTS["pos_snapshot"]))["posSnapshot"]["offers"]
    assert offer["variants"] == [
        {
            "nameJa": "2割引き",
            "nameEn": "A fifth off",
            "benefit": {"kind": "PERCENT", "value": 20, "maximumDiscount": None},
        },
        {
            "nameJa": offer["nameJa"],
            "nameEn": offer["nameEn"],
            "benefit": {"kind": "BONUS_POINTS", "value": 100, "maximumDiscount": None},
        },
    ]
