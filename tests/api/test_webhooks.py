"""Events and webhooks through the API, as a partner and headquarters look after them."""

import json
from typing import Any

import httpx
import pytest

from app.auth.partners import Scope
from app.services import Services
from app.shared.clock import rfc3339
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.api.callers import Caller, run
from tests.arrangements import add_stores
from tests.conftest import MovableClock
from tests.examples import UMEDA, a_store
from tests.listeners import Receiver, closed_port, listening
from tests.webhook_arrangements import machinery

UNWANTED = b"HTTP/1.1 503 Later\r\nContent-Length: 5\r\n\r\nlater"


@pytest.fixture
async def other_listener(client: httpx.AsyncClient, services: Services) -> Caller:
    partner, _ = await services.partners.create("Campaigns", list(Scope))
    return Caller(client, services.partners.grant(partner, None).token.text)


async def check_in(member: Caller, database: Database, clock: MovableClock) -> dict[str, Any]:
    """The member's check-in at a new store, as she sees it."""
    store = a_store()
    await add_stores(database, store)
    location = {
        "latitude": UMEDA.latitude,
        "longitude": UMEDA.longitude,
        "accuracyMeters": 10,
        "measuredAt": rfc3339(clock.now()),
    }
    wish = {
        "storeId": encode_id("Store", store.id),
        "idempotencyKey": f"visit-{store.id}",
        "location": location,
    }
    checked_in: dict[str, Any] = (await run(member, "check_in", wish))["checkIn"]
    return checked_in


async def codes(caller: Caller, operation: str, given: dict[str, Any]) -> list[tuple[str, Any]]:
    errors = (await run(caller, operation, given))["errors"]
    return [(error["code"], error["path"]) for error in errors]


async def endpoints_of(listener: Caller) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await run(listener, "my_webhook_endpoints"))["webhookEndpoints"]["nodes"]
    return nodes


async def deliveries_of(listener: Caller, endpoint_id: str) -> list[dict[str, Any]]:
    text = TEXTS["webhook_deliveries"]
    node = (await listener.send(text, {"endpointId": endpoint_id}))["node"]
    nodes: list[dict[str, Any]] = node["deliveries"]["nodes"]
    return nodes


async def test_a_check_in_is_read_and_posted(
    listener: Caller, member: Caller, services: Services, database: Database, clock: MovableClock
) -> None:
    receiver = Receiver()
    async with listening(receiver.converse) as port:
        wish = {"url": f"http://127.0.0.1:{port}/hooks", "eventTypes": ["CheckedIn"]}
        created = await run(listener, "create_webhook_endpoint", wish)
        assert created["secret"].startswith("whsec_")
        checked_in = await check_in(member, database, clock)
        await machinery(services).deliver_due()
    ((_, headers, body),) = receiver.requests
    (event,) = (await run(listener, "events"))["nodes"]
    assert event == {
        "id": headers["webhook-id"],
        "type": "CheckedIn",
        "version": 1,
        "subject": member.member_id,
        "occurredAt": rfc3339(clock.now()),
        "data": {"checkInId": checked_in["id"], "storeId": checked_in["store"]["id"], "points": 10},
    }
    posted = json.loads(body)
    assert posted["data"] == event["data"]
    assert (posted["subject"], posted["timestamp"]) == (event["subject"], event["occurredAt"])
    (delivery,) = await deliveries_of(listener, created["endpoint"]["id"])
    assert (delivery["eventId"], delivery["eventType"], delivery["state"], delivery["dueAt"]) == (
        event["id"],
        "CheckedIn",
        "DELIVERED",
        None,
    )
    assert [(each["status"], each["failure"]) for each in delivery["attempts"]] == [(204, None)]


async def test_an_endpoint_from_its_making_to_its_end(listener: Caller, services: Services) -> None:
    receiver = Receiver(UNWANTED)
    async with listening(receiver.converse) as port:
        wish = {"url": f"http://127.0.0.1:{port}/hooks", "eventTypes": ["CheckedIn"]}
        created = await run(listener, "create_webhook_endpoint", wish)
        endpoint_id = created["endpoint"]["id"]
        named = {"endpointId": endpoint_id}
        pinged = await run(listener, "ping_webhook_endpoint", named)
        assert pinged["delivery"]["state"] == "PENDING"
        replay = {"deliveryId": pinged["delivery"]["id"]}
        assert await codes(listener, "replay_webhook_delivery", replay) == [
            ("WEBHOOK_DELIVERY_PENDING", ["input", "deliveryId"])
        ]
        await machinery(services).deliver_due()
        (delivery,) = await deliveries_of(listener, endpoint_id)
        (attempt,) = delivery["attempts"]
        assert (delivery["eventType"], delivery["state"]) == (None, "FAILED")
        assert (attempt["status"], attempt["failure"], attempt["answer"]) == (503, "REFUSED", "later")
        rotated = await run(listener, "rotate_webhook_secret", named)
        assert rotated["secret"] != created["secret"]
        replayed = await run(listener, "replay_webhook_delivery", replay)
        assert replayed["delivery"] == {"id": delivery["id"], "state": "PENDING"}
        await machinery(services).deliver_due()
        assert len(receiver.requests[-1][1]["webhook-signature"].split()) == 2
    off = await run(listener, "update_webhook_endpoint", {**named, "isOn": False})
    assert off["endpoint"]["offReason"] == "CHOSEN"
    for operation, given in (("ping_webhook_endpoint", named), ("replay_webhook_delivery", replay)):
        assert await codes(listener, operation, given) == [("WEBHOOK_ENDPOINT_OFF", None)]
    on = await run(listener, "update_webhook_endpoint", {**named, "isOn": True})
    assert on["endpoint"]["offReason"] is None
    assert await run(listener, "remove_webhook_endpoint", named) == {
        "__typename": "WebhookEndpointRemoved",
        "endpointId": endpoint_id,
    }
    assert await endpoints_of(listener) == []


