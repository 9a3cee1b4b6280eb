"""What works instead of what cannot be had: fewer pieces, or another store nearby."""

from collections.abc import Mapping, Sequence

from app.inventory.model import StockKey, StockLevel
from app.inventory.rules import available, has_room
from app.inventory.service import StockService
from app.orders.errors import ItemShort
from app.orders.model import OrderLine
from app.shared.clock import Clock
from app.shared.errors import Refusal
from app.shared.i18n import Language
from app.shared.paging import PageRequest
from app.stores.model import Store, StoreServiceKind
from app.stores.service import StoreService

NEARBY_METERS = 20_000
NEARBY_STORES = 20
ELSEWHERE = {
    Language.JA: "{store}にはあります。",
    Language.EN: " {store} has them.",
}


class Alternatives:
    """Looks for what is short at one store."""

    def __init__(self, stock: StockService, stores: StoreService, clock: Clock) -> None:
        self._stock = stock
        self._stores = stores
        self._clock = clock

    async def short(
        self, store: Store, lines: Sequence[OrderLine], levels: Mapping[StockKey, StockLevel]
    ) -> list[Refusal]:
        """A refusal for each line of which the store has too few, with the nearest store that has enough.

        `levels` are the store's, as they were read just now.
        """
        short = [line for line in lines if self._pieces(levels, line, store) < line.quantity]
        if not short:
            return []
        nearby = await self._nearby(store)
        keys = [StockKey(line.item.sku_id, each.id) for line in short for each in nearby]
        elsewhere = await self._stock.levels(keys)
        return [
            _refusal(
                line,
                self._pieces(levels, line, store),
                next((each for each in nearby if self._pieces(elsewhere, line, each) >= line.quantity), None),
            )
            for line in short
        ]

    def _pieces(self, levels: Mapping[StockKey, StockLevel], line: OrderLine, store: Store) -> int:
        """How many of the line's pieces the store can hold for somebody at this moment."""
        level, now = levels.get(StockKey(line.item.sku_id, store.id)), self._clock.now()
        return available(level, now) if level and has_room(level, now) else 0

    async def _nearby(self, store: Store) -> list[Store]:
        """Other stores where orders are picked up, the nearest first."""
        page = await self._stores.search(
            store.location,
            NEARBY_METERS,
            None,
            PageRequest(NEARBY_STORES),
            [StoreServiceKind.PICKUP],
        )
        return [found.store for found, _ in page.items if found.store.id != store.id]


def _refusal(line: OrderLine, pieces: int, elsewhere: Store | None) -> Refusal:
    texts = {
        language.value: ELSEWHERE[language].format(store=elsewhere.names[language]) if elsewhere else ""
        for language in Language
    }
    return ItemShort(
        path=["input", "lines"],
        item={language.value: line.item.names[language] for language in Language},
        requested=line.quantity,
        available=pieces,
        elsewhere=texts,
        sku_id=line.item.sku_id,
        elsewhere_store_id=elsewhere.id if elsewhere else None,
    )
