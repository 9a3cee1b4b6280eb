"""The demo retailer as it is loaded: sound, and its members and staff can come in."""

from collections import Counter
from itertools import pairwise

import pytest

from app.auth.actor import OPERATOR
from app.catalog.category_tree import CategoryTree
from app.demo.catalog import demo_categories, table_sku_count
from app.demo.history import GRACE_MONTHS
from app.demo.people import SIGN_INS, DemoPerson
from app.demo.retailer import town_count
from app.demo.staff import DEMO_STAFF
from app.inventory.audit import audit as stock_audit
from app.inventory.level_repository import STOCK_LEVELS
from app.members.model import Rank
from app.members.ranks import RankRules
from app.members.repository import MEMBERS
from app.points.audit import audit
from app.points.repository import POINT_ENTRIES
from app.purchases.repository import PURCHASES
from app.services import Services
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.paging import PageRequest
from tests.arrangements import A_NETWORK, a_code
from tests.conftest import NOON_IN_TOKYO, emptied
from tests.integration.demo_loads import TOKYO, load

MEMBERS_LOADED = 60
PHONES = [person for person in SIGN_INS if person.device_id]


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The drivers whose databases hold the retailer already."""
    return set()


@pytest.fixture
async def database(prepared_databases: dict[str, Database], driver: str, loaded: set[str]) -> Database:
    """The retailer's, loaded once: no test of this file changes what another one looks at."""
    database = prepared_databases[driver]
    if driver not in loaded:
        await load(await emptied(database), MEMBERS_LOADED)
        loaded.add(driver)
    return database


async def test_the_loaded_ledger_is_sound(database: Database) -> None:
    audited = [account async for account in audit(database)]
    assert len(audited) > 20
    assert all(account.faults == () for account in audited)


async def test_purchases_have_earned_points_miles_and_ranks(database: Database, services: Services) -> None:
    ranks = RankRules(TOKYO, GRACE_MONTHS)
    held: Counter[Rank] = Counter()
    for document in await database.collection(MEMBERS).find({}):
        member = await services.members.get(document["_id"])
        assert member is not None
        purchases = await database.collection(PURCHASES).find({"member_id": member.id})
        miles: Counter[int] = Counter()
        for purchase in purchases:
            miles[purchase["rank_year"]] += sum(line["miles"] for line in purchase["lines"])
        assert {each.year: each.miles for each in member.mile_years} == dict(miles)
        entries = await database.collection(POINT_ENTRIES).find(
            {"member_id": member.id, "reason": "PURCHASE"}
        )
        earned = {each["reference"]: each["amount"] for each in entries}
        assert earned == {
            f"purchase:{each['_id']}": sum(line["points"] for line in each["lines"])
            for each in purchases
            if any(line["points"] for line in each["lines"])
        }
        changes = [each for each, _ in (await services.ranks.history(member, PageRequest(100))).items]
        rank = services.ranks.standing(member).rank
        assert (changes[0].after if changes else Rank.MEMBER) is rank
        assert all(later.before is earlier.after for later, earlier in pairwise(changes))
        held[ranks.rank_at(member, NOON_IN_TOKYO)] += 1
    assert set(held) == set(Rank)


async def test_members_bought_what_they_like(database: Database) -> None:
    purchases = await database.collection(PURCHASES).find({})
    assert len(purchases) > 100
    liked = other = 0
    tree = CategoryTree(demo_categories())
    members = {member["_id"]: member for member in await database.collection(MEMBERS).find({})}
    for purchase in purchases:
        assert purchase["total"] == sum(line["amount"] for line in purchase["lines"])
        favourites = members[purchase["member_id"]]["profile"]["favourite_categories"]
        for line in purchase["lines"]:
            is_liked = tree.path(line["category_id"])[0].id in favourites
            liked, other = liked + is_liked, other + (not is_liked)
    assert liked > other


async def test_the_loaded_stock_is_sound_and_varied(database: Database) -> None:
    audited = [level async for level in stock_audit(database, NOON_IN_TOKYO)]
    assert len(audited) == town_count() * table_sku_count()
    assert all(level.faults == () for level in audited)
    levels = database.collection(STOCK_LEVELS)
    assert 0.05 < await levels.count({"on_hand": 0}) / len(audited) < 0.2
    assert 0.1 < await levels.count({"on_hand": {"$in": [1, 2, 3]}}) / len(audited) < 0.3


async def test_the_demo_staff_can_sign_in_on_a_device_of_their_store(
    database: Database, services: Services
) -> None:
    (store,) = await services.stores.require_codes(["umeda"])
    made = await services.store_devices.create_enrolment_code(OPERATOR, store.id, "Counter 1")
    _, token = await services.store_devices.enrol(made.code, "127.0.0.1")
    for each in DEMO_STAFF:
        signed_in = await services.staff_sign_in.sign_in(token, each.code, each.pin)
        assert (signed_in.member.name, signed_in.member.role) == (each.name, each.role)


@pytest.mark.parametrize("person", PHONES, ids=lambda person: person.home)
async def test_a_demo_phone_opens_its_account(
    services: Services, database: Database, person: DemoPerson
) -> None:
    assert person.device_id is not None
    registered = await services.members.register_guest(person.device_id, None, Language.JA, A_NETWORK)
    assert registered.member.profile.nickname == person.nickname


async def test_a_demo_member_signs_in_by_her_address(services: Services, database: Database) -> None:
    given = await a_code(services, "mio@example.com")
    signed_in = await services.sign_in.sign_in(given, None, Language.JA, caller=None)
    assert (signed_in.member.profile.nickname, signed_in.is_new) == ("みお", False)
    assert len((await services.check_ins.of_member(signed_in.member.id, PageRequest(100))).items) == 25