async def test_what_cannot_be_is_refused(listener: Caller) -> None:
    port = closed_port()
    good = {"url": f"http://127.0.0.1:{port}/", "eventTypes": ["CheckedIn"]}
    for wish, code, field in (
        ({**good, "url": "ftp://127.0.0.1/"}, "WEBHOOK_URL_INVALID", "url"),
        ({**good, "eventTypes": []}, "EVENT_TYPES_INVALID", "eventTypes"),
        ({**good, "eventTypes": ["GuestRegistered"]}, "EVENT_TYPES_INVALID", "eventTypes"),
        ({**good, "partnerId": encode_id("Partner", "another")}, "PARTNER_NOT_FOUND", "partnerId"),
        ({**good, "partnerId": "x"}, "INVALID_ID", "partnerId"),
    ):
        assert await codes(listener, "create_webhook_endpoint", wish) == [(code, ["input", field])]
    for _ in range(10):
        await run(listener, "create_webhook_endpoint", good)
    assert await codes(listener, "create_webhook_endpoint", good) == [("TOO_MANY_WEBHOOK_ENDPOINTS", None)]
    named = {"endpointId": (await endpoints_of(listener))[0]["id"]}
    for _ in range(10):
        await run(listener, "ping_webhook_endpoint", named)
    assert await codes(listener, "ping_webhook_endpoint", named) == [("TOO_MANY_WEBHOOK_PINGS", None)]


async def test_anothers_endpoint_is_not_to_be_found(
    listener: Caller, other_listener: Caller, member: Caller, clerk: Caller, services: Services
) -> None:
    wish = {"url": f"http://127.0.0.1:{closed_port()}/", "eventTypes": ["CheckedIn"]}
    endpoint_id = (await run(listener, "create_webhook_endpoint", wish))["endpoint"]["id"]
    named = {"endpointId": endpoint_id}
    delivery = (await run(listener, "ping_webhook_endpoint", named))["delivery"]
    for operation in ("update_webhook_endpoint", "rotate_webhook_secret", "remove_webhook_endpoint"):
        assert await codes(other_listener, operation, named) == [
            ("WEBHOOK_ENDPOINT_NOT_FOUND", ["input", "endpointId"])
        ]
    assert await codes(other_listener, "replay_webhook_delivery", {"deliveryId": delivery["id"]}) == [
        ("WEBHOOK_DELIVERY_NOT_FOUND", ["input", "deliveryId"])
    ]
    assert await endpoints_of(other_listener) == []
    query = "query ($id: ID!) { node(id: $id) { ... on WebhookEndpoint { url } } }"
    assert (await listener.send(query, {"id": endpoint_id}))["node"]["url"] == wish["url"]
    for stranger in (other_listener, member, clerk):
        assert await stranger.send(query, {"id": endpoint_id}) == {"node": None}


async def test_headquarters_looks_after_the_endpoints_of_partners(
    headquarters: Caller, listener: Caller
) -> None:
    wish = {"url": f"http://127.0.0.1:{closed_port()}/", "eventTypes": ["CheckedIn"]}
    assert await codes(headquarters, "create_webhook_endpoint", wish) == [
        ("PARTNER_NOT_FOUND", ["input", "partnerId"])
    ]
    created = await run(headquarters, "create_webhook_endpoint", {**wish, "partnerId": listener.member_id})
    endpoint_id = created["endpoint"]["id"]
    assert [each["id"] for each in await endpoints_of(listener)] == [endpoint_id]
    query = "query ($id: ID!) { node(id: $id) { ... on Partner { webhookEndpoints { nodes { id } } } } }"
    seen = await headquarters.send(query, {"id": listener.member_id})
    assert seen["node"]["webhookEndpoints"]["nodes"] == [{"id": endpoint_id}]
    await run(headquarters, "ping_webhook_endpoint", {"endpointId": endpoint_id})
    removed = await run(headquarters, "remove_webhook_endpoint", {"endpointId": endpoint_id})
    assert removed["endpointId"] == endpoint_id


async def test_a_token_without_the_scope_reads_no_endpoint_of_its_own_partner(
    listener: Caller, services: Services, client: httpx.AsyncClient
) -> None:
    (partner,) = await services.partners.all()
    token = services.partners.grant(partner, frozenset({Scope.CHECK_INS_READ})).token.text
    narrow = Caller(client, token)
    errors = await narrow.errors("{ viewer { ... on Partner { webhookEndpoints { nodes { id } } } } }")
    assert [error["extensions"]["code"] for error in errors] == ["FORBIDDEN"]


async def test_a_cursor_of_another_list_is_refused(listener: Caller) -> None:
    errors = await listener.errors('{ events(after: "WyJ4Il0") { nodes { id } } }')
    assert [error["extensions"]["code"] for error in errors] == ["CURSOR_INVALID"]
