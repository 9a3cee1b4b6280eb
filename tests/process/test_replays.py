"""What the bench's plain routes write is what the operations wrote that were recorded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient

from app.demo.catalog import table_sku_count
from app.demo.retailer import town_count
from app.shared.settings.model import Settings
from bench.official_bench import Extent, prepare, record
from bench.preparing import copy_database
from bench.recording import RECORDED, Recorded
from bench.replaying import Replay
from graphql_schema import budget

OPERATIONS = ["my_points", "check_in", "place_order", "accept_order", "redeem_coupon", "update_profile"]
MOMENTS_OF_MONGODB = {"written_at": 0}  # which it writes itself, and leaves out here
SOURCE, TWIN = "replay_source", "replay_twin"
EXTENT = Extent(
    names=OPERATIONS,
    followed=[],
    callers=1,
    rounds=1,
    seconds=0.1,
    changes=1,
    stores=town_count(),
    skus=table_sku_count(),
    counters=1,
    idle=1,
    listeners=1,
)


@pytest.fixture
def databases(settings: Settings, tmp_path: Path) -> Iterator[tuple[Settings, Settings]]:
    """Two empty ones, which are gone afterwards."""
    source = settings.model_copy(update={"mongodb_database": SOURCE, "data_dir": tmp_path, "worker": False})
    yield source, source.model_copy(update={"mongodb_database": TWIN})
    with MongoClient[dict[str, Any]](settings.mongodb_uri) as client:
        for name in (SOURCE, TWIN):
            client.drop_database(name)


def contents(uri: str | None, database: str) -> dict[str, list[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](uri) as client:
        names = client[database].list_collection_names(filter={"type": "collection"})
        found = {
            name: list(client[database][name].find({}, MOMENTS_OF_MONGODB, sort=[("_id", 1)]))
            for name in names
        }
    return {name: documents for name, documents in found.items() if documents}


@pytest.mark.process
async def test_a_replay_leaves_the_twin_as_the_recorded_requests_left_their_database(
    databases: tuple[Settings, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "CAPACITY", budget.CAPACITY)  # recording lifts it
    source, twin = databases
    prepared = await prepare(source, EXTENT)
    assert prepared.failed == []
    await copy_database(source, twin)
    before = contents(source.mongodb_uri, SOURCE)
    assert contents(source.mongodb_uri, TWIN) == before
    assert await record(source, prepared.calls) == []
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(source.mongodb_uri)
    async with client:
        recorded = Recorded(source.data_dir / RECORDED)
        for name in sorted(OPERATIONS, key=lambda each: each != "my_points"):
            for request in recorded.of(name):
                await Replay(client, TWIN).send(request["layers"])
    after = contents(source.mongodb_uri, SOURCE)
    assert after != before
    assert contents(source.mongodb_uri, TWIN) == after
