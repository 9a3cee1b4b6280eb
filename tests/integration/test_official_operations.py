"""The bench knows every official operation, and what it gives each lets it do all it can, by a few looks."""

from app.demo.catalog import table_sku_count
from app.demo.loading import DemoLoader
from app.demo.plan import DemoPlan
from app.demo.retailer import town_count
from app.services import Services
from app.shared.mongodb.database import Database
from app.shared.settings.model import Settings
from bench.house import House
from bench.official.calls import body_of
from bench.official_operations import OFFICIAL_OPERATIONS, kind_of
from graphql_schema.documents import HASHES
from tests.api.callers import client_of
from tests.conftest import MovableClock
from tests.profiler import Profiled, examining_much

SEED = 0
MEMBERS = 300  # with thousands of visits, purchases and points between them

# What examines much more than it returns, and why it may.
EXAMINING_MUCH: dict[str, tuple[str, str]] = {
    "preview_offer": ("products", "the average price of the goods is that of up to 1,000 products"),
}


def test_each_official_operation_is_known() -> None:
    assert OFFICIAL_OPERATIONS.keys() == HASHES.keys()


async def test_each_official_operation_does_what_it_is_called_for_without_examining_much(
    settings: Settings, services: Services, database: Database, clock: MovableClock, profiled: Profiled
) -> None:
    stores, skus = town_count(), table_sku_count()
    await DemoLoader(database).load(DemoPlan(clock.now(), services.time_zone, MEMBERS, stores, skus, SEED))
    house = await House.open(services, stores, skus, SEED)
    examining: dict[str, list[str]] = {}
    async with client_of(settings, services) as client:
        for name, operation in OFFICIAL_OPERATIONS.items():
            call = await operation.call(house, await house.customer())
            if kind_of(name) == "subscription":
                continue
            headers = {"Content-Type": "application/json"}
            if call.token is not None:
                headers["Authorization"] = f"Bearer {call.token}"
            with examining_much(profiled) as examining[name]:
                answer = await client.post(
                    "/graphql", content=body_of(name, call, clock.now()), headers=headers
                )
            assert answer.status_code == 200, (name, answer.text)
            assert '"errors":[{' not in answer.text, (name, answer.text)
    much = {name: tuple(collections) for name, collections in examining.items() if collections}
    assert much == {name: (collection,) for name, (collection, _) in EXAMINING_MUCH.items()}
