"""Loads of the demo retailer, smaller than its own."""

from zoneinfo import ZoneInfo

from app.demo.catalog import table_sku_count
from app.demo.loading import DEFAULT_SEED, DemoLoader
from app.demo.plan import DemoPlan
from app.demo.retailer import town_count
from app.shared.mongodb.database import Database
from tests.conftest import NOON_IN_TOKYO

TOKYO = ZoneInfo("Asia/Tokyo")


def a_plan(members: int = 40, stores: int | None = None) -> DemoPlan:
    return DemoPlan(NOON_IN_TOKYO, TOKYO, members, stores or town_count(), table_sku_count(), DEFAULT_SEED)


async def load(database: Database, members: int = 40, stores: int | None = None) -> None:
    await DemoLoader(database).load(a_plan(members, stores))
