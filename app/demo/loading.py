"""Loads the demo retailer into an empty database."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from pymongo.errors import BulkWriteError

from app.beacons.repository import BeaconRepository
from app.catalog.category_tree import CategoryTree
from app.catalog.model import DescribedProduct
from app.catalog.repository import CategoryRepository, ProductRepository
from app.catalog.search_repository import SearchRepository
from app.coupons.repository import CouponRepository
from app.demo.catalog import demo_categories, demo_products
from app.demo.member_writer import BATCH_SECONDS, MEMBER_COLLECTIONS, DemoMemberWriter
from app.demo.offers import demo_offers
from app.demo.plan import DemoPlan, Progress, unseen
from app.demo.retailer import demo_beacons, demo_stores
from app.demo.staff import demo_staff
from app.demo.stock import demo_stock
from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import StockLevel, StockMovement
from app.inventory.movement_repository import StockMovementRepository
from app.members.repository import MemberRepository
from app.offers.counter_repository import CounterRepository, issued_key
from app.offers.repository import OfferRepository
from app.shared.mongodb.database import Database, Session
from app.staff.repository import StaffRepository
from app.stores.model import Store
from app.stores.repository import StoreRepository

DEFAULT_SEED = 20_261
DEFAULT_MEMBERS = 300
PRODUCTS_AT_ONCE = 100
LEVELS_AT_ONCE = 4_000
WRITERS = 4

PartsWriter = Callable[[range, Progress], Awaitable[None]]
Item = TypeVar("Item")


class DatabaseNotEmpty(Exception):
    """The demo retailer is only loaded where there are no stores and no members yet."""


class DemoLoader:
    """Writes the demo retailer.

    Stores, beacons, staff, categories and offers go in with the first members, or not at all.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stores = StoreRepository(database)
        self._beacons = BeaconRepository(database)
        self._staff = StaffRepository(database)
        self._categories = CategoryRepository(database)
        self._products = ProductRepository(database)
        self._search = SearchRepository(database)
        self._members = MemberRepository(database)
        self._offers = OfferRepository(database)
        self._coupons = CouponRepository(database)
        self._counters = CounterRepository(database)
        self._levels = StockLevelRepository(database)
        self._movements = StockMovementRepository(database)

    async def is_empty(self) -> bool:
        return await self._stores.count() == 0 and await self._members.count() == 0

    async def is_finished(self, plan: DemoPlan) -> bool:
        """Whether a load came to its end: how many coupons it gave is noted last."""
        return bool(await self._counters.get_many(issued_key(each.id) for each in demo_offers(plan.today)))

    async def load(
        self, plan: DemoPlan, progress: Progress = unseen, others: PartsWriter | None = None
    ) -> None:
        """Loads what is planned; `others` writes all members but the first part. Raises DatabaseNotEmpty."""
        if not await self.is_empty():
            raise DatabaseNotEmpty
        shops = demo_stores(plan.stores, plan.seed)
        writer = DemoMemberWriter(self._database, plan)
        await self._open_shop(plan, shops, writer)
        progress(plan.members_of(0), "members")
        if plan.parts > 1:
            await self._write_others(plan, others or writer.write_parts, progress)
        sku_ids: list[str] = []
        for products in _batches(demo_products(plan.skus, plan.today), PRODUCTS_AT_ONCE):
            await self._write_products(products)
            sku_ids += [sku.id for product in products for sku in product.skus]
            progress(len(sku_ids), "SKUs")
        await self._write_stock(demo_stock(shops, sku_ids, plan.today, plan.seed), progress)
        await self._count_coupons(plan)

    async def _open_shop(self, plan: DemoPlan, shops: Sequence[Store], writer: DemoMemberWriter) -> None:
        """Writes all that members need, and the first of them."""
        staff = await demo_staff(shops, plan.now)
        members = writer.members_of(0)

        async def act(session: Session) -> None:
            await self._stores.add_many(shops, session)
            await self._staff.add_many(staff, session)
            await self._beacons.add_many(demo_beacons(shops), session)
            await self._categories.replace_tree(CategoryTree(demo_categories()), 0, session)
            for offer in demo_offers(plan.today):
                await self._offers.add(offer, session)
            await writer.write(members, session)

        try:
            await self._database.transaction(act, BATCH_SECONDS)
        except BulkWriteError:
            raise DatabaseNotEmpty from None  # somebody else loads it at this moment

    async def _write_others(self, plan: DemoPlan, write: PartsWriter, progress: Progress) -> None:
        """Writes all members but the first part, and makes the indexes when all are there.

        To keep indexes right at each write costs MongoDB more than twice the time. Whoever is killed
        meanwhile leaves none: the next server makes them as it starts.
        """
        await self._database.drop_indexes(MEMBER_COLLECTIONS)
        try:
            await write(range(1, plan.parts), progress)
        finally:
            made = [self._database.prepare([each]) for each in MEMBER_COLLECTIONS]
            for number, each in enumerate(asyncio.as_completed(made), start=1):
                await each
                progress(number, "collections with their indexes")

    async def _count_coupons(self, plan: DemoPlan) -> None:
        """Notes how many coupons of each offer were given, at the end: one counter would hold writers up."""
        given = Counter(
            {
                issued_key(offer.id): await self._coupons.number_of_offer(offer.id)
                for offer in demo_offers(plan.today)
            }
        )
        await self._counters.add(given, Counter(), session=None)

    async def _write_stock(
        self, stock: Iterator[tuple[StockLevel, StockMovement]], progress: Progress
    ) -> None:
        """Writes levels and their counts, several batches at once: while one is written, others are made."""
        loaded = 0
        under_way: set[asyncio.Task[int]] = set()

        async def write(batch: list[tuple[StockLevel, StockMovement]]) -> int:
            await self._movements.add([movement for _, movement in batch], session=None)
            await self._levels.add_many([level for level, _ in batch])
            return len(batch)

        for batch in _batches(stock, LEVELS_AT_ONCE):
            under_way.add(asyncio.create_task(write(batch)))
            if len(under_way) == WRITERS:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                loaded += sum(task.result() for task in done)
                progress(loaded, "stock levels")
        await asyncio.gather(*under_way)

    async def _write_products(self, products: Sequence[DescribedProduct]) -> None:
        async def act(session: Session) -> None:
            await self._products.add_many(products, session)
            await self._search.add_many(products, session)

        await self._database.transaction(act, BATCH_SECONDS)


def _batches(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    while batch := list(islice(items, size)):
        yield batch
