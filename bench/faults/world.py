"""Whom the scenarios meet: the demo retailer's store, its staff, partners, and goods that do not run out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from app.auth.actor import OPERATOR
from app.auth.partners import Scope
from app.collections import COLLECTIONS
from app.demo.catalog import table_sku_count
from app.demo.loading import DemoLoader
from app.demo.plan import DemoPlan
from app.demo.retailer import town_count
from app.demo.staff import DEMO_STAFF
from app.services import Services
from app.shared.clock import rfc3339
from app.shared.ids import new_id
from bench.faults.caller import Client, Fault
from graphql_schema.node import key_of

OPEN_STORE = "umeda"
OTHER_STORE = "sapporo"
PIECES = 100_000
GOODS = 8
CAPACITY = 10_000
SLOTS_USED = 12
BEACON = {"uuid": "6f3a1f3e-6f0a-4b0e-9a55-2f7c7c1a0001", "major": 7, "minor": 7}
STORE = """query ($code: String!) {
  stores(query: $code, first: 1) { nodes { id location { latitude longitude } } } }"""
PRODUCTS = '{ products(query: "notebook", first: 10) { nodes { skus { id } } } }'
SLOTS = "query ($store: ID!, $day: Date!) { pickupSlots(storeId: $store, date: $day) { id isOrderable } }"


@dataclass(frozen=True, slots=True)
class World:
    """All that is there before the first fault."""

    client: Client
    services: Services
    chance: Random
    store_id: str
    other_store_id: str
    location: dict[str, float]
    sku_ids: list[str]
    slot_ids: list[str]
    offer_id: str
    headquarters: str
    manager: str
    clerk: str
    till: str
    listener: str
    hook_url: str

    @classmethod
    async def prepare(cls, services: Services, client: Client, chance: Random, hook_url: str) -> "World":
        """Makes it, by the API wherever that can."""
        store = (await client.ask(STORE, {"code": OPEN_STORE}, None))["stores"]["nodes"][0]
        other = (await client.ask(STORE, {"code": OTHER_STORE}, None))["stores"]["nodes"][0]
        tokens = {
            person.role.value: await _shift(services, client, store["id"], person.code, person.pin)
            for person in DEMO_STAFF
        }
        till, listener = await _partner(services, "Till"), await _partner(services, "Listener")
        found = (await client.ask(PRODUCTS, None, None))["products"]["nodes"]
        sku_ids = [sku["id"] for product in found for sku in product["skus"]][:GOODS]
        await _stock(client, till, store["id"], sku_ids)
        headquarters, manager = tokens["HEADQUARTERS"], tokens["STORE_MANAGER"]
        await client.mutate(
            "changePickupPolicy",
            {"storeId": store["id"], "version": 0, "capacity": CAPACITY},
            manager,
            (),
        )
        await client.mutate(
            "placeBeacon", {**BEACON, "storeId": store["id"], "skuIds": sku_ids[:1]}, manager, ()
        )
        news = {**news_draft(), "storeIds": [store["id"]], "idempotencyKey": "news-of-the-world"}
        await client.mutate("publishNews", news, headquarters, ())
        endpoint = {"url": hook_url, "eventTypes": ["CheckedIn"]}
        await client.mutate("createWebhookEndpoint", endpoint, listener, ())
        return cls(
            client=client,
            services=services,
            chance=chance,
            store_id=store["id"],
            other_store_id=other["id"],
            location=store["location"],
            sku_ids=sku_ids,
            slot_ids=await _slots(client, store["id"]),
            offer_id=await published_offer(client, headquarters, distribution="CLAIM"),
            headquarters=headquarters,
            manager=manager,
            clerk=tokens["COUNTER"],
            till=till,
            listener=listener,
            hook_url=hook_url,
        )

    def here(self) -> dict[str, Any]:
        """Where a phone beside the store is, now."""
        return {**self.location, "accuracyMeters": 10, "measuredAt": moment()}


async def open_shop(services: Services) -> None:
    """The demo retailer with a single member, before any server loads it with many."""
    await services.database.prepare(COLLECTIONS)
    now, zone, seed = services.clock.now(), services.time_zone, 0
    plan = DemoPlan(now, zone, 1, town_count(), table_sku_count(), seed)
    await DemoLoader(services.database).load(plan)


def moment(**later: float) -> str:
    """Now, or so much later."""
    return rfc3339(datetime.now(UTC) + timedelta(**later))


def news_draft() -> dict[str, Any]:
    """News of this week."""
    return {
        "title": {"ja": "週末セール", "en": "Weekend sale"},
        "text": {"ja": "全品10%引き。", "en": "10 % off everything."},
        "endsAt": moment(days=7),
    }


def offer_terms(**changes: Any) -> dict[str, Any]:
    """An offer of 100 yen for everybody, this week."""
    return {
        "names": {"ja": "みなさまへ", "en": "For everybody"},
        "descriptions": {"ja": "", "en": ""},
        "benefit": {"amount": 100},
        "startsAt": moment(days=-1),
        "endsAt": moment(days=7),
        "limits": {"perMember": 1, "budget": 100_000_000},
        **changes,
    }


async def published_offer(client: Client, headquarters: str, **changes: Any) -> str:
    """The id of a new offer that is out."""
    saved = await client.mutate("createOffer", {"terms": offer_terms(**changes)}, headquarters, ())
    offer_id: str = saved["offer"]["id"]
    await client.mutate("publishOffer", {"offerId": offer_id}, headquarters, ())
    return offer_id


async def _shift(services: Services, client: Client, store_id: str, code: str, pin: str) -> str:
    """The token of a staff member on a new device of the store."""
    made = await services.store_devices.create_enrolment_code(
        OPERATOR, key_of(store_id, "Store", []), f"Device of {code}"
    )
    device = await client.mutate("enrolDevice", {"code": made.code}, None, ())
    given = {"deviceToken": device["deviceToken"], "staffCode": code, "pin": pin}
    token: str = (await client.mutate("signInStaff", given, None, ()))["accessToken"]
    return token


async def _partner(services: Services, name: str) -> str:
    """The token of a new partner that may do everything."""
    partner, _ = await services.partners.create(
        name, [scope for scope in Scope if scope is not Scope.SCHEMA_READ]
    )
    return services.partners.grant(partner, None).token.text


async def _stock(client: Client, till: str, store_id: str, sku_ids: list[str]) -> None:
    movements = [
        {
            "skuId": sku_id,
            "storeId": store_id,
            "kind": "COUNT",
            "quantity": PIECES,
            "reference": f"count-{new_id()}",
            "occurredAt": moment(),
        }
        for sku_id in sku_ids
    ]
    recorded = await client.mutate("recordStockMovements", {"movements": movements}, till, ())
    if any(row["errors"] for row in recorded["rows"]):
        raise Fault(f"the goods do not arrive: {recorded}")


async def _slots(client: Client, store_id: str) -> list[str]:
    """The last slots of tomorrow that take orders: they do not end while we look."""
    day = (datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(days=1)).date()
    found = (await client.ask(SLOTS, {"store": store_id, "day": str(day)}, None))["pickupSlots"]
    return [slot["id"] for slot in found if slot["isOrderable"]][-SLOTS_USED:]
