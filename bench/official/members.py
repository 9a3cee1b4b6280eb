"""What members ask about themselves, their visits, interests and messages."""

from collections.abc import Mapping
from datetime import datetime

from app.auth.actor import MemberActor
from app.beacons.model import Beacon, BeaconKey
from app.catalog.search_query import ProductRequest
from app.interests.model import TrackedBatch, TrackedEvent, TrackedEventKind
from app.push.model import PushPlatform
from app.shared.clock import rfc3339
from app.shared.i18n import Language
from app.shared.ids import new_id
from bench.house import House
from bench.official.calls import Made, OfficialOperation, Variables, by_customer, nothing
from bench.regulars import ACCURACY_METERS, Customer
from graphql_schema.node import encode_id

CONSENTS = ("PERSONALIZATION", "MARKETING_PUSH", "MARKETING_EMAIL", "LOCATION")
TRACKED = 20
BEACON = BeaconKey("f7826da6-4fa2-4e98-8024-bc5b71e0893e", 1, 2)


async def check_in(house: House, customer: Customer) -> Made:
    key, place = house.key(), house.store.location

    def variables(now: datetime) -> Variables:
        location = {
            "latitude": place.latitude,
            "longitude": place.longitude,
            "accuracyMeters": ACCURACY_METERS,
            "measuredAt": rfc3339(now),
        }
        wish = {"storeId": encode_id("Store", house.store.id), "location": location, "idempotencyKey": key}
        return {"input": wish}

    return variables


async def beacon_sighted(house: House, customer: Customer) -> Made:
    await house.allow(customer)
    headquarters = await house.headquarters()
    beacon = Beacon(BEACON, house.store.id, ("bath",), tuple(house.sku_ids[:1]))
    await house.services.beacons.place(headquarters.actor, beacon)
    seen = {"uuid": BEACON.uuid, "major": BEACON.major, "minor": BEACON.minor, "rssi": -60}
    return lambda now: {"input": {**seen, "at": rfc3339(now)}}


async def interested(house: House, customer: Customer) -> Made:
    """She allows that we learn from what she does, and has marked and looked at a few things."""
    await house.allow(customer)
    kinds = (TrackedEventKind.FAVOURITED, TrackedEventKind.VIEWED)
    events = [
        TrackedEvent(new_id(), kind, house.now, sku_id=sku_id)
        for sku_id in house.sku_ids[:5]
        for kind in kinds
    ]
    await house.services.interests.track(customer.id, TrackedBatch(house.now, tuple(events)))
    return {}


async def recommendations(house: House, customer: Customer) -> Made:
    await interested(house, customer)
    return {"place": "STORE", "storeId": encode_id("Store", house.store.id)}


async def track_events(house: House, customer: Customer) -> Made:
    await house.allow(customer)
    events = [
        {
            "id": new_id(),
            "kind": "FAVOURITED" if number % 2 else "VIEWED",
            "at": rfc3339(house.now),
            "skuId": encode_id("Sku", house.sku_ids[number]),
        }
        for number in range(TRACKED)
    ]
    return {"input": {"sentAt": rfc3339(house.now), "events": events}}


async def searched(house: House, customer: Customer) -> Made:
    await house.services.search_history.remember(customer.id, ProductRequest("タオル"))
    return {}


async def set_consents(house: House, customer: Customer) -> Made:
    consents = [{"kind": kind, "isGiven": True} for kind in CONSENTS]
    return {"input": {"consents": consents, "textVersion": "v1"}}


async def told(house: House, customer: Customer) -> Made:
    """There is news for those who were at the store, as she was."""
    message_ids = [encode_id("InboxMessage", (await house.store_news()).id)]
    return {"input": {"messageIds": message_ids}}


async def reading_news(house: House, customer: Customer) -> Made:
    await house.store_news()
    return {}


async def revoke_session(house: House, customer: Customer) -> Made:
    return {"input": {"sessionId": encode_id("Session", customer.session_id)}}


async def update_profile(house: House, customer: Customer) -> Made:
    stores = [encode_id("Store", store.id) for store in house.stores[:5]]
    return {"input": {"nickname": "はな", "favouriteStoreIds": stores}}


async def register_push_device(house: House, customer: Customer) -> Made:
    return {"input": {"platform": "FCM", "token": new_id() + new_id()}}


async def remove_push_device(house: House, customer: Customer) -> Made:
    actor = MemberActor(customer.id, customer.session_id, Language.JA)
    await house.services.push.register(actor, PushPlatform.FCM, new_id() + new_id(), None)
    return {}


OPERATIONS: Mapping[str, OfficialOperation] = {
    "archive_inbox_messages": by_customer(told),
    "beacon_sighted": by_customer(beacon_sighted),
    "check_in": by_customer(check_in),
    "clear_search_history": by_customer(searched),
    "confirm_pushes": by_customer(told),
    "discover": by_customer(interested),
    "home": by_customer(reading_news),
    "inbox_changed": by_customer(nothing),
    "my_card": by_customer(nothing),
    "my_card_code": by_customer(nothing),
    "my_consents": by_customer(interested),
    "my_favourites": by_customer(interested),
    "my_inbox": by_customer(reading_news),
    "my_interests": by_customer(interested),
    "my_points": by_customer(nothing),
    "my_profile": by_customer(nothing),
    "my_rank": by_customer(nothing),
    "my_searches": by_customer(searched),
    "my_sessions": by_customer(nothing),
    "news": by_customer(reading_news),
    "read_inbox_messages": by_customer(told),
    "recommendations": by_customer(recommendations),
    "register_push_device": by_customer(register_push_device),
    "remove_push_device": by_customer(remove_push_device),
    "revoke_session": by_customer(revoke_session),
    "set_consents": by_customer(set_consents),
    "sign_out": by_customer(nothing),
    "sign_out_everywhere": by_customer(nothing),
    "track_events": by_customer(track_events),
    "update_profile": by_customer(update_profile),
}
