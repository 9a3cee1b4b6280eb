"""Recording of stock movements, within the transaction that they belong to."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from app.inventory import rules
from app.inventory.errors import StockReferenceUsed
from app.inventory.level_repository import StockLevelRepository
from app.inventory.model import ReportedMovement, StockKey, StockLevel, StockMovement
from app.inventory.movement_repository import StockMovementRepository
from app.shared.errors import Refusal
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Session


@dataclass(frozen=True, slots=True)
class RecordedRow:
    """What became of one row of a batch: its movement, which may have been on record already, or why not."""

    movement: StockMovement | None = None
    is_new: bool = False
    refusal: Refusal | None = None


class StockRecording:
    """Records movements in one run of a transaction."""

    def __init__(
        self,
        levels: StockLevelRepository,
        movements: StockMovementRepository,
        events: EventLog,
        session: Session,
    ) -> None:
        self._levels = levels
        self._movements = movements
        self._events = events
        self._session = session

    async def record(
        self, rows: dict[int, ReportedMovement], reported_by: str, now: datetime
    ) -> dict[int, RecordedRow]:
        """What becomes of each row, by its number."""
        ids = {number: rules.movement_id(row, reported_by) for number, row in rows.items()}
        known = await self._movements.get_many(set(ids.values()), self._session)
        first = {id: number for number, id in reversed(ids.items())}
        new = {number: rows[number] for id, number in first.items() if id not in known}
        recorded = await self._record_new(new, reported_by, now) if new else {}
        for number, id in ids.items():
            if number not in recorded:
                recorded[number] = _repeated(rows[number], known.get(id) or recorded[first[id]].movement)
        return recorded

    async def _record_new(
        self, rows: dict[int, ReportedMovement], reported_by: str, now: datetime
    ) -> dict[int, RecordedRow]:
        by_key: dict[StockKey, list[int]] = defaultdict(list)
        for number in sorted(rows, key=lambda number: rules.recording_order(rows[number])):
            by_key[rows[number].key].append(number)
        levels = await self._levels.get_many(by_key, self._session)
        before = {key: levels.get(key) or StockLevel(key) for key in sorted(by_key, key=lambda key: key.text)}
        firsts = {key: rows[by_key[key][0]] for key in before}
        moments = {
            key: row.occurred_at for key, row in firsts.items() if rules.needs_changes_since(before[key], row)
        }
        since = await self._movements.changes_since(moments, self._session) if moments else {}
        recorded: dict[int, RecordedRow] = {}
        after = dict(before)
        for key in before:
            for number in by_key[key]:
                try:
                    after[key], movement = rules.recorded(
                        after[key], rows[number], reported_by, now, since.get(key, 0)
                    )
                    recorded[number] = RecordedRow(movement, is_new=True)
                except Refusal as refusal:
                    recorded[number] = RecordedRow(refusal=refusal)
        await self._write(before, after, recorded, now)
        return recorded

    async def _write(
        self,
        before: dict[StockKey, StockLevel],
        after: dict[StockKey, StockLevel],
        recorded: dict[int, RecordedRow],
        now: datetime,
    ) -> None:
        changed = {key: (before[key], after[key]) for key in before if before[key] != after[key]}
        if not changed:
            return
        await self._levels.change(changed, self._session)
        await self._movements.add([row.movement for row in recorded.values() if row.movement], self._session)
        below_zero = [
            Event(
                "StockBelowZero",
                f"stock:{key.text}",
                now,
                {"sku_id": key.sku_id, "store_id": key.store_id, "on_hand": level.on_hand},
            )
            for key, (earlier, level) in changed.items()
            if level.on_hand < 0 <= earlier.on_hand
        ]
        for event in below_zero:
            await self._events.append(event, self._session)


def _repeated(row: ReportedMovement, movement: StockMovement | None) -> RecordedRow:
    """A row whose reference was used: the same again, or something else."""
    if movement is not None and movement.reported.quantity == row.quantity:
        return RecordedRow(movement)
    return RecordedRow(refusal=StockReferenceUsed(path=["reference"]))
