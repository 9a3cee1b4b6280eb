"""Learns which SKUs are liked by the same members, and tells it."""

from collections.abc import Sequence
from datetime import timedelta

from app.learning.model import RelatedSku
from app.learning.progress import LearningProgress
from app.learning.related_repository import RelatedSkuRepository
from app.shared.clock import Clock
from app.shared.mongodb.database import Database

OVERLAP = timedelta(minutes=1)  # a transaction may be seen so late, and clocks differ
COMPUTED_ANEW_AFTER = timedelta(days=7)  # likings decay, and members withdraw, where nobody does anything
COMPUTED_ANEW_AT_ONCE = 50


class RelatedSkus:
    """The use cases of related SKUs. Those that nothing happened to are left as they are, for a week."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._related = RelatedSkuRepository(database)
        self._progress = LearningProgress(database, "related-skus")
        self._clock = clock

    async def refresh(self) -> int:
        """Computes anew what something happened to since the last time; says how many SKUs those were."""
        now = self._clock.now()
        until = await self._progress.get()
        touched = await self._related.touched_since(until - OVERLAP)
        touched += await self._related.computed_before(now - COMPUTED_ANEW_AFTER, COMPUTED_ANEW_AT_ONCE)
        sku_ids = list(dict.fromkeys(touched))
        for sku_id in sku_ids:
            await self._related.compute(sku_id, await self._related.audience(sku_id), now)
        await self._progress.move_on(now)
        return len(sku_ids)

    async def of_skus(self, sku_ids: Sequence[str]) -> dict[str, list[RelatedSku]]:
        """The SKUs related to each of these, at most 30 of each, the nearest first."""
        return await self._related.of_skus(sku_ids) if sku_ids else {}
