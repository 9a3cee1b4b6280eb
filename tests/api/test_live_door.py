"""Who comes in to listen, to what, and an end for each token."""

from datetime import timedelta

import pytest
import uvicorn
from websockets.exceptions import InvalidStatus

from app.auth.partners import PartnerUpdate, Scope
from app.services import Services
from app.shared.settings.model import Settings
from graphql_schema.documents import document_hash
from tests.api.callers import Caller
from tests.api.live import events_of, last_words, serving, socket_to
from tests.api.live_stock import CHANGED, KEY, WATCH, pieces
from tests.conftest import MovableClock
from tests.integration.stockroom import Stockroom


@pytest.mark.parametrize("token", ["x", "a.b.c"])
async def test_a_bad_token_does_not_come_in(server: uvicorn.Server, token: str) -> None:
    async with socket_to(server) as client:
        await client.send("connection_init", payload={"authorization": f"Bearer {token}"})
        assert await client.closing() == (4403, "TOKEN_INVALID")


async def test_the_tokens_end_ends_the_connection(
    server: uvicorn.Server, member: Caller, stockroom: Stockroom, clock: MovableClock
) -> None:
    async with socket_to(server) as client, events_of(server, CHANGED, WATCH, member.token) as events:
        await client.begin(member.token)
        await client.subscribe(CHANGED, WATCH)
        assert pieces(await client.next()) == pieces(await events.next()) == []
        clock.advance(timedelta(minutes=15))
        assert await client.closing() == (4403, "TOKEN_EXPIRED")
        assert await last_words(events) == "TOKEN_EXPIRED"


async def test_the_sessions_end_ends_the_connection(
    server: uvicorn.Server, member: Caller, stockroom: Stockroom
) -> None:
    async with socket_to(server) as client, events_of(server, CHANGED, WATCH, member.token) as events:
        await client.begin(member.token)
        await client.subscribe(CHANGED, WATCH)
        assert pieces(await client.next()) == pieces(await events.next()) == []
        await member.send("mutation { signOut { __typename } }")
        assert await client.closing() == (4403, "TOKEN_INVALID")
        assert await last_words(events) == "TOKEN_INVALID"


async def test_a_partner_that_is_removed_is_out(
    server: uvicorn.Server, services: Services, stockroom: Stockroom
) -> None:
    partner, _ = await services.partners.create("Till", [Scope.STOCK_WRITE])
    async with socket_to(server) as client:
        await client.begin(services.partners.grant(partner, None).token.text)
        query = "subscription ($skuIds: [ID!]!) { stockChanged(skuIds: $skuIds) { onHand } }"
        await client.subscribe(query, WATCH)
        assert await client.next() == {"stockChanged": []}
        await services.partners.remove(partner.id)
        assert await client.closing() == (4403, "TOKEN_INVALID")


async def test_a_partner_that_may_do_other_things_by_now_comes_in_anew(
    server: uvicorn.Server, services: Services, stockroom: Stockroom
) -> None:
    partner, _ = await services.partners.create("Till", [Scope.STOCK_WRITE])
    async with socket_to(server) as client:
        await client.begin(services.partners.grant(partner, None).token.text)
        await services.partners.update(partner.id, PartnerUpdate(scopes={Scope.CARDS_VERIFY}))
        assert await client.closing() == (4403, "TOKEN_INVALID")


async def test_what_is_for_partners_is_not_told_to_others(
    server: uvicorn.Server, stockroom: Stockroom
) -> None:
    await stockroom.stock(KEY, 5)
    async with socket_to(server) as client:
        await client.begin()
        await client.subscribe(
            "subscription ($skuIds: [ID!]!) { stockChanged(skuIds: $skuIds) { onHand } }", WATCH
        )
        message = await client.receive()
        assert message["payload"]["data"] is None
        assert message["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_pages_of_other_origins_come_in_by_setting_only(
    server: uvicorn.Server, settings: Settings, services: Services
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with socket_to(server, origin="https://evil.example"):
            raise AssertionError("it came in")
    assert refused.value.response.status_code == 403
    allowing = settings.model_copy(update={"cors_origins": ("https://app.example",)})
    async with serving(allowing, services) as other, socket_to(other, origin="https://app.example") as client:
        await client.begin()


async def test_production_runs_trusted_documents_alone(
    settings: Settings, services: Services, stockroom: Stockroom
) -> None:
    production = settings.model_copy(update={"environment": "production"})
    async with serving(production, services) as server, socket_to(server) as client:
        await client.begin()
        await client.subscribe("subscription { stockChanged(skuIds: []) { id } }", {})
        assert await client.errors() == ["DOCUMENT_NOT_TRUSTED"]
        by_id = {"documentId": document_hash(CHANGED), "variables": WATCH}
        await client.send("subscribe", id="1", payload=by_id)
        assert pieces(await client.next()) == []
        by_extension = {"extensions": {"persistedQuery": {"sha256Hash": document_hash(CHANGED)}}}
        await client.send("subscribe", id="2", payload={**by_extension, "variables": WATCH})
        assert pieces(await client.next("2")) == []
        await client.send("subscribe", id="3", payload={"documentId": "0" * 64})
        assert await client.errors("3") == ["PERSISTED_QUERY_NOT_FOUND"]
