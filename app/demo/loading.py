"""Loads the demo retailer into an empty database."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from pymongo.errors import BulkWriteError

from app.beacons.repository import BeaconRepository
from app.catalog.category_tree import CategoryTree
from app.catalog.model import Product
from app.catalog.repository import CategoryRepository, ProductRepository
from app.catalog.search_repository import SearchRepository
from app.check_ins.repository import CheckInRepository
from app.demo.catalog import demo_categories, demo_products, table_sku_count
from app.demo.offers import demo_offers
from app.demo.people import DemoMember, DemoPeople
from app.demo.purchases import DemoPurchases
from app.demo.retailer import demo_beacons, demo_stores
from app.demo.staff import demo_staff
from app.demo.stock import demo_stock
from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import StockLevel, StockMovement
from app.inventory.movement_repository import StockMovementRepository
from app.members.rank_repository import RankRepository
from app.members.repository import MemberRepository
from app.offers.model import Offer
from app.offers.repository import OfferRepository
from app.points.repository import PointRepository
from app.purchases.repository import PurchaseRepository
from app.shared.database import Database, Session
from app.sign_in.repository import AddressRepository
from app.staff.model import StaffMember
from app.staff.repository import StaffRepository
from app.stores.model import Store
from app.stores.repository import StoreRepository

DEFAULT_SEED = 20_261
DEFAULT_MEMBERS = 300
MEMBERS_AT_ONCE = 300
PRODUCTS_AT_ONCE = 100
LEVELS_AT_ONCE = 4_000
WRITERS = 4
BATCH_SECONDS = 50.0  # MongoDB ends a transaction after 60

Progress = Callable[[str], None]
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
        self._addresses = AddressRepository(database)
        self._check_ins = CheckInRepository(database)
        self._points = PointRepository(database)
        self._purchases = PurchaseRepository(database)
        self._offers = OfferRepository(database)
        self._ranks = RankRepository(database)
        self._levels = StockLevelRepository(database)
        self._movements = StockMovementRepository(database)

    async def is_empty(self) -> bool:
        return await self._stores.count() == 0 and await self._members.count() == 0

    async def load(
        self,
        now: datetime,
        time_zone: ZoneInfo,
        members: int,
        stores: int,
        skus: int,
        seed: int,
        progress: Progress = lambda what: None,
    ) -> None:
        """Loads the same data for the same seed and day. Raises DatabaseNotEmpty."""
        if not await self.is_empty():
            raise DatabaseNotEmpty
        today = now.astimezone(time_zone).replace(hour=0, minute=0, second=0, microsecond=0)
        shops = demo_stores(stores, seed)
        staff = await demo_staff(shops, now)
        shelf = list(demo_products(min(skus, table_sku_count()), today))
        shopping = DemoPurchases(shelf, CategoryTree(demo_categories()), time_zone, seed)
        people = DemoPeople(shops, today, seed, time_zone, shopping).members(members)
        loaded = 0
        for batch in _batches(people, MEMBERS_AT_ONCE):
            is_first = loaded == 0
            await self._write(
                shops if is_first else (),
                staff if is_first else (),
                batch,
                demo_offers(today) if is_first else (),
            )
            loaded += len(batch)
            progress(f"{loaded} members")
        sku_ids: list[str] = []
        for products in _batches(demo_products(skus, today), PRODUCTS_AT_ONCE):
            await self._write_products(products)
            sku_ids += [sku.id for product in products for sku in product.skus]
            progress(f"{len(sku_ids)} SKUs")
        await self._write_stock(demo_stock(shops, sku_ids, today, seed), progress)

    async def _write(
        self,
        stores: Sequence[Store],
        staff: Sequence[tuple[StaffMember, str]],
        members: Sequence[DemoMember],
        offers: Sequence[Offer],
    ) -> None:
        check_ins = [check_in for each in members for check_in in each.check_ins]
        entries = [entry for each in members for entry in each.entries]
        purchases = [purchase for each in members for purchase in each.purchases]
        rank_changes = [change for each in members for change in each.rank_changes]
        addresses = [
            (each.address, each.member.id, each.member.registered_at) for each in members if each.address
        ]

        async def act(session: Session) -> None:
            if stores:
                await self._stores.add_many(stores, session)
                await self._staff.add_many(staff, session)
                await self._beacons.add_many(demo_beacons(stores), session)
                await self._categories.replace_tree(CategoryTree(demo_categories()), 0, session)
                for offer in offers:
                    await self._offers.add(offer, session)
            await self._members.add_many([(each.member, each.device_id_hash) for each in members], session)
            if addresses:
                await self._addresses.add_many(addresses, session)
            if check_ins:
                await self._check_ins.add_many(check_ins, session)
                await self._points.add_many(entries, session)
            if purchases:
                await self._purchases.add_many(purchases, session)
            await self._ranks.add(rank_changes, session)

        try:
            await self._database.transaction(act, BATCH_SECONDS)
        except BulkWriteError:
            raise DatabaseNotEmpty from None  # somebody else loads it at this moment

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
                progress(f"{loaded} stock levels")
        await asyncio.gather(*under_way)

    async def _write_products(self, products: Sequence[Product]) -> None:
        async def act(session: Session) -> None:
            await self._products.add_many(products, session)
            await self._search.add_many(products, session)

        await self._database.transaction(act, BATCH_SECONDS)


def _batches(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    while batch := list(islice(items, size)):
        yield batch
