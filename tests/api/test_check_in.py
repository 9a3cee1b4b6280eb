"""She walks into a store and earns points."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.check_ins.repository import CHECK_INS, IS_ACCEPTED
from app.shared.clock import rfc3339
from app.shared.ids import new_id
from app.shared.mongodb.database import Database
from app.stores.model import Store
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.api.callers import Caller, sign_in
from tests.arrangements import add_stores
from tests.conftest import MovableClock
from tests.examples import DEVICE_ID, UMEDA, a_store

CHECK_IN = TEXTS["check_in"]
MY_POINTS = TEXTS["my_points"]
MY_CHECK_INS = """
query ($first: Int, $after: String) {
  me { checkIns(first: $first, after: $after) {
    nodes { id storeDay store { name } distanceMeters pointsAwarded } pageInfo { hasNextPage endCursor }
  } }
}
"""


@pytest.fixture
async def store(database: Database) -> Store:
    store = a_store()
    await add_stores(database, store)
    return store


def wish(store: Store, clock: MovableClock, key: str | None = None, **location: Any) -> dict[str, Any]:
    return {
        "input": {
            "storeId": encode_id("Store", store.id),
            "idempotencyKey": key or f"key-{new_id()}",
            "location": {
                "latitude": UMEDA.latitude,
                "longitude": UMEDA.longitude,
                "accuracyMeters": 12.5,
                "measuredAt": rfc3339(clock.now()),
                **location,
            },
        }
    }


async def test_a_visit_earns_points(member: Caller, store: Store, clock: MovableClock) -> None:
    result = (await member.send(CHECK_IN, wish(store, clock)))["checkIn"]
    assert result["__typename"] == "CheckedIn"
    assert (result["pointsAwarded"], result["pointBalance"]) == (10, 10)
    assert result["checkIn"]["store"] == {"id": encode_id("Store", store.id), "name": "こはる 梅田店"}
    assert result["checkIn"]["storeDay"] == "2026-11-21"
    points = (await member.send(MY_POINTS))["me"]["points"]
    lot = {"amount": 10, "expiresAt": "2027-11-30T15:00:00.000Z"}
    assert points["balance"] == 10
    assert points["lots"] == [lot]
    (entry,) = points["entries"]["nodes"]
    assert (entry["kind"], entry["amount"], entry["balanceAfter"]) == ("EARN", 10, 10)
    assert entry["reason"] == "チェックイン"
    assert entry["store"]["name"] == "こはる 梅田店"
    assert entry["lots"] == [lot]


async def test_the_second_time_she_is_told_why_not(member: Caller, store: Store, clock: MovableClock) -> None:
    await member.send(CHECK_IN, wish(store, clock))
    english = (await member.send(CHECK_IN, wish(store, clock), Accept_Language="en"))["checkIn"]
    assert english == {
        "__typename": "Rejected",
        "errors": [
            {
                "code": "ALREADY_CHECKED_IN",
                "message": (
                    "You have checked in at this store today already (2026-11-21). "
                    "Please come again tomorrow."
                ),
                "path": None,
            }
        ],
    }
    japanese = (await member.send(CHECK_IN, wish(store, clock)))["checkIn"]
    assert (
        japanese["errors"][0]["message"]
        == "この店舗では本日(2026-11-21)すでにチェックイン済みです。また明日お越しください。"
    )


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ({"isMock": True}, "LOCATION_MOCKED"),
        ({"accuracyMeters": 151}, "LOCATION_INACCURATE"),
        ({"accuracyMeters": -1}, "LOCATION_MISSING"),
        ({"accuracyMeters": 1e300}, "LOCATION_MISSING"),
        ({"latitude": 91}, "LOCATION_MISSING"),
        ({"latitude": 34.8}, "TOO_FAR_FROM_STORE"),
        ({"measuredAt": "2026-11-21T02:57:59Z"}, "LOCATION_STALE"),
        ({"measuredAt": "2026-11-21T12:01:00+09:00"}, "LOCATION_IN_FUTURE"),
    ],
)
async def test_what_is_not_proven_is_rejected(
    member: Caller, store: Store, clock: MovableClock, location: dict[str, Any], code: str
) -> None:
    result = (await member.send(CHECK_IN, wish(store, clock, **location)))["checkIn"]
    assert result["errors"][0]["code"] == code


@pytest.mark.parametrize(
    "measured_at", ["yesterday", "2026-11-21T03:00:00", "", 5, "0001-01-01T00:00:00+23:59", "x" * 100, None]
)
async def test_a_time_must_be_one(
    member: Caller, store: Store, clock: MovableClock, measured_at: object
) -> None:
    (error,) = await member.errors(CHECK_IN, wish(store, clock, measuredAt=measured_at))
    assert error["extensions"]["code"] == "BAD_REQUEST"


async def test_a_location_must_be_given(member: Caller, store: Store, clock: MovableClock) -> None:
    without = wish(store, clock)
    del without["input"]["location"]
    (error,) = await member.errors(CHECK_IN, without)
    assert "location" in error["message"]


async def test_a_store_must_be_one(member: Caller, store: Store, clock: MovableClock) -> None:
    for store_id, code in (("garbage", "INVALID_ID"), (encode_id("Store", "x"), "STORE_NOT_FOUND")):
        variables = wish(store, clock)
        variables["input"]["storeId"] = store_id
        result = (await member.send(CHECK_IN, variables))["checkIn"]
        assert (result["errors"][0]["code"], result["errors"][0]["path"]) == (code, ["input", "storeId"])


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    member: Caller, store: Store, clock: MovableClock
) -> None:
    variables = wish(store, clock, key="key-00000001")
    first = await member.send(CHECK_IN, variables)
    assert await member.send(CHECK_IN, variables) == first
    variables["input"]["location"]["accuracyMeters"] = 13
    result = (await member.send(CHECK_IN, variables))["checkIn"]
    assert result["errors"][0]["code"] == "IDEMPOTENCY_KEY_REUSED"
    result = (await member.send(CHECK_IN, wish(store, clock, key="short")))["checkIn"]
    assert result["errors"][0]["code"] == "IDEMPOTENCY_KEY_INVALID"


async def test_32_requests_at_once_give_one_check_in(
    member: Caller, store: Store, clock: MovableClock, database: Database
) -> None:
    answers = await asyncio.gather(*(member.send(CHECK_IN, wish(store, clock)) for _ in range(32)))
    kinds = [answer["checkIn"]["__typename"] for answer in answers]
    assert kinds.count("CheckedIn") == 1
    assert await database.collection(CHECK_INS).count({"member_id": {"$gt": ""}, **IS_ACCEPTED}) == 1


async def test_checking_in_needs_a_member(anonymous: Caller, store: Store, clock: MovableClock) -> None:
    (error,) = await anonymous.errors(CHECK_IN, wish(store, clock))
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_her_check_ins_come_in_pages(member: Caller, store: Store, clock: MovableClock) -> None:
    days = []
    for _ in range(3):
        # The token is good for 15 minutes only, so the member signs in anew each day.
        result = await member.send(CHECK_IN, wish(store, clock))
        days.append(result["checkIn"]["checkIn"]["storeDay"])
        clock.advance(timedelta(days=1))
        member = await sign_in(member.client, DEVICE_ID)
    first = (await member.send(MY_CHECK_INS, {"first": 2}))["me"]["checkIns"]
    after = first["pageInfo"]["endCursor"]
    second = (await member.send(MY_CHECK_INS, {"first": 2, "after": after}))["me"]["checkIns"]
    assert [each["storeDay"] for each in first["nodes"] + second["nodes"]] == days[::-1]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


async def test_a_check_in_is_its_members_own(
    member: Caller, other_member: Caller, anonymous: Caller, store: Store, clock: MovableClock
) -> None:
    result = (await member.send(CHECK_IN, wish(store, clock)))["checkIn"]
    node = "query ($id: ID!) { node(id: $id) { ... on CheckIn { storeDay } } }"
    variables = {"id": result["checkIn"]["id"]}
    assert (await member.send(node, variables))["node"] == {"storeDay": "2026-11-21"}
    for caller in (other_member, anonymous):
        assert (await caller.send(node, variables))["node"] is None
