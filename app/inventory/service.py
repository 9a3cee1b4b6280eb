"""What can be done with stock: record what moved, look at levels, keep a safety stock."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.auth.actor import Actor, PartnerActor, StaffActor
from app.auth.errors import StoreNotAllowed
from app.inventory import rules
from app.inventory.errors import SkuNotFound, StockQuantityInvalid
from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import ReportedMovement, StockKey, StockLevel, StockLine, StockMovementKind
from app.inventory.movement_repository import StockMovementRepository
from app.inventory.piece_repository import PieceRepository
from app.inventory.recording import RecordedRow, StockRecording
from app.inventory.visibility import sees_unpublished
from app.shared.batches import require_batch
from app.shared.clock import Clock, whole_milliseconds
from app.shared.errors import Refusal
from app.shared.events import EventLog
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest
from app.stores.errors import StoreNotFound
from app.stores.model import Store
from app.stores.service import StoreService


class SkuDirectory(Protocol):
    """What inventory needs to know of SKUs."""

    async def missing_skus(self, sku_ids: Collection[str]) -> set[str]:
        """Those of these ids that are no SKU's."""
        ...

    async def published_skus(self, sku_ids: Collection[str]) -> set[str]:
        """Those of these ids that are SKUs of products which are published now."""
        ...


class SkuSearch(Protocol):
    """What inventory needs of the search of products."""

    async def skus_found(self, query: str, most: int) -> list[str]:
        """The SKUs of the products that are most relevant, so many at the most."""
        ...


MAXIMUM_SKUS_FOUND = 300

StockKeeper = PartnerActor | StaffActor


