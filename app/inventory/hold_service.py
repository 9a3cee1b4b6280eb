"""What can be done with holds. Each acts in the transaction of the use case that it belongs to."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from app.inventory import rules
from app.inventory.errors import (
    OutOfStock,
    StockHoldDiffers,
    StockHoldExpired,
    StockHoldNotFound,
    StockHoldSettled,
)
from app.inventory.hold_repository import StockHoldRepository
from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import (
    ReportedMovement,
    StockHold,
    StockHoldStatus,
    StockKey,
    StockLevel,
    StockLine,
    StockMovement,
    StockMovementKind,
    WantedHold,
)
from app.inventory.movement_repository import StockMovementRepository
from app.shared.clock import Clock
from app.shared.errors import SeveralRefusals
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Reading

SOLD_BY_HOLD = "hold"  # who reports what a captured hold sold


class StockHoldService:
    """The holds of stock: set aside, then sold or given back."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._holds = StockHoldRepository(database)
        self._levels = StockLevelRepository(database)
        self._movements = StockMovementRepository(database)
        self._clock = clock

    async def count_in_force(self) -> int:
        """How many holds keep something aside now."""
        return await self._holds.count_in_force(self._clock.now())

    async def get(self, hold_id: str, session: Session = None) -> StockHold | None:
        return await self._holds.get(hold_id, session)

    async def hold(
        self, lines: Iterable[StockLine], owner: str, until: datetime, session: Session
    ) -> StockHold:
        """Sets all lines aside for the owner, or none; the same owner's same lines give the same hold again.

        It ends at the whole minute at or after `until`, and counts for nothing from then on. Raises
        StockHoldInvalid, StockQuantityInvalid, StockHoldDiffers, or SeveralRefusals with an OutOfStock for
        each level that has too little; its numbers name the SKU and the store.
        """
        now = self._clock.now()
        demand = rules.hold_lines(lines, until, now)
        earlier = await self._holds.of_owner(owner, session)
        if earlier is not None:
            if earlier.lines != demand:
                raise StockHoldDiffers
            return earlier
        hold = StockHold(new_id(), owner, demand, rules.hold_end(until), now)
        short = [
            line
            for line in demand
            if not await self._levels.hold(line.key, line.quantity, hold.until, now, session)
        ]
        if short:
            levels = await self._levels.get_many([line.key for line in short], session)
            raise _out_of_stock(short, levels, now)
        await self._holds.add([hold], session)
        return hold

    async def hold_new(self, wanted: Iterable[WantedHold], session: Session) -> bool:
        """Sets all of this aside for owners who have never held anything, in two commands.

        False when a level has too little: by then some may be held, so the transaction is to be given up.
        They end as other holds do. Raises StockHoldInvalid and StockQuantityInvalid.
        """
        now = self._clock.now()
        holds = [
            StockHold(
                id=each.id,
                owner=each.owner,
                lines=rules.hold_lines(each.lines, each.until, now),
                until=rules.hold_end(each.until),
                created_at=now,
            )
            for each in wanted
        ]
        await self._holds.add(holds, session)
        return await self._levels.hold_all(holds, now, session)

    def reading_levels(self, source: Reading[object], field: str) -> Reading[dict[StockKey, StockLevel]]:
        """The levels of the hold that what the source finds names in this field, for `capture`."""
        return self._levels.reading_of_holds(self._holds.reading_named(source, field))

    async def capture(
        self, hold_id: str, session: Session, levels: Mapping[StockKey, StockLevel] | None = None
    ) -> StockHold:
        """Sells what is held; again, it changes nothing. The levels are read, unless they were just now.

        An expired hold is captured only if all its pieces can still be had. Raises StockHoldNotFound,
        StockHoldSettled, StockHoldExpired, or SeveralRefusals with an OutOfStock for each level from which
        a till has sold held pieces meanwhile.
        """
        now = self._clock.now()
        hold = await self._holds.settle(hold_id, StockHoldStatus.CAPTURED, now, session)
        if hold is None:
            return await self._settled_before(hold_id, StockHoldStatus.CAPTURED, session)
        keys = [line.key for line in hold.lines]
        if levels is None or any(key not in levels for key in keys):
            levels = await self._levels.get_many(keys, session)
        is_living = now < hold.until
        short = [
            line for line in hold.lines if _sellable(levels.get(line.key), is_living, now) < line.quantity
        ]
        if short and not is_living:
            raise StockHoldExpired
        if short:
            raise _out_of_stock(short, levels, now)
        await self._levels.take(hold, levels, now, session)
        await self._movements.add([_sale(line, levels[line.key], hold, now) for line in hold.lines], session)
        return hold

    async def release(self, hold_id: str, session: Session) -> StockHold:
        """Gives back what is held; again, it changes nothing. Raises StockHoldNotFound, StockHoldSettled."""
        now = self._clock.now()
        hold = await self._holds.settle(hold_id, StockHoldStatus.RELEASED, now, session)
        if hold is None:
            return await self._settled_before(hold_id, StockHoldStatus.RELEASED, session)
        if now < hold.until:
            await self._levels.give_back(hold, now, session)
        return hold

    async def _settled_before(self, hold_id: str, outcome: StockHoldStatus, session: Session) -> StockHold:
        hold = await self._holds.get(hold_id, session)
        if hold is None:
            raise StockHoldNotFound
        if hold.settled is not outcome:
            raise StockHoldSettled(status=hold.settled)
        return hold


def _sellable(level: StockLevel | None, is_living: bool, now: datetime) -> int:
    """The pieces that a hold can sell: what lies there while it lives, and then what nobody holds."""
    if level is None:
        return 0
    return level.on_hand if is_living else rules.available(level, now)


def _out_of_stock(
    short: Sequence[StockLine], levels: Mapping[StockKey, StockLevel], now: datetime
) -> SeveralRefusals:
    return SeveralRefusals(
        OutOfStock(
            requested=line.quantity,
            available=rules.available(levels.get(line.key) or StockLevel(line.key), now),
            sku_id=line.key.sku_id,
            store_id=line.key.store_id,
        )
        for line in short
    )


def _sale(line: StockLine, before: StockLevel, hold: StockHold, now: datetime) -> StockMovement:
    """The movement by which held pieces leave the level."""
    reported = ReportedMovement(line.key, StockMovementKind.SELL, line.quantity, hold.id, now)
    return StockMovement(
        id=rules.movement_id(reported, SOLD_BY_HOLD),
        reported=reported,
        reported_by=SOLD_BY_HOLD,
        seq=before.seq + 1,
        change=-line.quantity,
        on_hand_after=before.on_hand - line.quantity,
        recorded_at=now,
    )
