"""What the official operations are given, by whoever calls them, so that they do all they can."""

from typing import Any

from app.auth.actor import OPERATOR, PartnerActor
from app.auth.partners import Scope
from app.auth.roles import Role
from app.services import Services
from app.shared.clock import rfc3339
from app.shared.i18n import Language
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller
from tests.arrangements import PIN, a_code, a_shift
from tests.catalog_examples import a_category_input, a_product_input
from tests.conftest import MovableClock
from tests.examples import DEVICE_ID, UMEDA, a_store
from tests.news_arrangements import a_news_input, published, visit
from tests.push_arrangements import a_token
from tests.webhook_arrangements import an_endpoint, machinery

STORES = [a_store() for _ in range(20)]
STORE_IDS = [encode_id("Store", store.id) for store in STORES]
FIRST_PAGE = {"near": {"latitude": UMEDA.latitude, "longitude": UMEDA.longitude}, "first": 20}

SKU_ID = encode_id("Sku", "sku")
PRODUCT_ID = encode_id("Product", "FG-503")
BEACON: dict[str, Any] = {"uuid": "f7826da6-4fa2-4e98-8024-bc5b71e0893e", "major": 1, "minor": 2}

OF_LISTENERS = {
    "create_webhook_endpoint",
    "events",
    "my_webhook_endpoints",
    "ping_webhook_endpoint",
    "remove_webhook_endpoint",
    "replay_webhook_delivery",
    "rotate_webhook_secret",
    "update_webhook_endpoint",
    "webhook_deliveries",
}
OF_STAFF = {
    "add_staff_member",
    "beacons",
    "change_pickup_policy",
    "change_staff_pin",
    "create_enrolment_code",
    "create_partner",
    "enrol_device",
    "message_counts",
    "partners",
    "publish_news",
    "published_news",
    "place_beacon",
    "remove_beacon",
    "remove_partner",
    "remove_staff_member",
    "reset_staff_pin",
    "revoke_device",
    "rotate_partner_secret",
    "sign_in_staff",
    "staff_members",
    "store_devices",
    "update_partner",
    "viewer",
    "withdraw_news",
}


async def variables_of(name: str, member: Caller, services: Services, clock: MovableClock) -> dict[str, Any]:
    """The input of an operation that does all it can."""
    if name == "refresh_session":
        register = TEXTS["register_guest"]
        registered = await member.send(register, {"input": {"deviceId": DEVICE_ID}})
        return {"input": {"refreshToken": registered["registerGuest"]["refreshToken"]}}
    if name == "revoke_session":
        (session,) = (await member.send("{ me { sessions { id } } }"))["me"]["sessions"]
        return {"input": {"sessionId": session["id"]}}
    if name == "verify_card":
        card = (await member.send("{ me { card { code { currentCode } } } }"))["me"]["card"]
        return {"input": {"code": card["code"]["currentCode"], "idempotencyKey": "key-00000001"}}
    if name == "sign_in":
        given = await a_code(services, "hana@example.com")
        await services.sign_in.sign_in(given, None, Language.JA, None)
        given = await a_code(services, "hana@example.com")
        return {"input": {"challengeId": given.challenge_id, "code": given.code}}
    location = {**FIRST_PAGE["near"], "accuracyMeters": 10, "measuredAt": rfc3339(clock.now())}  # type: ignore[dict-item]
    movement = {
        "skuId": SKU_ID,
        "kind": "COUNT",
        "quantity": 5,
        "reference": "count-1",
        "occurredAt": rfc3339(clock.now()),
    }
    if name == "home":
        await published(services, store_ids=frozenset({STORES[0].id}))
        await visit(services, key_of(member.member_id, "Member", []), STORES[0])
        await member.send("{ me { id } }")
        return {}
    if name in {"my_inbox", "read_inbox_messages", "archive_inbox_messages", "confirm_pushes"}:
        news = await published(services, store_ids=frozenset({STORES[0].id}))
        await visit(services, key_of(member.member_id, "Member", []), STORES[0])
        message_ids = [encode_id("InboxMessage", news.id)]
        return {} if name == "my_inbox" else {"input": {"messageIds": message_ids}}
    kinds = ("PERSONALIZATION", "MARKETING_PUSH", "MARKETING_EMAIL", "LOCATION")
    consents = [{"kind": kind, "isGiven": True} for kind in kinds]
    inputs: dict[str, dict[str, Any]] = {
        "set_consents": {"input": {"consents": consents, "textVersion": "v1"}},
        "beacon_sighted": {"input": {**BEACON, "rssi": -60, "at": rfc3339(clock.now())}},
        "recommendations": {"place": "STORE", "storeId": STORE_IDS[0]},
        "track_events": {
            "input": {
                "sentAt": rfc3339(clock.now()),
                "events": [
                    {
                        "id": f"event-{number:03}",
                        "kind": "FAVOURITED" if number % 2 else "VIEWED",
                        "at": rfc3339(clock.now()),
                        "skuId": SKU_ID,
                    }
                    for number in range(100)
                ],
            }
        },
        "availability": {"skuId": SKU_ID, **FIRST_PAGE},
        "record_stock_movements": {
            "input": {"movements": [{**movement, "storeId": store_id} for store_id in STORE_IDS]}
        },
        "set_safety_stock": {"input": {"skuId": SKU_ID, "storeId": STORE_IDS[0], "safety": 1}},
        "store_stock": {"id": STORE_IDS[0]},
        "check_in": {
            "input": {"storeId": STORE_IDS[0], "location": location, "idempotencyKey": "key-00000001"}
        },
        "nearby_beacons": FIRST_PAGE,
        "nearby_stores": FIRST_PAGE,
        "register_push_device": {"input": {"platform": "FCM", "token": a_token()}},
        "product": {"sku": "FG-503-NAV"},
        "product_page": {"id": PRODUCT_ID},
        "product_at_store": {"sku": "FG-503-NAV", "storeId": STORE_IDS[0]},
        "store": {"id": STORE_IDS[0]},
        "product_facets": {"query": "タオル"},
        "search_products": {"query": "ノート", "sort": "RELEVANCE", "first": 20},
        "orders_paused_until": {"storeId": STORE_IDS[0]},
        "substitutes": {"query": "FG-503-NAV", "storeId": STORE_IDS[0]},
        "suggest": {"prefix": "ノー"},
        "upsert_categories": {"input": {"categories": [a_category_input()]}},
        "upsert_products": {"input": {"products": [a_product_input()]}},
        "register_guest": {"input": {"deviceId": "another-" + DEVICE_ID}},
        "request_sign_in_code": {"input": {"channel": "EMAIL", "destination": "hana@example.com"}},
        "update_profile": {"input": {"nickname": "さくら", "favouriteStoreIds": STORE_IDS}},
    }
    return inputs.get(name, {})


