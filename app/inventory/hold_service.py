"""What can be done with holds. Each acts in the transaction of the use case that it belongs to."""

from collections.abc import Iterable, Sequence
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
    StockLevel,
    StockLine,
    StockMovement,
    StockMovementKind,
    WantedHold,
)
from app.inventory.movement_repository import StockMovementRepository
from app.shared.clock import Clock
from app.shared.database import Database, Session
from app.shared.errors import SeveralRefusals
from app.shared.ids import new_id

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
            raise await self._out_of_stock(short, now, session)
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

    async def capture(self, hold_id: str, session: Session) -> StockHold:
        """Sells what is held; again, it changes nothing.

        An expired hold is captured only if all its pieces can still be had. Raises StockHoldNotFound,
        StockHoldSettled, StockHoldExpired, or SeveralRefusals with an OutOfStock for each level from which
        a till has sold held pieces meanwhile.
        """
        now = self._clock.now()
        hold = await self._holds.settle(hold_id, StockHoldStatus.CAPTURED, now, session)
        if hold is None:
            return await self._settled_before(hold_id, StockHoldStatus.CAPTURED, session)
        is_living = now < hold.until
        levels = [await self._take(line, hold, is_living, now, session) for line in hold.lines]
        short = [line for line, level in zip(hold.lines, levels, strict=True) if level is None]
        if short and not is_living:
            raise StockHoldExpired
        if short:
            raise await self._out_of_stock(short, now, session)
        sold = [
            _sale(line, level, hold, now)
            for line, level in zip(hold.lines, levels, strict=True)
            if level is not None
        ]
        await self._movements.add(sold, session)
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

    async def _take(
        self, line: StockLine, hold: StockHold, is_living: bool, now: datetime, session: Session
    ) -> StockLevel | None:
        if is_living:
            return await self._levels.take_held(line.key, line.quantity, hold.until, now, session)
        return await self._levels.take_available(line.key, line.quantity, now, session)

    async def _settled_before(self, hold_id: str, outcome: StockHoldStatus, session: Session) -> StockHold:
        hold = await self._holds.get(hold_id, session)
        if hold is None:
            raise StockHoldNotFound
        if hold.settled is not outcome:
            raise StockHoldSettled(status=hold.settled)
        return hold

    async def _out_of_stock(
        self, short: Sequence[StockLine], now: datetime, session: Session
    ) -> SeveralRefusals:
        levels = await self._levels.get_many([line.key for line in short], session)
        return SeveralRefusals(
            OutOfStock(
                requested=line.quantity,
                available=rules.available(levels.get(line.key) or StockLevel(line.key), now),
                sku_id=line.key.sku_id,
                store_id=line.key.store_id,
            )
            for line in short
        )


def _sale(line: StockLine, level: StockLevel, hold: StockHold, now: datetime) -> StockMovement:
    """The movement by which held pieces left the level, which is as it was right afterwards."""
    reported = ReportedMovement(line.key, StockMovementKind.SELL, line.quantity, hold.id, now)
    return StockMovement(
        id=rules.movement_id(reported, SOLD_BY_HOLD),
        reported=reported,
        reported_by=SOLD_BY_HOLD,
        seq=level.seq,
        change=-line.quantity,
        on_hand_after=level.on_hand,
        recorded_at=now,
    )
