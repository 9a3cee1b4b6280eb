"""Wishes with an idempotency key that are sent again, by official operations and by other documents."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.auth.roles import Role
from app.services import Services
from app.shared.mongodb.database import Database
from graphql_schema.node import encode_id
from tests.api.callers import Caller, run, staff_of
from tests.api.offer_calls import terms_input
from tests.arrangements import add_stores
from tests.examples import a_store
from tests.webhook_arrangements import a_listener

KEY = "key-of-a-wish-that-is-made-once"
STORE = encode_id("Store", "store-1")
LOYAL = [{"rankAtLeast": "GOLD"}, {"not": {"newWithinDays": 7}}]
DOCUMENT = """
mutation ($input: %s!) {
  %s(input: $input) { ... on Rejected { errors { code } } ... on %s }
}
"""


@dataclass(frozen=True)
class Wish:
    """An official operation, what another document selects of the same field, its input, and another one."""

    operation: str
    field: str
    selection: str
    given: dict[str, Any]
    other: dict[str, Any]

    @property
    def document(self) -> str:
        return DOCUMENT % (f"{self.field[0].upper()}{self.field[1:]}Input", self.field, self.selection)


WISHES = [
    Wish(
        "create_offer",
        "createOffer",
        "OfferSaved { offer { id } }",
        {"terms": terms_input("store-1", scope={}, issuedIf={"all": LOYAL})},
        {"terms": terms_input("store-1", scope={}, issuedIf={"any": LOYAL})},
    ),
    Wish(
        "start_point_campaign",
        "startPointCampaign",
        "PointCampaignStarted { campaign { id } }",
        {
            "nameJa": "2倍",
            "nameEn": "Double points",
            "percent": 200,
            "channels": ["STORE", "ONLINE"],
            "startsAt": "2026-11-21T00:00:00Z",
            "endsAt": "2026-11-28T00:00:00Z",
        },
        {"endsAt": "2026-11-29T00:00:00Z"},
    ),
    Wish(
        "create_partner",
        "createPartner",
        "PartnerCreated { clientSecret }",
        {"name": "Till", "scopes": ["CARDS_VERIFY"], "storeIds": [STORE]},
        {"scopes": ["CARDS_VERIFY", "STOCK_WRITE"]},
    ),
    Wish(
        "create_webhook_endpoint",
        "createWebhookEndpoint",
        "WebhookEndpointCreated { secret }",
        {"url": "https://crm.example/", "eventTypes": ["CheckedIn"]},
        {"url": "https://crm.example/another"},
    ),
    Wish(
        "create_enrolment_code",
        "createEnrolmentCode",
        "EnrolmentCodeCreated { code }",
        {"deviceName": "Counter 1"},
        {"storeId": STORE},
    ),
]


@pytest.mark.parametrize("wish", WISHES, ids=lambda each: each.field)
async def test_a_wish_is_done_once_however_it_is_sent(
    client: httpx.AsyncClient, headquarters: Caller, services: Services, database: Database, wish: Wish
) -> None:
    await add_stores(database, a_store(id="store-1"))
    given = wish.given
    if wish.field == "createWebhookEndpoint":
        partner = await a_listener(services)
        given = {**given, "partnerId": encode_id("Partner", partner.partner_id)}
    keyed = {**given, "idempotencyKey": KEY}
    first = made_in(await run(headquarters, wish.operation, keyed))
    again = await headquarters.send(wish.document, {"input": keyed})
    assert made_in(again)
    assert made_in(again) <= first
    assert made_in(await run(headquarters, wish.operation, keyed)) == first

    refused = await run(headquarters, wish.operation, {**keyed, **wish.other})
    assert [each["code"] for each in refused["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]

    colleague = await staff_of(client, services, database, Role.HEADQUARTERS, None)
    for caller, other in ((colleague, keyed), (headquarters, given), (headquarters, given)):
        another = made_in(await run(caller, wish.operation, other)) - {STORE}
        assert another
        assert another.isdisjoint(first)
        first |= another


def made_in(answer: Any) -> set[str]:
    """The ids and secrets in an answer."""
    if not isinstance(answer, dict):
        return set()
    own = {answer[name] for name in ("id", "secret", "clientSecret", "code") if name in answer}
    return own.union(*(made_in(each) for each in answer.values()))
