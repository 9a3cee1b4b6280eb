"""`/dev/clock`: only our own pages move it, in development alone, and every answer tells its time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from app.composition import build_services
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from tests.api.callers import client_of

OURS = {"Origin": "http://tsunagu.test"}
HOUR = {"forwardSeconds": "3600"}


@pytest.fixture
async def client(settings: Settings, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(settings, build_services(settings, database)) as client:
        yield client
        await client.delete("/dev/clock", headers=OURS)


async def test_an_hour_passes_for_every_answer(client: httpx.AsyncClient) -> None:
    told = (await client.post("/dev/clock", params=HOUR, headers=OURS)).json()
    assert told["aheadSeconds"] == 3600
    assert (await client.get("/dev/clock")).json()["aheadSeconds"] == 3600
    said = parsedate_to_datetime((await client.get("/healthz")).headers["Date"])
    assert timedelta(minutes=59) < said - datetime.now(UTC) < timedelta(minutes=61)
    assert (await client.delete("/dev/clock", headers=OURS)).json()["aheadSeconds"] == 0


@pytest.mark.parametrize(
    "origin", [{}, {"Origin": "null"}, {"Origin": "http://evil.test"}, {"Origin": "http://tsunagu.test.evil"}]
)
async def test_other_pages_move_nothing(client: httpx.AsyncClient, origin: dict[str, str]) -> None:
    assert (await client.post("/dev/clock", params=HOUR, headers=origin)).status_code == 403
    assert (await client.delete("/dev/clock", headers=origin)).status_code == 403
    assert (await client.get("/dev/clock")).json()["aheadSeconds"] == 0


@pytest.mark.parametrize("seconds", ["", "-1", "1.5", "1e3", "２", "2592001", "99999999999999999999"])
async def test_what_is_no_time_moves_nothing(client: httpx.AsyncClient, seconds: str) -> None:
    answer = await client.post("/dev/clock", params={"forwardSeconds": seconds}, headers=OURS)
    assert answer.status_code == 400
    assert (await client.get("/dev/clock")).json()["aheadSeconds"] == 0


async def test_production_has_no_such_clock(settings: Settings, services: Services) -> None:
    async with client_of(settings.model_copy(update={"environment": "production"}), services) as client:
        assert (await client.get("/dev/clock")).status_code == 404
        assert (await client.post("/dev/clock", params=HOUR, headers=OURS)).status_code == 404
