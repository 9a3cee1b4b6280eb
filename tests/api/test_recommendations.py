"""Recommendations through GraphQL: with reasons in the caller's language, by her own interests alone."""

from typing import Any

import pytest

from app.services import Services
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller
from tests.arrangements import add_catalog, add_stores, allow
from tests.conftest import MovableClock
from tests.examples import a_store
from tests.interest_examples import a_batch

RECOMMEND = TEXTS["recommendations"]


@pytest.fixture(autouse=True)
async def shop(database: Database) -> None:
    await add_catalog(database)
    await add_stores(database, a_store(id="umeda"))


async def recommended(caller: Caller, **variables: Any) -> list[dict[str, Any]]:
    headers = {"Accept_Language": variables.pop("language", "en")}
    found: list[dict[str, Any]] = (await caller.send(RECOMMEND, {"place": "HOME", **variables}, **headers))[
        "recommendations"
    ]
    return found


async def test_a_member_is_told_why(
    member: Caller, other_member: Caller, anonymous: Caller, services: Services, clock: MovableClock
) -> None:
    member_id = key_of(member.member_id, "Member", [])
    await allow(services, member_id)
    await services.interests.track(member_id, a_batch(clock.now(), sku_ids=["FG-503-NAV"]))
    hers = await recommended(member)
    product = (await services.catalog.products_of_skus(["FG-503-NAV"]))["FG-503-NAV"]
    told = {reason["text"] for each in hers for reason in each["reasons"] if reason["kind"] == "LIKED_BRAND"}
    assert told == {f"You often look at {product.brand}"}
    japanese = await recommended(member, language="ja")
    assert any(reason["text"] == "人気の商品です" for each in japanese for reason in each["reasons"])
    assert await recommended(anonymous) == await recommended(other_member) != hers


async def test_at_a_store_it_is_said_how_many_there_are(anonymous: Caller) -> None:
    found = await recommended(anonymous, place="STORE", storeId=encode_id("Store", "umeda"), first=5)
    assert len(found) == 5
    assert {each["available"] for each in found} == {0}


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"place": "STORE"}, "RECOMMENDATION_PLACE_INVALID"),
        ({"place": "PRODUCT", "productId": encode_id("Product", "none")}, "RECOMMENDATION_PLACE_INVALID"),
        ({"first": 51}, "RECOMMENDATION_COUNT_INVALID"),
        ({"storeId": "x"}, "INVALID_ID"),
        ({"storeId": encode_id("Store", "none")}, "STORE_NOT_FOUND"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    anonymous: Caller, variables: dict[str, Any], code: str
) -> None:
    (error,) = await anonymous.errors(RECOMMEND, {"place": "HOME", **variables})
    assert error["extensions"]["code"] == code
