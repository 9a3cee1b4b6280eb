"""The demo retailer: plausible, sound, and the same every time."""

from collections import Counter
from contextlib import nullcontext
from typing import Any
from zoneinfo import available_timezones

import pytest
from pymongo import MongoClient

from app.beacons.repository import BEACONS
from app.catalog.batches import category_rows
from app.catalog.category_tree import CategoryTree
from app.catalog.repository import CATEGORY_TREES, PRODUCTS
from app.catalog.rules import checked_product, is_jan
from app.catalog.search_repository import PRODUCT_SEARCH
from app.check_ins.repository import CHECK_INS
from app.collections import COLLECTIONS
from app.consents.model import ConsentKind
from app.consents.repository import CONSENT_ENTRIES
from app.coupons.codes import is_code
from app.coupons.repository import COUPONS
from app.demo.catalog import demo_categories, demo_products, table_sku_count
from app.demo.loading import DEFAULT_SEED, DatabaseNotEmpty, DemoLoader, PartsWriter
from app.demo.offers import demo_offers
from app.demo.people import DemoPeople
from app.demo.plan import DemoPlan, Progress
from app.demo.purchases import DemoPurchases
from app.demo.retailer import demo_stores, town_count
from app.favourites.repository import FAVOURITES
from app.interests.repository import INTERESTS
from app.inventory.level_repository import STOCK_LEVELS
from app.inventory.movement_repository import STOCK_MOVEMENTS
from app.members.rank_repository import RANK_CHANGES
from app.members.repository import MEMBERS
from app.offers.counter_repository import OFFER_COUNTERS, CounterRepository, issued_key
from app.offers.model import OfferMoment
from app.offers.repository import OFFER_VERSIONS, OFFERS
from app.points.audit import audit
from app.points.repository import POINT_ENTRIES
from app.purchases.repository import PURCHASES
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from app.sign_in.repository import SIGN_IN_ADDRESSES
from app.stores.model import Store
from app.stores.repository import STORES
from app.stores.rules import is_open
from tests.arrangements import a_member
from tests.conftest import NOON_IN_TOKYO, MovableClock
from tests.examples import a_request, is_member_number
from tests.integration.demo_loads import TOKYO, a_plan, load
from tests.webhook_arrangements import machinery

TODAY = NOON_IN_TOKYO.astimezone(TOKYO).replace(hour=0)


LOADED = (
    STORES,
    BEACONS,
    CATEGORY_TREES,
    PRODUCTS,
    PRODUCT_SEARCH,
    MEMBERS,
    SIGN_IN_ADDRESSES,
    CHECK_INS,
    POINT_ENTRIES,
    PURCHASES,
    RANK_CHANGES,
    STOCK_LEVELS,
    STOCK_MOVEMENTS,
    OFFERS,
    OFFER_VERSIONS,
    COUPONS,
    OFFER_COUNTERS,
    CONSENT_ENTRIES,
    INTERESTS,
    FAVOURITES,
)


def people_of(plan: DemoPlan, stores: list[Store]) -> DemoPeople:
    shelf = list(demo_products(table_sku_count(), TODAY))
    return DemoPeople(plan, stores, DemoPurchases(shelf, CategoryTree(demo_categories()), TOKYO))


async def contents(database: Database) -> list[object]:
    return [await database.collection(each).find({}, sort=[("_id", 1)]) for each in LOADED]


def test_there_are_stores_enough_at_any_hour() -> None:
    stores = demo_stores(town_count(), DEFAULT_SEED)
    assert len(stores) >= 60
    assert Counter(store.time_zone for store in stores)["Asia/Tokyo"] == len(stores) - 2
    assert {store.time_zone for store in stores} <= available_timezones()
    assert all(24 < store.location.latitude < 46 for store in stores if store.address.country == "JP")
    always = [store for store in stores if all(hours.closes - hours.opens == 1440 for hours in store.hours)]
    assert len(always) >= 3
    assert len({store.code for store in stores}) == len({store.id for store in stores}) == len(stores)


def test_more_stores_are_branches_and_fewer_are_the_first() -> None:
    assert [store.code for store in demo_stores(3, 1)] == ["sapporo", "asahikawa", "hakodate"]
    many = demo_stores(300, 1)
    assert len({store.code for store in many}) == len({store.id for store in many}) == 300
    assert demo_stores(300, 1) == many
    assert demo_stores(300, 2) != many


def test_members_visited_open_stores_in_the_past() -> None:
    stores = demo_stores(town_count(), DEFAULT_SEED)
    by_id = {store.id: store for store in stores}
    members = list(people_of(a_plan(300), stores).part(0))
    assert len(members) == 300
    assert len({each.member.number for each in members}) == 300
    assert all(is_member_number(each.member.number) for each in members)
    check_ins = [check_in for each in members for check_in in each.check_ins]
    assert len(check_ins) > 1000
    for check_in in check_ins:
        assert check_in.checked_in_at < NOON_IN_TOKYO
        assert is_open(by_id[check_in.store_id], check_in.checked_in_at)
        assert check_in.distance_meters < by_id[check_in.store_id].radius_meters