async def staff_variables_of(name: str, services: Services) -> dict[str, Any]:
    """The input of an operation for headquarters, or for a store's device, that does all it can."""
    shift = await a_shift(services, Role.COUNTER, STORES[0].id)
    partner, _ = await services.partners.create("Till", list(Scope), None, [store.id for store in STORES])
    made = await services.store_devices.create_enrolment_code(OPERATOR, STORES[0].id, "Counter 2")
    someone = encode_id("StaffMember", shift.member.id)
    terms = {"name": "Till", "scopes": ["CARDS_VERIFY"], "channels": ["STORE"], "storeIds": STORE_IDS}
    inputs: dict[str, dict[str, Any]] = {
        "add_staff_member": {
            "code": "MORI", "name": "Mori", "role": "FLOOR", "storeId": STORE_IDS[0], "pin": "918273"
        },
        "place_beacon": {**BEACON, "storeId": STORE_IDS[0], "skuIds": [SKU_ID]},
        "remove_beacon": {**BEACON, "storeId": STORE_IDS[0]},
        "change_pickup_policy": {
            "storeId": STORE_IDS[0], "version": 0, "capacity": 10,
            "closures": [{"startsAt": "2026-12-31T00:00:00Z", "endsAt": "2027-01-03T15:00:00Z"}],
        },
        "change_staff_pin": {"oldPin": PIN, "newPin": "918273"},
        "create_enrolment_code": {"deviceName": "Counter 3", "storeId": STORE_IDS[0]},
        "create_partner": terms,
        "enrol_device": {"code": made.code},
        "remove_partner": {"partnerId": encode_id("Partner", partner.id)},
        "remove_staff_member": {"staffMemberId": someone},
        "reset_staff_pin": {"staffMemberId": someone, "pin": "918273"},
        "revoke_device": {"deviceId": encode_id("StoreDevice", shift.actor.device_id)},
        "rotate_partner_secret": {"partnerId": encode_id("Partner", partner.id)},
        "sign_in_staff": {"deviceToken": shift.device_token, "staffCode": shift.member.code, "pin": PIN},
        "publish_news": {**a_news_input(services.clock.now()), "storeIds": STORE_IDS},
        "update_partner": {"partnerId": encode_id("Partner", partner.id), **terms},
        "withdraw_news": {"newsId": encode_id("News", (await published(services)).id)},
    }  # fmt: skip
    if name == "beacons":
        return {"storeId": STORE_IDS[0]}
    return {"input": inputs[name]} if name in inputs else {}


async def listener_variables_of(name: str, listener: Caller, services: Services) -> dict[str, Any]:
    """The input of an operation for a partner with an endpoint and a delivery that has ended."""
    owner = PartnerActor(key_of(listener.member_id, "Partner", []), frozenset(Scope))
    endpoint = await an_endpoint(services, 1, owner)
    delivery = await services.webhooks.ping(endpoint.id, owner)
    await machinery(services).deliver_due()
    inputs: dict[str, dict[str, Any]] = {
        "create_webhook_endpoint": {"url": "https://crm.example/hooks", "eventTypes": ["CheckedIn"]},
        "replay_webhook_delivery": {"deliveryId": encode_id("WebhookDelivery", delivery.id)},
        "update_webhook_endpoint": {
            "url": "https://crm.example/",
            "eventTypes": ["CheckedIn"],
            "isOn": True,
            "endpointId": encode_id("WebhookEndpoint", endpoint.id),
        },
    }
    if name in {"events", "my_webhook_endpoints"}:
        return {}
    if name == "webhook_deliveries":
        return {"endpointId": encode_id("WebhookEndpoint", endpoint.id)}
    return {"input": inputs.get(name, {"endpointId": encode_id("WebhookEndpoint", endpoint.id)})}