class StockService:
    """The use cases of stock levels and their movements."""

    def __init__(
        self,
        database: Database,
        skus: SkuDirectory,
        words: SkuSearch,
        stores: StoreService,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._levels = StockLevelRepository(database)
        self._pieces = PieceRepository(database)
        self._movements = StockMovementRepository(database)
        self._skus = skus
        self._words = words
        self._stores = stores
        self._events = events
        self._clock = clock

    async def levels(self, keys: Collection[StockKey]) -> dict[StockKey, StockLevel]:
        """The levels of these keys; nothing has moved yet where there is none."""
        return await self._levels.get_many(keys)

    async def available(self, keys: Sequence[StockKey]) -> dict[StockKey, int]:
        """The pieces that can be had of these keys now; none where nothing has moved yet."""
        return await self._pieces.get_many(keys, self._clock.now())

    def reading_levels(self, keys: Collection[StockKey]) -> Reading[dict[StockKey, StockLevel]]:
        """What `levels` tells."""
        return self._levels.reading_many(keys)

    async def levels_of_stores(
        self, actor: Actor, store_ids: Sequence[str], request: PageRequest, query: str | None = None
    ) -> dict[str, Page[StockLevel]]:
        """The same page of each of these stores' levels, in the order of their SKU ids.

        With words, the levels of the SKUs that are found by them: of the most relevant products, 300 SKUs
        at the most. Those of products that are not published are for who keeps stock; they are left out of
        the others' pages, which are so much shorter. Raises SearchTooLong and CursorInvalid.
        """
        has_words = bool(query and query.strip())
        sku_ids = await self._words.skus_found(query or "", MAXIMUM_SKUS_FOUND) if has_words else None
        pages = await self._levels.pages_of_stores(sorted(set(store_ids)), request, sku_ids)
        # What is found by words is published.
        if has_words or sees_unpublished(actor):
            return pages
        published = await self._skus.published_skus(
            {level.key.sku_id for page in pages.values() for level, _ in page.items}
        )
        return {
            store_id: page.only(lambda level: level.key.sku_id in published)
            for store_id, page in pages.items()
        }

    async def set_safety(self, actor: StockKeeper, key: StockKey, safety: int) -> StockLevel:
        """Keeps this many pieces from being sold in the app.

        Raises StockQuantityInvalid, SkuNotFound, StoreNotFound and StoreNotAllowed.
        """
        if not 0 <= safety <= rules.MAXIMUM_QUANTITY:
            raise StockQuantityInvalid(path=["input", "safety"], minimum=0, maximum=rules.MAXIMUM_QUANTITY)
        barred = await self._barred(actor, [key])
        if key in barred:
            raise type(barred[key])(path=["input", *barred[key].path])
        return await self._database.transaction(lambda session: self._levels.set_safety(key, safety, session))

    async def record(
        self, actor: StockKeeper, rows: Sequence[ReportedMovement | Refusal]
    ) -> list[RecordedRow]:
        """Records what moved, each row once and for all; what is wrong with a row is told at its place.

        Movements may come late and in any order: the level comes out the same. A level may fall below 0,
        for what a till has sold is sold; the event StockBelowZero tells of it. A row that could not even
        be read comes as its refusal. Raises BatchSizeInvalid.
        """
        require_batch(rows, "movements")
        now = self._clock.now()
        legible = {number: row for number, row in enumerate(rows) if isinstance(row, ReportedMovement)}
        refusals = {number: row for number, row in enumerate(rows) if isinstance(row, Refusal)}
        refusals |= await self._refusals(actor, legible, now)
        reported_by = _reporter(actor)
        # A till's clock may be ahead of ours; nothing has happened later than now.
        sound = {
            number: replace(row, occurred_at=min(whole_milliseconds(row.occurred_at), now))
            for number, row in legible.items()
            if number not in refusals
        }
        recorded: dict[int, RecordedRow] = {}
        if sound:
            recorded = await self._database.transaction(
                lambda session: self._recording(session).record(sound, reported_by, now)
            )
        return [recorded.get(number) or RecordedRow(refusal=refusals[number]) for number in range(len(rows))]

    async def take_back(
        self, actor: StockKeeper, lines: Iterable[StockLine], reference: str, session: Session
    ) -> None:
        """Puts pieces that customers brought back on the shelf, in the transaction of the use case.

        Once for each reference: the same again changes nothing. Raises StockLevelLimit.
        """
        now = self._clock.now()
        rows = {
            number: ReportedMovement(line.key, StockMovementKind.RETURN, line.quantity, reference, now)
            for number, line in enumerate(lines)
        }
        for row in (await self._recording(session).record(rows, _reporter(actor), now)).values():
            if row.refusal is not None:
                raise row.refusal

    def _recording(self, session: Session) -> StockRecording:
        return StockRecording(self._levels, self._movements, self._events, session)

    async def _refusals(
        self, actor: StockKeeper, rows: dict[int, ReportedMovement], now: datetime
    ) -> dict[int, Refusal]:
        """Why rows cannot be recorded, by their number."""
        barred = await self._barred(actor, [row.key for row in rows.values()])
        refusals: dict[int, Refusal] = {}
        for number, row in rows.items():
            try:
                rules.require_sound(row, now)
                if row.key in barred:
                    refusals[number] = barred[row.key]
            except Refusal as refusal:
                refusals[number] = refusal
        return refusals

    async def _barred(self, actor: StockKeeper, keys: Collection[StockKey]) -> dict[StockKey, Refusal]:
        """The keys that name no SKU, no store, or one that the caller may not act for, and which it is."""
        missing = await self._skus.missing_skus({key.sku_id for key in keys})
        found = await self._stores.get_many(sorted({key.store_id for key in keys}))
        stores = {store.id: store for store in found}
        barred: dict[StockKey, Refusal] = {}
        for key in keys:
            store = stores.get(key.store_id)
            if key.sku_id in missing:
                barred[key] = SkuNotFound(path=["skuId"])
            elif store is None:
                barred[key] = StoreNotFound(path=["storeId"])
            elif not _may_act_for(actor, store):
                barred[key] = StoreNotAllowed(path=["storeId"])
        return barred


def _reporter(actor: StockKeeper) -> str:
    return f"staff:{actor.staff_id}" if isinstance(actor, StaffActor) else f"partner:{actor.partner_id}"


def _may_act_for(actor: StockKeeper, store: Store) -> bool:
    if isinstance(actor, StaffActor):
        return actor.acts_for(store.id)
    return actor.acts_for(store.id, store.channel)
