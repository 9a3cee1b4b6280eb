"""How many commands each official operation sends to MongoDB: the table that must not grow unnoticed."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from graphql import parse

from app.auth.roles import Role
from app.beacons.model import Beacon, BeaconKey
from app.consents.model import ConsentKind
from app.inventory.model import StockKey
from app.offers.model import Distribution, OfferMoment
from app.services import Services
from app.shared.database import Database
from graphql_schema.compiled.official import official_plans
from graphql_schema.compiled.plans import Plan
from graphql_schema.node import key_of
from graphql_schema.schema import schema
from tests.api import offer_calls, order_calls, purchase_calls
from tests.api.conftest import OPERATIONS, Caller
from tests.api.official_calls import (
    BEACON,
    FIRST_PAGE,
    OF_LISTENERS,
    OF_STAFF,
    SKU_ID,
    STORES,
    listener_variables_of,
    staff_variables_of,
    variables_of,
)
from tests.arrangements import a_shift, add_catalog, add_skus, add_stores, allow
from tests.compiled.comparing import by_graphql_core, told
from tests.compiled.recording import Recording, WatchedPlan, recorded_resolvers, same_calls
from tests.conftest import COMMANDS, MovableClock
from tests.examples import a_report
from tests.integration.shop import Shop
from tests.integration.stockroom import TILL
from tests.interest_examples import a_batch
from tests.offer_examples import a_published_offer

STORES_ASKED = """
query ($skuId: ID!, $near: GeoPointInput!) {
  availability(skuId: $skuId, near: $near) { nodes { available } }
}
"""

# What is counted with the categories known; those of others count the command that reads them.
CATEGORIES_KNOWN = {"place_order", "quote_order", "coupon_usability", "redeem_coupon"}

# The most commands of each operation, commit included; the caller's session is known already, and so are
# the stores around a place, what is given with a check-in and, for the home screen, which news is on. A
# member's search is remembered by one command; a stranger's takes one less.
MOST_COMMANDS: dict[str, int] = {
    "add_staff_member": 5,
    "change_staff_pin": 13,
    "create_enrolment_code": 4,
    "create_partner": 4,
    "enrol_device": 6,
    "partners": 1,
    "remove_partner": 4,
    "remove_staff_member": 7,
    "reset_staff_pin": 9,
    "revoke_device": 6,
    "rotate_partner_secret": 4,
    "sign_in_staff": 14,
    "staff_members": 1,
    "store_devices": 1,
    "update_partner": 4,
    "viewer": 1,
    "categories": 1,
    "availability": 1,
    "check_in": 4,
    "clear_search_history": 1,
    "home": 2,
    "my_card": 2,
    "my_card_code": 2,
    "my_points": 3,
    "my_profile": 4,
    "my_history": 4,
    "my_rank": 3,
    "claim_purchase": 16,
    "end_point_campaign": 4,
    "my_purchases": 2,
    "purchase": 1,
    "my_spending": 2,
    "point_rules": 2,
    "pos_snapshot": 3,
    "receipt_conflicts": 1,
    "record_purchases": 13,
    "record_returns": 11,
    "set_point_rules": 4,
    "start_point_campaign": 5,
    "discover": 7,
    "my_searches": 2,
    "my_consents": 3,
    "my_favourites": 3,
    "my_interests": 3,
    "track_events": 9,
    "beacon_sighted": 9,
    "beacons": 1,
    "place_beacon": 4,
    "remove_beacon": 1,
    "set_consents": 10,
    "recommendations": 4,
    "my_sessions": 2,
    "nearby_beacons": 2,
    "nearby_stores": 1,
    "product": 2,
    "product_page": 9,
    "product_at_store": 2,
    "store": 0,
    "product_facets": 4,
    "record_stock_movements": 6,
    "refresh_session": 2,
    "register_guest": 8,
    "request_sign_in_code": 5,
    "revoke_session": 2,
    "set_safety_stock": 4,
    "sign_in": 32,
    "search_products": 3,
    "sign_out": 2,
    "sign_out_everywhere": 2,
    "substitutes": 4,
    "suggest": 2,
    "store_stock": 2,
    "update_profile": 3,
    "upsert_categories": 5,
    "upsert_products": 7,
    "verify_card": 11,
    "accept_order": 13,
    "announce_arrival": 6,
    "answer_substitution": 14,
    "cancel_order": 11,
    "collect_order": 17,
    "counter_orders": 1,
    "mark_no_show": 11,
    "mark_ready": 5,
    "choose_cart_store": 5,
    "clear_cart": 3,
    "checkout": 5,
    "my_cart": 4,
    "set_cart_line": 6,
    "my_orders": 2,
    "order": 2,
    "orders_paused_until": 1,
    "pause_orders": 4,
    "pickup_policy": 1,
    "change_pickup_policy": 4,
    "pickup_slots": 2,
    "place_order": 9,
    "quote_order": 2,
    "receipt": 1,
    "refund_order": 22,
    "reject_line": 14,
    "reject_order": 11,
    "start_preparing": 5,
    "substitute_line": 16,
    "claim_offer": 12,
    "coupon_usability": 3,
    "create_coupon_codes": 6,
    "my_coupons": 4,
    "preview_offer": 7,
    "redeem_coupon": 15,
    "rollback_redemption": 10,
    "create_offer": 5,
    "define_segment": 1,
    "end_offer": 5,
    "offer_report": 4,
    "offers": 1,
    "pause_offer": 5,
    "publish_offer": 5,
    "resume_offer": 5,
    "segments": 1,
    "update_offer": 7,
    "my_inbox": 6,
    "read_inbox_messages": 6,
    "archive_inbox_messages": 6,
    "news": 1,
    "confirm_pushes": 6,
    "register_push_device": 3,
    "remove_push_device": 1,
    "published_news": 2,
    "message_counts": 1,
    "publish_news": 9,
    "withdraw_news": 5,
    "create_webhook_endpoint": 6,
    "events": 1,
    "my_webhook_endpoints": 2,
    "ping_webhook_endpoint": 5,
    "remove_webhook_endpoint": 4,
    "replay_webhook_delivery": 5,
    "rotate_webhook_secret": 5,
    "update_webhook_endpoint": 5,
    "webhook_deliveries": 2,
}


PURCHASE_CALLS = purchase_calls.OF_TILLS | purchase_calls.OF_MEMBERS | purchase_calls.OF_HEADQUARTERS
START_CAMPAIGN = (OPERATIONS / "start_point_campaign.graphql").read_text(encoding="utf-8")


@pytest.fixture
def commands() -> list[str]:
    COMMANDS.clear()
    return COMMANDS


@pytest.fixture
def recording() -> Iterator[Recording]:
    with recorded_resolvers(schema._schema) as recording:
        yield recording


@pytest.fixture
def watched(name: str, recording: Recording, monkeypatch: pytest.MonkeyPatch) -> WatchedPlan:
    """The operation's plan, which is watched."""
    text = (OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8")
    plan = WatchedPlan(schema, parse(text))
    plan.recording = recording
    monkeypatch.setitem(cast(dict[str, Plan], official_plans()), text, plan)
    return plan


def test_the_table_names_every_official_operation_that_ends() -> None:
    ending = {
        path.stem for path in OPERATIONS.glob("*.graphql") if not path.read_text().startswith("subscription")
    }
    assert ending == set(MOST_COMMANDS)


@pytest.mark.parametrize("name", sorted(MOST_COMMANDS))
async def test_an_operation_sends_no_more_commands_than_the_table_says(
    name: str,
    member: Caller,
    till: Caller,
    headquarters: Caller,
    merchandiser: Caller,
    listener: Caller,
    services: Services,
    database: Database,
    clock: MovableClock,
    commands: list[str],
    watched: WatchedPlan,
    recording: Recording,
) -> None:
    await add_stores(database, *STORES)
    await add_catalog(database)
    await add_skus(database, "sku")
    await member.send("{ me { id } }")
    await till.send("{ __typename }")
    await merchandiser.send("{ __typename }")
    if name in {"beacon_sighted", "beacons", "remove_beacon"}:
        actor = (await a_shift(services, Role.HEADQUARTERS)).actor
        await services.beacons.place(actor, Beacon(BeaconKey(**BEACON), STORES[0].id, ("bath",), ("sku",)))
        await allow(services, key_of(member.member_id, "Member", []), *ConsentKind)
    if name in {
        "discover",
        "my_favourites",
        "my_interests",
        "product_page",
        "recommendations",
        "track_events",
    }:
        member_id = key_of(member.member_id, "Member", [])
        await allow(services, member_id)
        if name != "track_events":
            await services.interests.track(member_id, a_batch(clock.now(), sku_ids=["FG-503-NAV", "sku"]))
    variables = await variables_of(name, member, services, clock)
    if name in {"availability", "store_stock", "substitutes"}:
        key = StockKey("FG-503-NAV" if name == "substitutes" else "sku", STORES[0].id)
        await services.stock.record(TILL, [a_report(key, "COUNT", 5, clock.now())])
    clerk = Caller(member.client)
    if name in order_calls.OF_MEMBERS | order_calls.OF_CLERKS:
        shop = await Shop.open(services, clock)
        shift = await a_shift(services, Role.COUNTER, shop.store.id)
        clerk = Caller(member.client, shift.access_token)
        member_id = key_of(member.member_id, "Member", [])
        await shop.earn(member_id, 500)
        variables = await order_calls.variables_of(name, shop, member_id)
        await clerk.send("{ __typename }")
        await member.send("{ me { id } }")
    if name in PURCHASE_CALLS:
        campaign = await headquarters.send(START_CAMPAIGN, {"input": purchase_calls.a_campaign_input(clock)})
        customer = await services.members.get(key_of(member.member_id, "Member", []))
        assert customer is not None
        campaign_id = campaign["startPointCampaign"]["campaign"]["id"]
        variables = await purchase_calls.variables_of(name, services, STORES[0], customer, campaign_id)
    if name in OF_STAFF:
        variables = await staff_variables_of(name, services)
        await headquarters.send("{ __typename }")
    if name in OF_LISTENERS:
        variables = await listener_variables_of(name, listener, services)
        await listener.send("{ __typename }")
    if name in offer_calls.OF_HEADQUARTERS:
        variables = await offer_calls.variables_of(name, services, STORES[0].id)
        await headquarters.send("{ __typename }")
    if name in offer_calls.OF_MEMBERS | offer_calls.OF_CLERKS:
        shift = await a_shift(services, Role.COUNTER, STORES[0].id)
        clerk = Caller(member.client, shift.access_token)
        member_id = key_of(member.member_id, "Member", [])
        variables = await offer_calls.coupon_variables_of(name, services, member_id, STORES[0].id)
        await clerk.send("{ __typename }")
        await member.send("{ me { id } }")
    await member.send(STORES_ASKED, {"skuId": SKU_ID, "near": FIRST_PAGE["near"]})
    await services.offers.given_at(OfferMoment.CHECK_IN)
    await services.point_rules.of_now()
    if name in CATEGORIES_KNOWN:
        await services.catalog.categories()
    if name == "home":
        await services.news.ids_on()
    commands.clear()
    callers = {
        **dict.fromkeys(OF_STAFF, headquarters),
        **dict.fromkeys(OF_LISTENERS, listener),
        **dict.fromkeys(purchase_calls.OF_HEADQUARTERS, headquarters),
        **dict.fromkeys(purchase_calls.OF_TILLS, till),
        "record_stock_movements": till,
        "set_safety_stock": till,
        "upsert_categories": merchandiser,
        "upsert_products": merchandiser,
        "verify_card": till,
    }
    callers |= dict.fromkeys(order_calls.OF_CLERKS | offer_calls.OF_CLERKS, clerk)
    callers |= dict.fromkeys(offer_calls.OF_HEADQUARTERS, headquarters)
    caller = callers.get(name, member)
    data = await caller.send((OPERATIONS / f"{name}.graphql").read_text(encoding="utf-8"), variables)
    assert "'errors': [{" not in str(data), data
    assert len(commands) == MOST_COMMANDS[name], commands
    await _graphql_core_does_the_same(watched, recording, variables)


async def test_a_check_in_that_gives_a_coupon_decides_about_it_in_the_same_transaction(
    member: Caller, services: Services, database: Database, clock: MovableClock, commands: list[str]
) -> None:
    """Offers and categories are known already. The last one marks the coupon as seen, after the answer."""
    await add_stores(database, *STORES)
    await allow(services, key_of(member.member_id, "Member", []))
    await a_published_offer(services, distribution=Distribution.CHECK_IN)
    await member.send("{ me { id } }")
    await services.offers.given_at(OfferMoment.CHECK_IN)
    await services.catalog.categories()
    variables = await variables_of("check_in", member, services, clock)
    commands.clear()
    data = await member.send((OPERATIONS / "check_in.graphql").read_text(encoding="utf-8"), variables)
    assert len(data["checkIn"]["coupons"]) == 1
    written = [*["insert"] * 3, "update", "insert", "update", "commitTransaction"]
    assert commands == ["aggregate", *written, "update"]


async def _graphql_core_does_the_same(
    plan: WatchedPlan, recording: Recording, variables: dict[str, Any]
) -> None:
    """graphql-core calls the same and answers the same, when resolvers give it what they gave the plan."""
    calls = recording.replay()
    plan.ran_in.renew(plan.ran_in.services.clock.now())
    answer = await by_graphql_core(plan.document, variables, plan.ran_in)
    assert told(answer) == told(plan.result)
    assert same_calls(recording.calls, calls)