def test_the_catalogue_is_as_a_partner_would_have_to_send_it() -> None:
    rows, tree = category_rows(demo_categories(), CategoryTree())
    assert not any(row.refusals for row in rows)
    products = list(demo_products(table_sku_count(), TODAY))
    assert len(products) >= 60
    for product in products:
        assert checked_product(product, []) == product
        assert tree.get(product.category_id)


def test_more_skus_are_variations_and_fewer_are_the_first() -> None:
    few = list(demo_products(7, TODAY))
    assert [product.id for product in few] == ["TP-101"]
    assert len(few[0].skus) == 7
    many = list(demo_products(3_000, TODAY))
    skus = [sku for product in many for sku in product.skus]
    assert len(skus) == len({sku.id for sku in skus}) == len({sku.jan for sku in skus}) == 3_000
    assert len({product.id for product in many}) == len(many)
    assert all(is_jan(sku.jan) for sku in skus)
    assert all(checked_product(product, []) == product for product in many)
    assert list(demo_products(3_000, TODAY)) == many


async def test_members_after_the_first_ones_come_less_often(database: Database) -> None:
    await load(database, members=700, stores=20)
    assert [account.faults async for account in audit(database) if account.faults] == []
    visits = await database.collection(CHECK_INS).aggregate(
        [{"$group": {"_id": "$member_id", "visits": {"$sum": 1}}}]
    )
    visits_of = {each["_id"]: each["visits"] for each in visits}
    shops = demo_stores(20, DEFAULT_SEED)
    people = people_of(a_plan(700, 20), shops)
    regulars, others = ([each.member.id for each in people.part(part)] for part in (0, 1))
    assert sum(visits_of.get(each, 0) for each in regulars) > 7 * len(regulars)
    assert len(others) < sum(visits_of.get(each, 0) for each in others) < 2 * len(others)


async def no_members(_parts: range, _progress: Progress) -> None:
    pass


async def a_full_disk(_parts: range, _progress: Progress) -> None:
    raise OSError("no room left")


@pytest.mark.parametrize("write_others", [no_members, a_full_disk])
async def test_all_indexes_are_there_after_a_load_that_did_without_them(
    database: Database, mongodb_uri: str, worker: str, driver: str, write_others: PartsWriter
) -> None:
    loader, plan = DemoLoader(database), a_plan(301, 3)
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        raw = client[f"test_{worker}_{driver}"]

        async def without_indexes(parts: range, progress: Progress) -> None:
            assert list(raw["point_entries"].index_information()) == ["_id_"]
            await write_others(parts, progress)

        before = {each.name: raw[each.name].index_information() for each in COLLECTIONS}
        with nullcontext() if write_others is no_members else pytest.raises(OSError, match="no room"):
            await loader.load(plan, others=without_indexes)
        assert await loader.is_finished(plan) is (write_others is no_members)
        assert {each.name: raw[each.name].index_information() for each in COLLECTIONS} == before


async def test_members_have_what_they_would_have_made(database: Database, services: Services) -> None:
    await load(database, members=300)
    held: Counter[str] = Counter()
    for document in await database.collection(MEMBERS).find({}):
        member_id = document["_id"]
        allowed = await services.consents.has(member_id, ConsentKind.PERSONALIZATION)
        assert await database.collection(INTERESTS).count({"_id": member_id}) == allowed
        bought = await database.collection(PURCHASES).find({"member_id": member_id})
        sku_ids = {line["sku_id"] for purchase in bought for line in purchase["lines"]}
        favourites = await services.favourites.of_member(member_id)
        assert {each.sku_id for each in favourites} <= sku_ids
        held += Counter(allowed=allowed, favourites=bool(favourites), bought=bool(sku_ids))
    assert 50 < held["allowed"] < 150
    assert 30 < held["favourites"] < 150
    welcome = next(each for each in demo_offers(TODAY) if OfferMoment.SIGN_UP in each.terms.moments)
    coupons = await database.collection(COUPONS).find({})
    assert {each["offer_id"] for each in coupons} == {welcome.id}
    assert all(is_code(each["code"]) for each in coupons)
    counted = await CounterRepository(database).get_many([issued_key(welcome.id)])
    assert counted[issued_key(welcome.id)].count == len(coupons) > 30


async def test_the_same_seed_gives_the_same_data(database: Database) -> None:
    await load(database)
    first = await contents(database)
    for each in COLLECTIONS:
        await database.collection(each).delete_many({})
    await load(database)
    assert await contents(database) == first


async def test_a_retailer_with_data_is_left_alone(database: Database) -> None:
    await load(database, members=3)
    with pytest.raises(DatabaseNotEmpty):
        await load(database, members=3)
    assert await database.collection(MEMBERS).count({}) == 3


async def test_whoever_checks_in_or_signs_up_is_given_a_coupon(
    database: Database, services: Services, clock: MovableClock
) -> None:
    await load(database)
    (umeda,) = [store for store in demo_stores(town_count(), DEFAULT_SEED) if store.code == "umeda"]
    member_id = await a_member(services, "new@example.com")
    await services.check_ins.check_in(member_id, a_request(umeda, clock.now()))
    while await machinery(services).dispatch.dispatch():
        pass
    await services.moments.following.follow()
    page = await services.coupons.wallet.page(member_id, frozenset(), PageRequest())
    assert {held.coupon.moment for held, _ in page.items} == {OfferMoment.CHECK_IN, OfferMoment.SIGN_UP}
