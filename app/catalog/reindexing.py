"""Writes the search index of all products anew: after an update that reads or folds words in another way."""

from app.catalog.repository import ProductRepository
from app.catalog.search_repository import SearchRepository
from app.shared.mongodb.database import Database, Session

PRODUCTS_AT_ONCE = 25


async def reindex(database: Database) -> int:
    """Goes through all products, and says how many those were. Others may change them meanwhile."""
    products = ProductRepository(database)
    index = SearchRepository(database)

    async def write_after(product_id: str) -> list[str]:
        async def act(session: Session) -> list[str]:
            batch = await products.after(product_id, PRODUCTS_AT_ONCE, session)
            if batch:
                await index.replace_many(batch, session)
            return [product.id for product in batch]

        return await database.transaction(act)

    written = 0
    last = ""
    while ids := await write_after(last):
        written += len(ids)
        last = ids[-1]
    return written
