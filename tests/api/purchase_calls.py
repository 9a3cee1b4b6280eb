"""What the official operations about purchases are given, by whoever calls them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.members.model import Member
from app.services import Services
from app.shared.clock import Clock, rfc3339
from app.stores.model import Store
from graphql_schema.node import encode_id
from tests.purchase_examples import POS, a_line, a_name, a_receipt

OF_TILLS = {"pos_snapshot", "record_purchases", "record_returns"}
OF_MEMBERS = {"claim_purchase", "my_purchases", "my_spending", "purchase"}
OF_HEADQUARTERS = {
    "end_point_campaign",
    "point_rules",
    "receipt_conflicts",
    "set_point_rules",
    "start_point_campaign",
}


def a_receipt_input(store_id: str, clock: Clock, number: str, **changes: Any) -> dict[str, Any]:
    """A receipt over two towels for 2,200 yen and a bag for 3."""
    return {
        "channel": "STORE",
        "storeId": encode_id("Store", store_id),
        "terminal": "till-1",
        "receiptNumber": number,
        "occurredAt": rfc3339(clock.now()),
        "lines": [{"name": "タオル", "quantity": 2, "amount": 2_200}, {"name": "レジ袋", "amount": 3}],
        "total": 2_203,
        **changes,
    }


def a_return_input(receipt: dict[str, Any], number: str, lines: list[dict[str, int]]) -> dict[str, Any]:
    """A return of these lines of the receipt, at the same till."""
    name = {field: receipt[field] for field in ("channel", "storeId", "terminal", "receiptNumber")}
    return {
        **name,
        "receiptNumber": number,
        "purchase": name,
        "occurredAt": receipt["occurredAt"],
        "lines": lines,
    }


def a_campaign_input(clock: Clock) -> dict[str, Any]:
    """A campaign that doubles points for a week."""
    return {
        "nameJa": "ポイント2倍",
        "nameEn": "Double points",
        "percent": 200,
        "startsAt": rfc3339(clock.now()),
        "endsAt": rfc3339(clock.now() + timedelta(days=7)),
    }


async def variables_of(
    name: str, services: Services, store: Store, member: Member, campaign_id: str
) -> dict[str, Any]:
    """The input of an operation that does all it can, in a shop where this was bought and that returned."""
    clock = services.clock
    known = a_receipt(store.id, clock.now(), a_line(2_200, quantity=2), member_number=member.number)
    (row,) = await services.purchases.record(POS, [known])
    anonymous = a_receipt(store.id, clock.now(), name=a_name(store.id, "claimed"))
    await services.purchases.record(POS, [anonymous])
    await services.purchases.record(POS, [replace(anonymous, total=1_200, lines=(a_line(1_200),))])
    bought = a_receipt_input(store.id, clock, "new", memberNumber=member.number, pointsUsed=10)
    name_of_known = {
        "channel": "STORE",
        "storeId": encode_id("Store", store.id),
        "terminal": known.name.terminal,
        "receiptNumber": known.name.receipt_number,
    }
    inputs: dict[str, dict[str, Any]] = {
        "record_purchases": {"purchases": [bought]},
        "record_returns": {
            "returns": [
                {
                    **name_of_known,
                    "receiptNumber": "return",
                    "purchase": name_of_known,
                    "occurredAt": rfc3339(clock.now()),
                    "lines": [{"line": 1, "quantity": 1}],
                }
            ]
        },
        "claim_purchase": {"receiptNumber": "claimed", "total": 1_100},
        "set_point_rules": {"yenPerPoint": 100, "rankRates": [{"rank": "GOLD", "percent": 150}]},
        "start_point_campaign": {**a_campaign_input(clock), "storeIds": [encode_id("Store", store.id)]},
        "end_point_campaign": {"campaignId": campaign_id},
    }
    if name == "purchase":
        assert row.purchase is not None
        return {"id": encode_id("Purchase", row.purchase.id)}
    if name == "my_spending":
        return {"by": "MONTH"}
    return {"input": inputs[name]} if name in inputs else {}
