"""Stock that several objects of one request ask for, read together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.auth.actor import Actor
from app.inventory.model import StockKey, StockLevel
from app.inventory.obtaining import StoreAvailability
from app.services import Services
from app.shared.errors import Refusal
from app.shared.paging import Page, PageRequest
from app.stores.errors import StoreNotFound
from graphql_schema.read_once import ReadOnce

STORES_AT_ONCE = 100
KEYS_AT_ONCE = 200  # each with ten stores that may send it


@dataclass(frozen=True, slots=True)
class StockOfStore:
    """A page of a store's levels, of all SKUs or those found by words."""

    store_id: str
    request: PageRequest
    query: str | None


def reads_of_stock(services: Services, actor: Actor) -> ReadOnce[StockOfStore, Page[StockLevel]]:
    """Reads the same page of many stores in one go."""

    async def read(wanted: list[StockOfStore]) -> Sequence[Page[StockLevel] | Refusal]:
        store_ids: dict[tuple[PageRequest, str | None], list[str]] = defaultdict(list)
        for each in wanted:
            store_ids[each.request, each.query].append(each.store_id)
        found: dict[StockOfStore, Page[StockLevel] | Refusal] = {}
        for (request, query), ids in store_ids.items():
            pages: dict[str, Page[StockLevel]] | dict[str, Refusal]
            try:
                pages = await services.stock.levels_of_stores(actor, ids, request, query)
            except Refusal as refusal:
                pages = dict.fromkeys(ids, refusal)
            found |= {StockOfStore(id, request, query): page for id, page in pages.items()}
        return [found[each] for each in wanted]

    return ReadOnce(read, STORES_AT_ONCE)


def reads_of_availability(services: Services) -> ReadOnce[StockKey, StoreAvailability]:
    """Reads what many SKUs are at their stores in one go; StoreNotFound for those of no store."""

    async def read(keys: list[StockKey]) -> Sequence[StoreAvailability | Refusal]:
        found = await services.availability.at(keys)
        return [found.get(key) or StoreNotFound(path=["storeId"]) for key in keys]

    return ReadOnce(read, KEYS_AT_ONCE)
