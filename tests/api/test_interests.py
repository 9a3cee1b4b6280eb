"""What members do in the app, through GraphQL: hers to report, and hers alone to see."""

from datetime import datetime
from typing import Any

import pytest

from app.services import Services
from app.shared.clock import rfc3339
from app.shared.mongodb.database import Database
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id, key_of
from tests.api.callers import Caller
from tests.arrangements import add_catalog, allow
from tests.conftest import MovableClock

TRACK, FAVOURITES, INTERESTS = (TEXTS[name] for name in ("track_events", "my_favourites", "my_interests"))
SKU_ID = encode_id("Sku", "FG-503-NAV")


@pytest.fixture(autouse=True)
async def shop(database: Database) -> None:
    await add_catalog(database)


def a_report(at: datetime, *events: dict[str, Any]) -> dict[str, Any]:
    moment = rfc3339(at)
    return {"input": {"sentAt": moment, "events": [{"at": moment, **each} for each in events]}}


async def test_a_member_reports_what_she_did_and_sees_it(
    member: Caller, other_member: Caller, services: Services, clock: MovableClock
) -> None:
    await allow(services, key_of(member.member_id, "Member", []))
    report = a_report(
        clock.now(),
        {"id": "viewed-1", "kind": "VIEWED", "skuId": SKU_ID},
        {"id": "marked-1", "kind": "FAVOURITED", "skuId": SKU_ID},
        {"id": "search-1", "kind": "SEARCHED", "categoryId": encode_id("Category", "bath")},
        {"id": "viewed-2", "kind": "VIEWED", "skuId": encode_id("Sku", "none")},
    )
    counts = {
        "__typename": "EventsTracked",
        "taken": 3,
        "repeated": 0,
        "ignored": 1,
        "withoutConsent": 0,
        "withoutPlace": 0,
    }
    assert (await member.send(TRACK, report))["trackEvents"] == counts
    again = {**counts, "taken": 0, "repeated": 3}
    assert (await member.send(TRACK, report))["trackEvents"] == again
    (favourite,) = (await member.send(FAVOURITES))["me"]["favourites"]
    assert favourite["sku"]["id"] == SKU_ID
    interests = (await member.send(INTERESTS))["me"]["interests"]
    assert [(each["sku"]["id"], each["weight"]) for each in interests["skus"]] == [(SKU_ID, 5.0)]
    assert encode_id("Category", "bath") in {each["category"]["id"] for each in interests["categories"]}
    assert [each["weight"] for each in interests["brands"]] == [5.0]
    assert (await other_member.send(FAVOURITES))["me"]["favourites"] == []
    assert (await other_member.send(INTERESTS))["me"]["interests"]["skus"] == []


async def test_without_consent_it_is_said_that_nothing_is_kept(member: Caller, clock: MovableClock) -> None:
    report = a_report(clock.now(), {"id": "viewed-1", "kind": "VIEWED", "skuId": SKU_ID})
    assert (await member.send(TRACK, report))["trackEvents"]["withoutConsent"] == 1
    assert (await member.send(INTERESTS))["me"]["interests"]["skus"] == []


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([], "BATCH_SIZE_INVALID"),
        ([{"id": "x", "kind": "VIEWED", "skuId": SKU_ID}], "EVENT_ID_INVALID"),
        ([{"id": "viewed-1", "kind": "VIEWED"}], "EVENT_SUBJECT_INVALID"),
        ([{"id": "viewed-1", "kind": "VIEWED", "skuId": "x"}], "INVALID_ID"),
    ],
)
async def test_a_report_that_is_none_is_refused(
    member: Caller, clock: MovableClock, events: list[dict[str, Any]], code: str
) -> None:
    answer = (await member.send(TRACK, a_report(clock.now(), *events)))["trackEvents"]
    assert [each["code"] for each in answer["errors"]] == [code]
