"""What is known of a batch of receipts before any is recorded: their stores, goods and rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.auth.actor import PartnerActor
from app.auth.errors import StoreNotAllowed
from app.catalog.model import Product
from app.catalog.service import CatalogService
from app.point_rules.service import PointRulesService, RulesOfTime
from app.purchases.errors import ReceiptChannelWrong
from app.purchases.model import Receipt, ReceiptLine, ReceiptName
from app.purchases.rewarding import Paths
from app.shared.errors import Refusal
from app.shared.i18n import Language
from app.shared.mongodb.database import Database
from app.shared.mongodb.reading import read_together
from app.shared.texts import normal_line
from app.stores.errors import StoreNotFound
from app.stores.model import Store
from app.stores.service import StoreService


class Goods:
    """The products that lines of receipts name, by a SKU or by a JAN alone."""

    def __init__(self, products: Iterable[Product]) -> None:
        skus = [(sku, product) for product in products for sku in product.skus]
        self._by_sku = {sku.id: (sku, product) for sku, product in skus}
        self._by_jan = {sku.jan: (sku, product) for sku, product in skus}

    def described(self, line: ReceiptLine) -> ReceiptLine:
        """The line with the SKU, name and category that the catalogue knows, where the till gave none."""
        name = normal_line(line.name, len(line.name) + 1) if line.name else None
        named = self._by_sku.get(line.sku_id) if line.sku_id else self._by_jan.get(line.jan or "")
        if named is None:
            return replace(line, name=name)
        sku, product = named
        return replace(
            line,
            sku_id=sku.id,
            name=name or product.names[Language.JA],
            category_id=line.category_id or product.category_id,
        )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What receipts are recorded by."""

    zones: dict[str, ZoneInfo]
    goods: Goods
    paths: Paths
    rules: RulesOfTime


class ReceiptReports:
    """Looks up what a batch of receipts needs, in a few commands for all of them."""

    def __init__(
        self,
        database: Database,
        stores: StoreService,
        catalog: CatalogService,
        rules: PointRulesService,
        time_zone: ZoneInfo,
    ) -> None:
        self._database = database
        self._stores = stores
        self._catalog = catalog
        self._rules = rules
        self._time_zone = time_zone

    async def barred(self, actor: PartnerActor, names: Iterable[ReceiptName]) -> dict[ReceiptName, Refusal]:
        """The names whose place does not exist, or is none that the partner may act for, and which it is."""
        names = set(names)
        stores = await self._stores_of(names)
        barred: dict[ReceiptName, Refusal] = {}
        for name in names:
            store = stores.get(name.store_id) if name.store_id else None
            if name.store_id is not None and store is None:
                barred[name] = StoreNotFound(path=["storeId"])
            elif store is not None and store.channel is not name.channel:
                barred[name] = ReceiptChannelWrong(path=["channel"], channel=store.channel.value)
            elif not _may_act_at(actor, name):
                barred[name] = StoreNotAllowed(path=["storeId"])
        return barred

    async def surroundings(self, receipts: Sequence[Receipt]) -> Surroundings:
        """What these receipts are recorded by."""
        stores = await self._stores_of({receipt.name for receipt in receipts})
        since = min(receipt.occurred_at for receipt in receipts)
        goods, rules = await self._goods([line for each in receipts for line in each.lines], since)
        return Surroundings(
            zones={store.id: ZoneInfo(store.time_zone) for store in stores.values()},
            goods=goods,
            paths=await self.paths(),
            rules=rules,
        )

    async def paths(self) -> Paths:
        """Of each category, the way down to it."""
        tree = await self._catalog.categories()
        return {
            category.id: tuple(each.id for each in tree.path(category.id)) for category in tree.in_order()
        }

    async def rules_since(self, moment: datetime) -> RulesOfTime:
        return await self._rules.since(moment)

    def zone_of(self, surroundings: Surroundings, name: ReceiptName) -> ZoneInfo:
        """The time zone of the store's calendar, or the retailer's own where there is no store."""
        return surroundings.zones.get(name.store_id or "", self._time_zone)

    async def _goods(self, lines: Sequence[ReceiptLine], since: datetime) -> tuple[Goods, RulesOfTime]:
        """What the lines name, and the rules of what was bought since then, by one command."""
        sku_ids = {line.sku_id for line in lines if line.sku_id}
        jans = {line.jan for line in lines if line.jan and not line.sku_id}
        products = self._catalog.reading_of_codes(sorted(sku_ids), sorted(jans))
        rules = self._rules.reading_since(since)
        found = await read_together(self._database, products, rules)
        return Goods(found[products]), found[rules]

    async def _stores_of(self, names: Iterable[ReceiptName]) -> dict[str, Store]:
        ids = sorted({name.store_id for name in names if name.store_id is not None})
        return {store.id: store for store in await self._stores.get_many(ids)} if ids else {}


def _may_act_at(actor: PartnerActor, name: ReceiptName) -> bool:
    """Whether the partner may act there; one that is limited to stores names one of them."""
    if name.store_id is not None:
        return actor.acts_for(name.store_id, name.channel)
    return actor.store_ids is None and (actor.channels is None or name.channel in actor.channels)
