"""`/metrics`: what happened, by official names and codes alone."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from app.services import Services
from app.shared.settings import Settings
from tests.api.conftest import OPERATIONS, Caller, client_of
from tests.conftest import MovableClock
from tests.integration.shop import Shop

TOKEN = "a-token-for-prometheus"
MY_CARD = (OPERATIONS / "my_card.graphql").read_text(encoding="utf-8")
CLAIM = (OPERATIONS / "claim_purchase.graphql").read_text(encoding="utf-8")
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
