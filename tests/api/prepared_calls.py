"""Official operations about to be sent, each by whoever may, with all that it needs to do all it can."""

from dataclasses import dataclass
from typing import Any

from app.auth.roles import Role
from app.beacons.model import Beacon, BeaconKey
from app.consents.model import ConsentKind
from app.inventory.model import StockKey
from app.offers.model import OfferMoment
from app.services import Services
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import key_of
from tests.api import offer_calls, order_calls, purchase_calls
from tests.api.callers import Caller
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
from tests.conftest import MovableClock
from tests.examples import a_report
from tests.integration.shop import Shop
from tests.integration.stockroom import TILL
from tests.interest_examples import a_batch

STORES_ASKED = """
query ($skuId: ID!, $near: GeoPointInput!) {
  availability(skuId: $skuId, near: $near) { nodes { available } }
}
"""

# What is counted with the categories known; those of others count the command that reads them.
CATEGORIES_KNOWN = {"place_order", "quote_order", "coupon_usability", "redeem_coupon"}
OF_INTERESTS = {
    *("discover", "my_favourites", "my_interests", "product_page", "recommendations", "track_events"),
}
OF_PURCHASES = purchase_calls.OF_TILLS | purchase_calls.OF_MEMBERS | purchase_calls.OF_HEADQUARTERS
OF_ORDERS = order_calls.OF_MEMBERS | order_calls.OF_CLERKS
OF_COUPONS = offer_calls.OF_MEMBERS | offer_calls.OF_CLERKS
OF_CLERKS = order_calls.OF_CLERKS | offer_calls.OF_CLERKS
OF_HEADQUARTERS = OF_STAFF | purchase_calls.OF_HEADQUARTERS | offer_calls.OF_HEADQUARTERS
OF_TILLS = purchase_calls.OF_TILLS | {"record_stock_movements", "set_safety_stock", "verify_card"}
OF_MERCHANDISERS = {"upsert_categories", "upsert_products"}


@dataclass(frozen=True, slots=True)
class Cast:
    """All who may call."""

    member: Caller
    till: Caller
    headquarters: Caller
    merchandiser: Caller
    listener: Caller


@dataclass(frozen=True, slots=True)
class PreparedCall:
    caller: Caller
    variables: dict[str, Any]


async def prepared(
    name: str, cast: Cast, services: Services, database: Database, clock: MovableClock
) -> PreparedCall:
    """The call of an operation. Its caller's session is known already, and so is what processes remember."""
    await add_stores(database, *STORES)
    await add_catalog(database)
    await add_skus(database, "sku")
    await cast.member.send("{ me { id } }")
    for caller in (cast.till, cast.merchandiser):
        await caller.send("{ __typename }")
    member_id = key_of(cast.member.member_id, "Member", [])
    await _prepare_beacons_and_interests(name, member_id, services, clock)
    variables = await variables_of(name, cast.member, services, clock)
    caller = cast.member
    if name in {"availability", "store_stock", "substitutes"}:
        key = StockKey("FG-503-NAV" if name == "substitutes" else "sku", STORES[0].id)
        await services.stock.record(TILL, [a_report(key, "COUNT", 5, clock.now())])
    if name in OF_ORDERS:
        shop = await Shop.open(services, clock)
        await shop.earn(member_id, 500)
        variables = await order_calls.variables_of(name, shop, member_id)
    if name in OF_PURCHASES:
        variables = await _of_purchases(name, member_id, cast, services, clock)
    if name in OF_STAFF:
        variables = await staff_variables_of(name, services)
    if name in OF_LISTENERS:
        variables, caller = await listener_variables_of(name, cast.listener, services), cast.listener
    if name in offer_calls.OF_HEADQUARTERS:
        variables = await offer_calls.variables_of(name, services, STORES[0].id)
    if name in OF_COUPONS:
        variables = await offer_calls.coupon_variables_of(name, services, member_id, STORES[0].id)
    if name in OF_CLERKS:
        store_id = shop.store.id if name in OF_ORDERS else STORES[0].id
        caller = Caller(cast.member.client, (await a_shift(services, Role.COUNTER, store_id)).access_token)
    elif name in OF_HEADQUARTERS:
        caller = cast.headquarters
    elif name in OF_TILLS:
        caller = cast.till
    elif name in OF_MERCHANDISERS:
        caller = cast.merchandiser
    await caller.send("{ __typename }")
    await cast.member.send("{ me { id } }")
    await _have_remembered(name, cast.member, services)
    return PreparedCall(caller, variables)


async def _prepare_beacons_and_interests(
    name: str, member_id: str, services: Services, clock: MovableClock
) -> None:
    if name in {"beacon_sighted", "beacons", "remove_beacon"}:
        actor = (await a_shift(services, Role.HEADQUARTERS)).actor
        await services.beacons.place(actor, Beacon(BeaconKey(**BEACON), STORES[0].id, ("bath",), ("sku",)))
        await allow(services, member_id, *ConsentKind)
    if name in OF_INTERESTS:
        await allow(services, member_id)
        if name != "track_events":
            await services.interests.track(member_id, a_batch(clock.now(), sku_ids=["FG-503-NAV", "sku"]))


async def _of_purchases(
    name: str, member_id: str, cast: Cast, services: Services, clock: MovableClock
) -> dict[str, Any]:
    wish = {"input": purchase_calls.a_campaign_input(clock)}
    campaign = (await cast.headquarters.send(TEXTS["start_point_campaign"], wish))["startPointCampaign"]
    customer = await services.members.get(member_id)
    assert customer is not None
    return await purchase_calls.variables_of(name, services, STORES[0], customer, campaign["campaign"]["id"])


async def _have_remembered(name: str, member: Caller, services: Services) -> None:
    """The stores around a place, what is given with a check-in and, for the home screen, which news is on."""
    await member.send(STORES_ASKED, {"skuId": SKU_ID, "near": FIRST_PAGE["near"]})
    await services.offers.given_at(OfferMoment.CHECK_IN)
    await services.point_rules.of_now()
    if name in CATEGORIES_KNOWN:
        await services.catalog.categories()
    if name == "home":
        await services.news.ids_on()
