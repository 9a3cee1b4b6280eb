"""What headquarters tells members, and what partners are told: news, their counts, events and webhooks."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.shared.clock import rfc3339
from app.webhooks.delivery_repository import WEBHOOK_DELIVERIES
from app.webhooks.model import WebhookDeliveryState, WebhookEndpoint
from bench.house import House, PartnerOnline
from bench.official.calls import Call, Made, OfficialOperation, by_headquarters, by_partner, nothing
from bench.regulars import Customer
from graphql_schema.node import encode_id

URL = "https://crm.example/hooks"
OF_ENDPOINT: dict[str, Any] = {"url": URL, "eventTypes": ["CheckedIn"]}


async def publish_news(house: House, customer: Customer) -> Made:
    news = {
        "title": {"ja": "週末セール", "en": "Weekend sale"},
        "text": {"ja": "全品10%引き。", "en": "10 % off everything."},
        "idempotencyKey": house.key(),
        "endsAt": rfc3339(house.now + timedelta(days=7)),
        "storeIds": [encode_id("Store", store.id) for store in house.stores[-5:]],
    }
    return {"input": news}


async def withdraw_news(house: House, customer: Customer) -> Made:
    return {"input": {"newsId": encode_id("News", (await house.news()).id)}}


async def with_endpoint(house: House) -> tuple[PartnerOnline, WebhookEndpoint]:
    """A new partner with a webhook endpoint."""
    partner = await house.new_partner()
    endpoint, _ = await house.services.webhooks.create(URL, ["CheckedIn"], partner.actor)
    return partner, endpoint


async def create_webhook_endpoint(house: House, customer: Customer) -> Made:
    partner = await house.new_partner()
    return Call(partner.access_token, {"input": OF_ENDPOINT})


async def about_an_endpoint(house: House, customer: Customer) -> Made:
    partner, endpoint = await with_endpoint(house)
    return Call(partner.access_token, {"input": {"endpointId": encode_id("WebhookEndpoint", endpoint.id)}})


async def update_webhook_endpoint(house: House, customer: Customer) -> Made:
    partner, endpoint = await with_endpoint(house)
    changed = {**OF_ENDPOINT, "endpointId": encode_id("WebhookEndpoint", endpoint.id), "isOn": True}
    return Call(partner.access_token, {"input": changed})


async def replay_webhook_delivery(house: House, customer: Customer) -> Made:
    """The delivery has ended: nobody answered."""
    partner, endpoint = await with_endpoint(house)
    delivery = await house.services.webhooks.ping(endpoint.id, partner.actor)
    deliveries = house.services.database.collection(WEBHOOK_DELIVERIES)
    await deliveries.find_one_and_update(
        {"_id": delivery.id}, {"$set": {"state": WebhookDeliveryState.FAILED.value}}
    )
    return Call(partner.access_token, {"input": {"deliveryId": encode_id("WebhookDelivery", delivery.id)}})


async def my_webhook_endpoints(house: House, customer: Customer) -> Made:
    partner, _ = await with_endpoint(house)
    return Call(partner.access_token, {})


async def webhook_deliveries(house: House, customer: Customer) -> Made:
    partner, endpoint = await with_endpoint(house)
    await house.services.webhooks.ping(endpoint.id, partner.actor)
    return Call(partner.access_token, {"endpointId": encode_id("WebhookEndpoint", endpoint.id)})


OPERATIONS: Mapping[str, OfficialOperation] = {
    "create_webhook_endpoint": by_partner(create_webhook_endpoint),
    "events": by_partner(nothing),
    "message_counts": by_headquarters(nothing),
    "my_webhook_endpoints": by_partner(my_webhook_endpoints),
    "ping_webhook_endpoint": by_partner(about_an_endpoint),
    "publish_news": by_headquarters(publish_news),
    "published_news": by_headquarters(nothing),
    "remove_webhook_endpoint": by_partner(about_an_endpoint),
    "replay_webhook_delivery": by_partner(replay_webhook_delivery),
    "rotate_webhook_secret": by_partner(about_an_endpoint),
    "update_webhook_endpoint": by_partner(update_webhook_endpoint),
    "webhook_deliveries": by_partner(webhook_deliveries),
    "withdraw_news": by_headquarters(withdraw_news),
}
