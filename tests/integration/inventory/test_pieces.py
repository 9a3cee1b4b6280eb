"""How many pieces can be had: MongoDB counts them as the rules do, and nothing else of a level is read."""

from datetime import timedelta
from itertools import product

import pytest

from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import HeldUntil, StockKey, StockLevel
from app.inventory.piece_repository import PieceRepository
from app.inventory.rules import available
from app.shared.mongodb.database import Database
from tests.conftest import NOON_IN_TOKYO
from tests.profiler import Profiled, all_commands

MINUTE = timedelta(minutes=1)
OVER = HeldUntil(NOON_IN_TOKYO - MINUTE, 7)
OVER_JUST_NOW = HeldUntil(NOON_IN_TOKYO, 5)
LIVING = HeldUntil(NOON_IN_TOKYO + MINUTE, 2)
LIVING_LONGER = HeldUntil(NOON_IN_TOKYO + 2 * MINUTE, 3)
HELD = [(), (OVER,), (LIVING,), (OVER_JUST_NOW, LIVING), (OVER, LIVING, LIVING_LONGER)]


@pytest.fixture
async def levels(database: Database) -> list[StockLevel]:
    """Of one SKU, whose id has a slash as the keys have, at as many stores as there are cases."""
    made = [
        StockLevel(StockKey("cup/red", f"store-{number}"), on_hand, safety, held, seq=1, revision=1)
        for number, (on_hand, safety, held) in enumerate(product((-3, 0, 1, 6), (0, 2, 9), HELD))
    ]
    await StockLevelRepository(database).add_many(made)
    return made


async def test_mongodb_counts_as_the_rules_do(database: Database, levels: list[StockLevel]) -> None:
    pieces = PieceRepository(database)
    counted = {level.key: available(level, NOON_IN_TOKYO) for level in levels}
    assert {0, 1, 4, 6} < set(counted.values())
    unknown = StockKey("cup", "store-1")
    assert await pieces.get_many([*counted, unknown], NOON_IN_TOKYO) == counted
    assert await pieces.of_sku("cup/red", NOON_IN_TOKYO) == counted
    assert await pieces.with_product([*counted, unknown], "cup/red", NOON_IN_TOKYO) == (counted, None)


async def test_nothing_else_of_a_level_is_read(
    database: Database, levels: list[StockLevel], profiled: Profiled
) -> None:
    pieces = PieceRepository(database)
    with all_commands(profiled) as commands:
        await pieces.get_many([level.key for level in levels], NOON_IN_TOKYO)
        await pieces.of_sku("cup/red", NOON_IN_TOKYO)
    assert [each["nreturned"] for each in commands] == [len(levels)] * 2
    for each in commands:
        assert each["planSummary"] == "IXSCAN { _id: 1 }"
        assert each["responseLength"] < 70 * len(levels), each["command"]
