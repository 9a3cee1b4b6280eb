"""Checks the whole stock: every level against its movements and its holds."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from app.inventory.hold_repository import StockHoldRepository
from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import StockKey, StockLevel, StockMovement
from app.inventory.movement_repository import StockMovementRepository
from app.inventory.rules import level_faults
from app.shared.mongodb.database import Database, Session

Held = dict[StockKey, Counter[datetime]]


@dataclass(frozen=True, slots=True)
class AuditedLevel:
    """A level, how many movements it has, and what is wrong with it, if anything."""

    key: StockKey
    movements: int
    faults: tuple[str, ...]


async def audit(database: Database, now: datetime) -> AsyncIterator[AuditedLevel]:
    """Every level of the database. Reads all levels and movements once.

    What moves meanwhile may look wrong: a level with faults is looked at again, by itself and in one
    moment, before it is called wrong.
    """
    held = await _held(database, now, None)
    movements = _Movements(database)
    async for level in StockLevelRepository(database).all():
        own = await movements.of(level.key)
        faults = level_faults(level, own, held.get(level.key, Counter()), now)
        if faults:
            yield await _second_look(database, level.key, now)
        else:
            yield AuditedLevel(level.key, len(own), ())
    for key in await movements.of_no_level():
        yield await _second_look(database, key, now)


async def _second_look(database: Database, key: StockKey, now: datetime) -> AuditedLevel:
    async def act(session: Session) -> AuditedLevel:
        levels = await StockLevelRepository(database).get_many([key], session)
        movements = await StockMovementRepository(database).of_level(key, session)
        held = await _held(database, now, session)
        faults = level_faults(levels.get(key) or StockLevel(key), movements, held.get(key, Counter()), now)
        return AuditedLevel(key, len(movements), tuple(faults))

    return await database.transaction(act)


async def _held(database: Database, now: datetime, session: Session) -> Held:
    """What living holds hold of each level, by the moment of its end."""
    held: Held = defaultdict(Counter)
    async for hold in StockHoldRepository(database).living(now, session):
        for line in hold.lines:
            held[line.key][hold.until] += line.quantity
    return held


class _Movements:
    """All movements, handed out level by level to who asks in the order of the keys."""

    def __init__(self, database: Database) -> None:
        self._stream = StockMovementRepository(database).all()
        self._next: StockMovement | None = None
        self._ended = False
        self._of_no_level: set[StockKey] = set()

    async def of(self, key: StockKey) -> list[StockMovement]:
        own: list[StockMovement] = []
        while (movement := await self._peek()) is not None and movement.reported.key.text <= key.text:
            if movement.reported.key == key:
                own.append(movement)
            else:
                self._of_no_level.add(movement.reported.key)
            self._next = None
        return own

    async def of_no_level(self) -> list[StockKey]:
        """The keys of movements whose level did not come by."""
        while (movement := await self._peek()) is not None:
            self._of_no_level.add(movement.reported.key)
            self._next = None
        return sorted(self._of_no_level, key=lambda key: key.text)

    async def _peek(self) -> StockMovement | None:
        if self._next is None and not self._ended:
            self._next = await anext(self._stream, None)
            self._ended = self._next is None
        return self._next
