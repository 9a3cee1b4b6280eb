"""`/metrics`: what happened, by official names and codes alone."""

import math
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from pymongo.errors import ServerSelectionTimeoutError
from structlog.testing import capture_logs

from app.services import Services
from app.shared.settings.model import Settings
from graphql_schema.documents import TEXTS
from graphql_schema.node import encode_id
from tests.api.callers import Caller, client_of, sign_in
from tests.conftest import MovableClock
from tests.examples import DEVICE_ID
from tests.integration.shop import Shop

TOKEN = "a-token-for-prometheus"
MY_CARD = TEXTS["my_card"]
CLAIM = TEXTS["claim_purchase"]
WRONG_CLAIM = {"input": {"receiptNumber": "none", "total": 1}}


async def figures(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels, without buckets."""
    text = (await client.get("/metrics")).text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


async def test_operations_are_counted_by_their_names_and_how_they_ended(member: Caller) -> None:
    async def counted() -> list[float]:
        found = await figures(member.client)
        named = [("my_card", "ANSWERED"), ("claim_purchase", "REJECTED"), ("other", "REFUSED")]
        counts = [found.get(("tsunagu_operation_seconds_count", *each), 0) for each in named]
        commands = found.get(("tsunagu_mongodb_command_seconds_count", "find", "OK"), 0)
        return [*counts, found.get(("tsunagu_rejections_total", "CLAIM_NOT_FOUND"), 0), commands]

    before = await counted()
    await member.send(MY_CARD)
    await member.send(CLAIM, WRONG_CLAIM)
    await member.errors("{ nothing }")
    *after, commands = await counted()
    assert after == [each + 1 for each in before[:-1]]
    assert commands > before[-1]


async def test_whoever_is_turned_away_at_the_door_is_counted_by_the_reason(client: httpx.AsyncClient) -> None:
    before = await figures(client)
    refused = await client.post("/graphql", json={"query": MY_CARD}, headers={"Authorization": "Bearer x"})
    large = await client.post("/graphql", content=b" " * 70_000, headers={"Content-Type": "application/json"})
    assert (refused.status_code, large.status_code) == (401, 413)
    after = await figures(client)
    for code in ("TOKEN_INVALID", "BODY_TOO_LARGE"):
        name = ("tsunagu_rejections_total", code)
        assert after[name] == before.get(name, 0) + 1


async def test_a_slow_operation_is_told_with_its_member_and_its_commands(
    settings: Settings, services: Services
) -> None:
    slow = settings.model_copy(update={"slow_operation_milliseconds": 0})
    with capture_logs() as lines:
        async with client_of(slow, services) as client:
            member = await sign_in(client, DEVICE_ID)
            await member.send(MY_CARD)
    (line,) = [each for each in lines if each.get("operation") == "my_card"]
    assert encode_id("Member", line["member_id"]) == member.member_id
    assert line["mongodb_commands"] == len(line["slowest_commands"]) > 0
    assert "aggregate members" in {each.split(":")[0] for each in line["slowest_commands"]}
    assert DEVICE_ID not in str(line)


async def test_nothing_that_a_caller_sends_becomes_a_series(member: Caller) -> None:
    await member.errors("query MyVeryOwnName { nothing }")
    assert "MyVeryOwnName" not in (await member.client.get("/metrics")).text


async def test_events_that_wait_and_holds_are_told(
    client: httpx.AsyncClient, services: Services, clock: MovableClock
) -> None:
    shop = await Shop.open(services, clock)
    assert (await figures(client))["tsunagu_stock_holds",] == 0
    await shop.place(await shop.customer(), shop.wish((0, 1)))
    assert (await figures(client))["tsunagu_stock_holds",] == 1
    later = datetime.now(UTC) + timedelta(seconds=60)
    assert 50 < await services.events.longest_wait_seconds(later) < 3600
    assert (await figures(client))["tsunagu_outbox_lag_seconds",] >= 0


async def test_while_mongodb_does_not_answer_all_else_is_told(
    client: httpx.AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(now: datetime) -> float:
        raise ServerSelectionTimeoutError

    monkeypatch.setattr(services.events, "longest_wait_seconds", unreachable)
    found = await figures(client)
    assert math.isnan(found["tsunagu_outbox_lag_seconds",])
    assert math.isnan(found["tsunagu_stock_holds",])
    assert "tsunagu_event_loop_lag_seconds_count" in {name for name, *_ in found}


async def test_where_all_events_have_their_numbers_none_waits(services: Services) -> None:
    assert await services.events.longest_wait_seconds(datetime.now(UTC)) == 0


@pytest.mark.parametrize(("sent", "status"), [(f"Bearer {TOKEN}", 200), ("Bearer another", 401), (None, 401)])
async def test_in_production_who_has_the_token_reads_it(
    settings: Settings, services: Services, sent: str | None, status: int
) -> None:
    changes = {"environment": "production", "metrics_token": SecretStr(TOKEN)}
    async with client_of(settings.model_copy(update=changes), services) as client:
        headers = {"Authorization": sent} if sent else {}
        assert (await client.get("/metrics", headers=headers)).status_code == status


async def test_in_production_there_is_none_without_a_token(settings: Settings, services: Services) -> None:
    async with client_of(settings.model_copy(update={"environment": "production"}), services) as client:
        assert (await client.get("/metrics")).status_code == 404
