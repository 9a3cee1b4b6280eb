"""Reads of several collections in one command find what each of them finds alone."""

from app.inventory.model import StockKey
from app.services import Services
from app.shared.database import Database
from app.shared.reading import Reading, read_together
from app.stores.repository import STORES
from tests.arrangements import add_stores
from tests.conftest import COMMANDS
from tests.examples import a_store


async def test_each_reading_finds_its_own(services: Services, database: Database) -> None:
    stores = [a_store() for _ in range(3)]
    await add_stores(database, *stores)
    names: Reading[list[str]] = Reading(
        STORES, [{"$sort": {"_id": 1}}], lambda found: [each["_id"] for each in found]
    )
    one = services.stores.reading(stores[1].id)
    nobody = services.members.reading("nobody")
    levels = services.stock.reading_levels([StockKey("sku", stores[0].id)])
    count = names.understood(len)
    COMMANDS.clear()
    found = await read_together(database, nobody, names, one, levels, count)
    assert COMMANDS == ["aggregate"]
    assert found[names] == sorted(store.id for store in stores)
    assert (found[one], found[nobody], found[levels], found[count]) == (stores[1], None, {}, 3)


async def test_what_is_in_a_document_is_no_operator(services: Services, database: Database) -> None:
    """What a caller sends is compared as it is, never evaluated."""
    store = a_store()
    await add_stores(database, store)
    reading = services.stores.reading("$$ROOT")
    assert (await read_together(database, reading))[reading] is None
