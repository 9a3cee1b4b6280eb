"""Stock levels in MongoDB. What may be held or taken is decided by the very write that does it."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime

from pymongo import IndexModel, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app.inventory.level_expressions import are_available, has_room, held_changed, taken
from app.inventory.model import HeldUntil, StockHold, StockKey, StockLevel
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import MOMENT, STRING, WHOLE_NUMBER, at_least, document, list_of, nullable
from app.shared.mongodb.following import following
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest, page_of

STOCK_LEVELS = CollectionDefinition(
    "stock_levels",
    validator=document(
        _id=STRING,  # the SKU and the store, so that a SKU's levels lie side by side
        sku_id=STRING,
        store_id=STRING,
        on_hand=WHOLE_NUMBER,
        safety=at_least(0),
        held=list_of(document(until=MOMENT, quantity=at_least(1))),
        seq=at_least(0),
        revision=at_least(1),
        counted_at=nullable(MOMENT),
        moved_at=nullable(MOMENT),
    ),
    indexes=[IndexModel([("store_id", 1), ("sku_id", 1)])],
)


class StockLevelRepository:
    """Reads and writes levels."""

    def __init__(self, database: Database) -> None:
        self._levels = database.collection(STOCK_LEVELS)

    async def get_many(self, keys: Iterable[StockKey], session: Session = None) -> dict[StockKey, StockLevel]:
        """The levels of these keys; keys without a level are left out."""
        found = await self._levels.find({"_id": {"$in": [key.text for key in keys]}}, session=session)
        return _levels_from(found)

    def reading_many(self, keys: Iterable[StockKey]) -> Reading[dict[StockKey, StockLevel]]:
        """What `get_many` tells."""
        return Reading(
            STOCK_LEVELS,
            [{"$match": {"_id": {"$in": [key.text for key in keys]}}}],
            _levels_from,
        )

    def reading_of_holds(self, holds: Reading[object]) -> Reading[dict[StockKey, StockLevel]]:
        """The levels that these holds hold pieces of."""
        keys = {"$map": {"input": "$lines", "in": {"$concat": ["$$this.sku_id", "/", "$$this.store_id"]}}}
        with_keys = Reading(holds.definition, [*holds.pipeline, {"$project": {"keys": keys}}], len)
        levels = Reading(STOCK_LEVELS, [], _levels_from)
        return following(with_keys, "keys", levels)

    async def of_sku(self, sku_id: str) -> list[StockLevel]:
        """A SKU's levels at all stores; a retailer has hundreds of those."""
        found = await self._levels.find({"_id": {"$gt": f"{sku_id}/", "$lt": f"{sku_id}0"}})  # 0 follows /
        return [level_from(each) for each in found]

    async def pages_of_stores(
        self, store_ids: Sequence[str], request: PageRequest, sku_ids: Sequence[str] | None = None
    ) -> dict[str, Page[StockLevel]]:
        """The same page of each store's levels, of these SKUs or of all, in the order of their SKU ids."""
        position = request.position(str)
        conditions: Document = {"$gt": position[0] if position else ""}
        if sku_ids is not None:
            conditions["$in"] = list(sku_ids)
        pipelines: list[list[Document]] = [
            [
                {"$match": {"store_id": store_id, "sku_id": conditions}},
                {"$sort": {"sku_id": 1}},
                {"$limit": request.first + 1},
            ]
            for store_id in store_ids
        ]
        first, *others = pipelines
        unions = [{"$unionWith": {"coll": STOCK_LEVELS.name, "pipeline": each}} for each in others]
        found: dict[str, list[StockLevel]] = {store_id: [] for store_id in store_ids}
        for each in await self._levels.aggregate([*first, *unions]):
            found[each["store_id"]].append(level_from(each))
        return {
            store_id: page_of([(level, (level.key.sku_id,)) for level in levels], request)
            for store_id, levels in found.items()
        }

    async def add_many(self, levels: Sequence[StockLevel]) -> None:
        """Adds levels where nobody else writes yet."""
        await self._levels.insert_many([level_document(level) for level in levels])

    async def change(
        self, changes: Mapping[StockKey, tuple[StockLevel, StockLevel]], session: Session
    ) -> None:
        """Changes levels from what they were to what they are by their movements, or makes them.

        Where somebody else changed one of them first, the transaction runs again.
        """
        writes = [_write(before, after) for before, after in changes.values()]
        try:
            written = await self._levels.write_many(writes, session=session)
        except BulkWriteError as error:
            if not are_duplicates(error):
                raise
            raise ConcurrentChange from None
        if written != len(writes):
            raise ConcurrentChange

    async def set_safety(self, key: StockKey, safety: int, session: Session) -> StockLevel:
        """Sets the safety stock; makes the level where there is none."""
        update = {"$set": {"safety": safety}, "$inc": {"revision": 1}}
        found = await self._levels.find_one_and_update({"_id": key.text}, update, session=session)
        if found is not None:
            return level_from(found)
        level = StockLevel(key, safety=safety, revision=1)
        try:
            await self._levels.insert_one(level_document(level), session=session)
        except DuplicateKeyError:
            raise ConcurrentChange from None
        return level

    async def hold(
        self, key: StockKey, quantity: int, until: datetime, now: datetime, session: Session
    ) -> bool:
        """Holds these pieces, if so many are available at this moment; false when they are not."""
        query = _holdable(key, quantity, until, now)
        update = [{"$set": held_changed(until, quantity, now)}]
        return await self._levels.find_one_and_update(query, update, session=session) is not None

    async def hold_all(self, holds: Iterable[StockHold], now: datetime, session: Session) -> bool:
        """Holds all these pieces in one command; false when one level has too few, after some are held."""
        lines = [(line, hold.until) for hold in holds for line in hold.lines]
        writes = [
            UpdateOne(
                _holdable(line.key, line.quantity, until, now),
                [{"$set": held_changed(until, line.quantity, now)}],
            )
            for line, until in sorted(lines, key=lambda each: each[0].key.text)
        ]
        return await self._levels.write_many(writes, session=session) == len(writes)

    async def give_back(self, hold: StockHold, now: datetime, session: Session) -> None:
        """Ends the hold of these pieces; those whose time is over are free already."""
        writes = [
            UpdateOne({"_id": line.key.text}, [{"$set": held_changed(hold.until, -line.quantity, now)}])
            for line in hold.lines
        ]
        await self._levels.write_many(writes, session=session)

    async def take(
        self, hold: StockHold, levels: Mapping[StockKey, StockLevel], now: datetime, session: Session
    ) -> None:
        """Takes the pieces of a hold off these levels, that have so many: held ones while the hold lives, and
        then what nobody holds.

        Where pieces have come or gone since a level was read, or are held by others by now, all runs again.
        """
        is_living = now < hold.until
        writes: list[InsertOne[Document] | UpdateOne] = []
        for line in hold.lines:
            query: Document = {"_id": line.key.text, "seq": levels[line.key].seq}
            if is_living:
                left = held_changed(hold.until, -line.quantity, now)
            else:
                query["$expr"] = are_available(line.quantity, now)
                left = {"revision": {"$add": ["$revision", 1]}}
            writes.append(UpdateOne(query, [{"$set": {**left, **taken(line.quantity, now)}}]))
        if await self._levels.write_many(writes, session=session) != len(writes):
            raise ConcurrentChange

    async def all(self) -> AsyncIterator[StockLevel]:
        """Every level, in the order of their keys."""
        async for found in self._levels.stream({}, sort=[("_id", 1)]):
            yield level_from(found)


