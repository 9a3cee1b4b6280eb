"""Stores, for everybody."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from app.beacons.model import Beacon, BeaconKey
from app.beacons.repository import BeaconRepository
from app.demo.retailer import demo_beacons, demo_stores
from app.shared.channels import Channel
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.stores.model import SpecialDay, StoreServiceKind
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.api.callers import Caller
from tests.arrangements import add_stores
from tests.examples import UMEDA, a_store, daily, north_of

NEARBY, DETAIL, BEACONS = (TEXTS[name] for name in ("nearby_stores", "store", "nearby_beacons"))
NEAR = {"latitude": UMEDA.latitude, "longitude": UMEDA.longitude}
STORES = """
query ($near: GeoPointInput, $radius: Int! = 50000, $query: String, $first: Int! = 20, $after: String) {
  stores(near: $near, radiusMeters: $radius, query: $query, first: $first, after: $after) {
    edges { cursor node { code } }
    nodes { code name distanceMeters }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


@pytest.fixture
async def retailer(database: Database) -> None:
    stores = demo_stores(80, seed=1)
    await add_stores(database, *stores)
    await BeaconRepository(database).add_many(demo_beacons(stores), session=None)


async def test_a_store_shows_all_of_itself(
    anonymous: Caller, member: Caller, clerk: Caller, till: Caller, database: Database
) -> None:
    new_year = {Language.JA: "元日", Language.EN: "New Year's Day"}
    store = a_store(
        code="umeda",
        hours=daily(18 * 60, 25 * 60),
        special_days=(
            SpecialDay(date(2027, 1, 1), (), new_year),
            SpecialDay(date(2026, 12, 31), ((600, 900),)),
        ),
        phone="06-0000-0000",
        services=frozenset({StoreServiceKind.TRANSFER, StoreServiceKind.PICKUP}),
        photo_urls=("https://images.example/umeda.jpg",),
    )
    await add_stores(database, store)
    query = """
    query ($id: ID!) { store(id: $id) {
      id code channel name ja: name(locale: "ja") kana address { postalCode country text } timeZone
      location { latitude longitude } checkInRadiusMeters distanceMeters isOpen opensNext
      hours { weekday opens closes } specialDays { day name hours { opens closes } } firstDay lastDay
      phone services photoUrls
    } }
    """
    variables = {"id": encode_id("Store", store.id)}
    shown = (await anonymous.send(query, variables, Accept_Language="en"))["store"]
    assert shown == {
        "id": variables["id"],
        "code": "umeda",
        "channel": "STORE",
        "name": "Koharu Umeda",
        "ja": "こはる 梅田店",
        "kana": "こはる うめだてん",
        "address": {"postalCode": "530-0001", "country": "JP", "text": "Umeda, Kita-ku, Osaka"},
        "timeZone": "Asia/Tokyo",
        "location": NEAR,
        "checkInRadiusMeters": 150,
        "distanceMeters": None,
        "isOpen": False,
        "opensNext": "2026-11-21T09:00:00.000Z",
        "hours": [
            {"weekday": weekday, "opens": "18:00", "closes": "25:00"}
            for weekday in ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
        ],
        "specialDays": [
            {"day": "2026-12-31", "name": None, "hours": [{"opens": "10:00", "closes": "15:00"}]},
            {"day": "2027-01-01", "name": "New Year's Day", "hours": []},
        ],
        "firstDay": None,
        "lastDay": None,
        "phone": "06-0000-0000",
        "services": ["PICKUP", "TRANSFER"],
        "photoUrls": ["https://images.example/umeda.jpg"],
    }
    key = BeaconKey("6b6f6861-7275-4000-8000-000000000001", 1, 2)
    await BeaconRepository(database).place(Beacon(key, store.id, ("stationery",)), session=None)
    query = "query ($id: ID!) { store(id: $id) { beacons { uuid major minor } } }"
    for caller in (member, clerk):
        assert (await caller.send(query, {"id": variables["id"]}))["store"]["beacons"] == [
            {"uuid": "6b6f6861-7275-4000-8000-000000000001", "major": 1, "minor": 2}
        ]
    for caller, code in ((anonymous, "UNAUTHENTICATED"), (till, "FORBIDDEN")):
        (error,) = await caller.errors(query, {"id": variables["id"]})
        assert error["extensions"]["code"] == code


async def test_stores_near_a_place(anonymous: Caller, retailer: None) -> None:
    found = (await anonymous.send(STORES, {"near": NEAR}))["stores"]["nodes"]
    assert found[0] == {"code": "umeda", "name": "こはる 梅田店", "distanceMeters": 0}
    distances = [each["distanceMeters"] for each in found]
    assert distances == sorted(distances)
    assert max(distances) <= 50_000


async def test_stores_by_words(anonymous: Caller, retailer: None) -> None:
    found = (await anonymous.send(STORES, {"query": "ウメダ"}, Accept_Language="en"))["stores"]["nodes"]
    assert found == [{"code": "umeda", "name": "Koharu Umeda", "distanceMeters": None}]


async def test_stores_by_service(anonymous: Caller, retailer: None) -> None:
    query = "{ stores(services: [TAX_FREE, PARKING], first: 100) { nodes { services } } }"
    found = (await anonymous.send(query))["stores"]["nodes"]
    assert found
    assert all({"TAX_FREE", "PARKING"} <= set(each["services"]) for each in found)


async def test_pages(anonymous: Caller, retailer: None) -> None:
    after, codes = None, []
    while True:
        variables = {"near": NEAR, "radius": 20_000_000, "first": 33, "after": after}
        page = (await anonymous.send(STORES, variables))["stores"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        codes += [edge["node"]["code"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(codes) == len(set(codes)) == 80


@pytest.mark.parametrize(
    ("variables", "code", "field"),
    [
        ({"first": 0}, "PAGE_SIZE_INVALID", "first"),
        ({"first": 101}, "PAGE_SIZE_INVALID", "first"),
        ({"after": "garbage"}, "CURSOR_INVALID", "after"),
        ({"near": {"latitude": 91, "longitude": 0}}, "PLACE_INVALID", "near"),
        ({"near": NEAR, "radius": 0}, "RADIUS_INVALID", "radiusMeters"),
        ({"query": "x" * 101}, "SEARCH_TOO_LONG", "query"),
    ],
)
async def test_bad_questions_have_a_code(
    anonymous: Caller, variables: dict[str, Any], code: str, field: str
) -> None:
    (error,) = await anonymous.errors(STORES, variables)
    assert error["extensions"] == {"code": code, "input": [field]}


async def test_a_store_that_is_none(anonymous: Caller) -> None:
    query = "query ($id: ID!) { store(id: $id) { name } }"
    assert await anonymous.send(query, {"id": encode_id("Store", "nowhere")}) == {"store": None}
    (error,) = await anonymous.errors(query, {"id": "garbage"})
    assert error["extensions"]["code"] == "INVALID_ID"


async def test_a_store_is_a_node(anonymous: Caller, database: Database) -> None:
    store = a_store()
    await add_stores(database, store)
    query = "query ($id: ID!) { node(id: $id) { id ... on Store { kana } } }"
    node = (await anonymous.send(query, {"id": encode_id("Store", store.id)}))["node"]
    assert node["kana"] == "こはる うめだてん"


async def test_hours_at_another_moment(anonymous: Caller, database: Database) -> None:
    store = a_store(hours=daily(600, 1260))
    await add_stores(database, store)
    query = "query ($id: ID!, $at: DateTime) { store(id: $id) { isOpen(at: $at) opensNext(at: $at) } }"

    async def at(moment: str | None) -> tuple[bool, str | None]:
        shown = (await anonymous.send(query, {"id": encode_id("Store", store.id), "at": moment}))["store"]
        return shown["isOpen"], shown["opensNext"]

    assert await at(None) == (True, None)
    assert await at("2026-12-24T09:59:59.999+09:00") == (False, "2026-12-24T01:00:00.000Z")
    assert await at("2026-12-24T10:00:00+09:00") == (True, None)
    assert await at("2026-12-24T21:00:00+09:00") == (False, "2026-12-25T01:00:00.000Z")
    for moment in ("0001-01-01T00:00:00Z", "2028-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        errors = await anonymous.errors(query, {"id": encode_id("Store", store.id), "at": moment})
        assert {error["extensions"]["code"] for error in errors} == {"MOMENT_INVALID"}


@pytest.mark.parametrize("name", ["first", "radiusMeters"])
async def test_a_null_that_cannot_be_is_the_callers_fault(anonymous: Caller, name: str) -> None:
    query = f"query ($n: Int = 5) {{ stores({name}: $n) {{ nodes {{ id }} }} }}"
    (error,) = await anonymous.errors(query, {"n": None})
    assert error["extensions"]["code"] == "BAD_REQUEST"


async def test_by_name_place_and_service_at_once_the_nearest_first(
    anonymous: Caller, database: Database
) -> None:
    """By the official operation, popup stores among them; the other names what there is to know of one."""
    cafe = frozenset({StoreServiceKind.CAFE, StoreServiceKind.PICKUP})
    popup = a_store(
        channel=Channel.POPUP,
        location=north_of(UMEDA, 300),
        services=cafe,
        first_day=date(2026, 12, 1),
        last_day=date(2026, 12, 24),
        photo_urls=("https://images.example/popup.jpg",),
    )
    nearer = a_store(location=north_of(UMEDA, 100), services=cafe)
    other_name = a_store(names=dict.fromkeys(Language, "Sakura"), kana="さくら", services=cafe)
    no_cafe, too_far = a_store(), a_store(location=north_of(UMEDA, 60_000), services=cafe)
    await add_stores(database, popup, nearer, other_name, no_cafe, too_far)
    wish = {"near": NEAR, "query": "こはる", "services": ["CAFE"]}
    found = (await anonymous.send(NEARBY, wish))["stores"]["nodes"]
    assert [(each["id"], each["distanceMeters"]) for each in found] == [
        (encode_id("Store", nearer.id), 100),
        (encode_id("Store", popup.id), 300),
    ]
    shown = (await anonymous.send(DETAIL, {"id": encode_id("Store", popup.id)}))["store"]
    assert (shown["channel"], shown["firstDay"], shown["lastDay"]) == ("POPUP", "2026-12-01", "2026-12-24")
    assert (shown["isOpen"], shown["opensNext"]) == (False, "2026-11-30T15:00:00.000Z")
    assert shown["photoUrls"] == ["https://images.example/popup.jpg"]


async def test_an_app_learns_the_beacons_around(member: Caller, anonymous: Caller, retailer: None) -> None:
    stores = (await member.send(BEACONS, {"near": NEAR, "first": 3}))["stores"]["nodes"]
    first, second = stores[0]["beacons"]
    assert len({each["major"] for store in stores for each in store["beacons"]}) == 3
    assert UUID(first["uuid"]).version == 4
    assert (first["minor"], second["minor"]) == (1, 2)
    assert {error["extensions"]["code"] for error in await anonymous.errors(BEACONS, {"near": NEAR})} == {
        "UNAUTHENTICATED"
    }
