"""Who is told of which stock: everybody of what is published, whoever keeps it of the rest."""

import asyncio
from collections import OrderedDict
from collections.abc import Set as AbstractSet
from contextvars import Context
from datetime import datetime, timedelta

from app.auth.actor import Actor, PartnerActor, StaffActor
from app.auth.partners import Scope
from app.catalog.model import Product
from app.catalog.service import CatalogService
from app.shared.clock import Clock

ASKED_AGAIN_AFTER = timedelta(seconds=10)
MAXIMUM_KNOWN = 2_000
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


class WatchedProducts:
    """The products of the SKUs that somebody watches, known to all watchers in this process.

    What is withdrawn, or published, by a change of the product counts within 10 s; a publish window at once.
    """

    def __init__(self, catalog: CatalogService, clock: Clock) -> None:
        self._catalog = catalog
        self._clock = clock
        self._known: OrderedDict[str, tuple[Product | None, datetime]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def of(self, sku_ids: AbstractSet[str]) -> dict[str, Product | None]:
        """By SKU; None for a SKU that is of no product. However many want to know, MongoDB is asked once."""
        now = self._clock.now()
        if old := {sku_id for sku_id in sku_ids if not self._is_fresh(sku_id, now)}:
            if new := old - self._asking.keys():
                task = asyncio.create_task(self._ask(new, now), context=Context())
                self._asking |= dict.fromkeys(new, task)
            # Whoever asked may leave: the others still wait for the answer.
            for task in {self._asking[sku_id] for sku_id in old}:
                await asyncio.shield(task)
        return {sku_id: self._known[sku_id][0] if sku_id in self._known else None for sku_id in sku_ids}

    def _is_fresh(self, sku_id: str, now: datetime) -> bool:
        _, asked_at = self._known.get(sku_id, (None, None))
        return asked_at is not None and timedelta(0) <= now - asked_at < ASKED_AGAIN_AFTER

    async def _ask(self, sku_ids: set[str], now: datetime) -> None:
        try:
            products = await self._catalog.products_of_skus(sorted(sku_ids))
            for sku_id in sku_ids:
                self._known[sku_id] = products.get(sku_id), now
                self._known.move_to_end(sku_id)
            while len(self._known) > MAXIMUM_KNOWN:
                self._known.popitem(last=False)
        finally:
            for sku_id in sku_ids:
                del self._asking[sku_id]
