"""Partners made and changed by headquarters through the API."""

import base64

import httpx

from app.services import Services
from app.shared.mongodb.database import Database
from graphql_schema.node import encode_id
from tests.api.callers import Caller, run
from tests.arrangements import add_stores
from tests.examples import a_store

STORE, OTHER = encode_id("Store", "store-1"), encode_id("Store", "store-2")


async def token_of(client: httpx.AsyncClient, client_id: str, secret: str) -> httpx.Response:
    credentials = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return await client.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {credentials}"},
    )


async def test_a_till_from_its_first_secret_to_its_end(
    headquarters: Caller, member: Caller, database: Database
) -> None:
    client = headquarters.client
    await add_stores(database, a_store(id="store-1"), a_store(id="store-2"))
    wish = {"name": "Till", "scopes": ["CARDS_VERIFY"], "channels": ["STORE"], "storeIds": [STORE]}
    made = await run(headquarters, "create_partner", wish)
    partner = made["partner"]
    assert (partner["scopes"], partner["channels"]) == (["CARDS_VERIFY"], ["STORE"])
    assert [store["id"] for store in partner["stores"]] == [STORE]
    answer = (await token_of(client, partner["clientId"], made["clientSecret"])).json()
    till = Caller(client, answer["access_token"])
    assert (await run(till, "viewer"))["id"] == partner["id"]

    card = (await member.send("{ me { card { code { currentCode } } } }"))["me"]["card"]
    scan = {"code": card["code"]["currentCode"], "idempotencyKey": "scan-0001"}
    for place in ({}, {"storeId": OTHER}):
        assert (await run(till, "verify_card", {**scan, **place}))["errors"][0]["code"] == "STORE_NOT_ALLOWED"
    assert (await run(till, "verify_card", {**scan, "storeId": STORE}))["__typename"] == "CardVerified"

    update = {"partnerId": partner["id"], "scopes": ["SCHEMA_READ"], "storeIds": None}
    updated = (await run(headquarters, "update_partner", update))["partner"]
    assert updated == {**updated, "name": "Till", "channels": ["STORE"], "stores": None}
    (error,) = await till.errors(
        'mutation { verifyCard(input: {code: "x", idempotencyKey: "scan-0002"}) { __typename } }'
    )
    assert error["extensions"]["code"] == "FORBIDDEN"

    second = (await run(headquarters, "rotate_partner_secret", {"partnerId": partner["id"]}))["clientSecret"]
    for secret in (made["clientSecret"], second):
        assert (await token_of(client, partner["clientId"], secret)).status_code == 200
    (listed,) = (await run(headquarters, "partners"))["nodes"]
    assert (listed["id"], listed["clientId"]) == (partner["id"], partner["clientId"])

    removed = await run(headquarters, "remove_partner", {"partnerId": partner["id"]})
    assert removed["partnerId"] == partner["id"]
    assert (await till.post("{ viewer { __typename } }")).status_code == 401
    assert (await token_of(client, partner["clientId"], second)).status_code == 401
    for operation in ("remove_partner", "rotate_partner_secret", "update_partner"):
        answer = await run(headquarters, operation, {"partnerId": partner["id"]})
        assert answer["errors"][0]["code"] == "PARTNER_NOT_FOUND"


async def test_null_leaves_name_and_scopes_and_an_empty_name_is_refused(
    headquarters: Caller, services: Services
) -> None:
    partner, _ = await services.partners.create("Till", [])
    partner_id = encode_id("Partner", partner.id)
    same = await run(headquarters, "update_partner", {"partnerId": partner_id, "name": None, "scopes": None})
    assert (same["partner"]["name"], same["partner"]["scopes"]) == ("Till", [])
    refused = await run(headquarters, "update_partner", {"partnerId": partner_id, "name": ""})
    assert refused["errors"][0]["code"] == "NAME_INVALID"


async def test_a_partner_is_limited_to_stores_that_exist(headquarters: Caller, services: Services) -> None:
    nowhere = {"name": "Till", "scopes": [], "storeIds": [STORE]}
    assert (await run(headquarters, "create_partner", nowhere))["errors"][0]["code"] == "STORE_NOT_FOUND"
    garbage = {**nowhere, "storeIds": ["garbage"]}
    assert (await run(headquarters, "create_partner", garbage))["errors"][0]["code"] == "INVALID_ID"
    assert await services.partners.all() == []
