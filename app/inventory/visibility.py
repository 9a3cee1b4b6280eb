"""Who is told of which stock: everybody of what is published, whoever keeps it of the rest."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.auth.actor import Actor, PartnerActor, StaffActor
from app.auth.partners import Scope
from app.catalog.model import Product
from app.catalog.service import CatalogService
from app.inventory.model import StockLevel
from app.shared.clock import Clock

ASKED_AGAIN_AFTER = timedelta(seconds=10)
_SCOPES = {Scope.CATALOG_WRITE, Scope.STOCK_WRITE}


def sees_unpublished(actor: Actor) -> bool:
    """Staff, and partners who write the catalogue or the stock."""
    match actor:
        case StaffActor():
            return True
        case PartnerActor(scopes=scopes):
            return bool(_SCOPES & scopes)
        case _:
            return False


def may_see(actor: Actor, product: Product, now: datetime) -> bool:
    """Whether the caller is told of the product's stock."""
    return product.is_published(now) or sees_unpublished(actor)


class VisibleLevels:
    """Those levels of some SKUs that somebody who watches them is told of.

    What is withdrawn, or published, by a change of the product counts within 10 s; a publish window at once.
    """

    def __init__(self, actor: Actor, sku_ids: Sequence[str], catalog: CatalogService, clock: Clock) -> None:
        self._actor = actor
        self._sku_ids = sku_ids
        self._catalog = catalog
        self._clock = clock
        self._products: dict[str, Product] = {}
        self._asked_at: datetime | None = None

    async def of(self, levels: Sequence[StockLevel]) -> list[StockLevel]:
        if not levels or sees_unpublished(self._actor):
            return list(levels)
        now = self._clock.now()
        if self._asked_at is None or not timedelta(0) <= now - self._asked_at < ASKED_AGAIN_AFTER:
            self._products = await self._catalog.products_of_skus(self._sku_ids)
            self._asked_at = now
        return [level for level in levels if self._is_published(level.key.sku_id, now)]

    def _is_published(self, sku_id: str, now: datetime) -> bool:
        product = self._products.get(sku_id)
        return product is not None and product.is_published(now)
