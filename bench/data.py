"""The bench's data: the demo retailer with its stock, and members with one visit behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.collections import COLLECTIONS
from app.demo.catalog import demo_products
from app.demo.loading import DemoLoader
from app.demo.plan import DemoPlan
from app.demo.retailer import demo_stores
from app.services import build_services, open_database
from app.shared.settings import Settings
from app.stores.model import Store
from bench.audience import Audience, gather_audience
from bench.pickups import Pickups, pickups_at, stock_up
from bench.regulars import add_regulars, new_regular

ALWAYS_OPEN = "umeda"
READERS = 500
MEMBERS_AT_ONCE = 2_000
DEMO_MEMBERS = 1  # the bench has its own
SEED = 0


@dataclass(frozen=True, slots=True)
class BenchData:
    """The store that never closes, the SKUs, what can be ordered, and the access tokens of the members.

    Readers look at themselves and the shop, customers order, again and again; visitors check in, each once.
    """

    store: Store
    sku_ids: Sequence[str]
    pickups: Pickups
    audience: Audience
    readers: Sequence[str]
    customers: Sequence[str]
    visitors: Sequence[str]


async def load(
    settings: Sequence[Settings], customers: int, visitors: int, followers: int, stores: int, skus: int
) -> BenchData:
    """Writes the same retailer and members to all of the databases, which are empty."""
    databases = [open_database(each) for each in settings]
    try:
        services = build_services(settings[0], databases[0])
        now = services.clock.now()
        members = READERS + customers + visitors
        shops = demo_stores(stores, SEED)
        sku_ids = [sku.id for product in demo_products(skus, now) for sku in product.skus]
        pickups = pickups_at(shops, sku_ids, now)
        store = next(each for each in shops if each.code == ALWAYS_OPEN)
        for database in databases:
            await database.prepare(COLLECTIONS)
            await DemoLoader(database).load(
                DemoPlan(now, services.time_zone, DEMO_MEMBERS, stores, skus, SEED)
            )
            await stock_up(build_services(settings[0], database), pickups)
        tokens: list[str] = []
        member_ids: list[str] = []
        while len(tokens) < members:
            number = min(MEMBERS_AT_ONCE, members - len(tokens))
            regulars = [new_regular(store, services) for _ in range(number)]
            for database in databases:
                await add_regulars(regulars, database)
            tokens += [regular.access_token for regular in regulars]
            member_ids += [regular.member.id for regular in regulars]
        known = list(zip(member_ids, tokens, strict=True))
        audience = await gather_audience(services, pickups, known[:followers])
    finally:
        for database in databases:
            await database.close()
    return BenchData(
        store,
        sku_ids,
        pickups,
        audience,
        readers=tokens[:READERS],
        customers=tokens[READERS : READERS + customers],
        visitors=tokens[READERS + customers :],
    )