def _holdable(key: StockKey, quantity: int, until: datetime, now: datetime) -> Document:
    """The level, if these pieces can be held there."""
    return {"_id": key.text, "$expr": {"$and": [are_available(quantity, now), has_room(until, now)]}}


def _write(before: StockLevel, after: StockLevel) -> InsertOne[Document] | UpdateOne:
    """The level's write: what is held and the safety stock are left as they are by then."""
    if before.revision == 0:
        return InsertOne(level_document(after))
    changes = {
        "on_hand": after.on_hand,
        "seq": after.seq,
        "counted_at": after.counted_at,
        "moved_at": after.moved_at,
    }
    return UpdateOne(
        {"_id": before.key.text, "seq": before.seq},
        {"$set": changes, "$inc": {"revision": after.revision - before.revision}},
    )


def level_document(level: StockLevel) -> Document:
    return {
        "_id": level.key.text,
        "sku_id": level.key.sku_id,
        "store_id": level.key.store_id,
        "on_hand": level.on_hand,
        "safety": level.safety,
        "held": [{"until": each.until, "quantity": each.quantity} for each in level.held],
        "seq": level.seq,
        "revision": level.revision,
        "counted_at": level.counted_at,
        "moved_at": level.moved_at,
    }


def _levels_from(found: Iterable[Document]) -> dict[StockKey, StockLevel]:
    return {level.key: level for level in map(level_from, found)}


def level_from(found: Document) -> StockLevel:
    return StockLevel(
        key=StockKey(found["sku_id"], found["store_id"]),
        on_hand=found["on_hand"],
        safety=found["safety"],
        held=tuple(HeldUntil(each["until"], each["quantity"]) for each in found["held"]),
        seq=found["seq"],
        revision=found["revision"],
        counted_at=found["counted_at"],
        moved_at=found["moved_at"],
    )
