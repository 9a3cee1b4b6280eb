"""Pure decisions about stock: what a movement does to a level, and what is left for others."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.inventory.errors import (
    StockHoldInvalid,
    StockLevelLimit,
    StockQuantityInvalid,
    StockReferenceInvalid,
    StockTimeInvalid,
)
from app.inventory.model import (
    ReportedMovement,
    StockKey,
    StockLevel,
    StockLine,
    StockMovement,
    StockMovementKind,
)

MAXIMUM_QUANTITY = 100_000
MAXIMUM_ON_HAND = 1_000_000_000  # inside GraphQL's 32-bit Int
MAXIMUM_REFERENCE_LENGTH = 100
MAXIMUM_LATENESS = timedelta(days=90)
CLOCK_TOLERANCE = timedelta(minutes=5)  # tills set their own clocks

MAXIMUM_LINES = 100
LONGEST_HOLD = timedelta(days=31)
HOLD_STEP = timedelta(minutes=1)
MAXIMUM_HELD_MOMENTS = 1_000  # a level is held until this many different moments at the most

_ADDING = {StockMovementKind.RECEIVE, StockMovementKind.RETURN, StockMovementKind.TRANSFER_IN}


def held(level: StockLevel, now: datetime) -> int:
    """The pieces that are held at this moment; what a hold held counts no more from its end on."""
    return sum(each.quantity for each in level.held if now < each.until)


def available(level: StockLevel, now: datetime) -> int:
    """The pieces that somebody can still have at this moment."""
    return max(0, level.on_hand - held(level, now) - level.safety)


def has_room(level: StockLevel, now: datetime) -> bool:
    """Whether the level can be held until one moment more, whichever that is."""
    return sum(now < each.until for each in level.held) < MAXIMUM_HELD_MOMENTS


def require_sound(reported: ReportedMovement, now: datetime) -> None:
    """Raises StockQuantityInvalid, StockReferenceInvalid or StockTimeInvalid."""
    least = {StockMovementKind.COUNT: 0, StockMovementKind.CORRECT: -MAXIMUM_QUANTITY}.get(reported.kind, 1)
    is_nothing = reported.quantity == 0 and reported.kind is not StockMovementKind.COUNT
    if is_nothing or not least <= reported.quantity <= MAXIMUM_QUANTITY:
        raise StockQuantityInvalid(path=["quantity"], minimum=least, maximum=MAXIMUM_QUANTITY)
    reference = reported.reference
    has_length = 1 <= len(reference) <= MAXIMUM_REFERENCE_LENGTH
    if not (has_length and reference.isascii() and reference.isprintable()):
        raise StockReferenceInvalid(path=["reference"], maximum=MAXIMUM_REFERENCE_LENGTH)
    if not now - MAXIMUM_LATENESS <= reported.occurred_at <= now + CLOCK_TOLERANCE:
        raise StockTimeInvalid(path=["occurredAt"], maximum_days=MAXIMUM_LATENESS.days)


def movement_id(reported: ReportedMovement, reported_by: str) -> str:
    """What names a movement once and for all."""
    key = reported.key
    parts = [key.sku_id, key.store_id, reported.kind.value, reported_by, reported.reference]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def recording_order(reported: ReportedMovement) -> tuple[bool, float]:
    """Sorts movements of one level as they are to be recorded: counts first, the latest of them in front.

    The latest count decides; what happened before it does nothing any more, in whatever order it came.
    """
    moment = reported.occurred_at.timestamp()
    is_count = reported.kind is StockMovementKind.COUNT
    return not is_count, -moment if is_count else moment


def needs_changes_since(level: StockLevel, reported: ReportedMovement) -> bool:
    """Whether a count came late: movements that happened after it are in the level already."""
    return (
        reported.kind is StockMovementKind.COUNT
        and not _is_counted(level, reported)
        and level.moved_at is not None
        and level.moved_at > reported.occurred_at
    )


def recorded(
    level: StockLevel, reported: ReportedMovement, reported_by: str, now: datetime, changes_since: int = 0
) -> tuple[StockLevel, StockMovement]:
    """The level after the movement, and the movement as it is kept. Raises StockLevelLimit.

    Whatever happened up to the last count was seen by those who counted, so it changes nothing. A count
    that comes late sets the level of its own moment: `changes_since` is what the movements that
    happened after that moment have added to the level already.
    """
    change = _change(level, reported, changes_since)
    on_hand = level.on_hand + change
    if abs(on_hand) > MAXIMUM_ON_HAND:
        raise StockLevelLimit(maximum=MAXIMUM_ON_HAND)
    is_count = reported.kind is StockMovementKind.COUNT
    after = replace(
        level,
        on_hand=on_hand,
        seq=level.seq + 1,
        revision=level.revision + 1,
        counted_at=_later(level.counted_at, reported.occurred_at) if is_count else level.counted_at,
        moved_at=_later(level.moved_at, reported.occurred_at),
    )
    movement = StockMovement(
        id=movement_id(reported, reported_by),
        reported=reported,
        reported_by=reported_by,
        seq=after.seq,
        change=change,
        on_hand_after=on_hand,
        recorded_at=now,
    )
    return after, movement


def _change(level: StockLevel, reported: ReportedMovement, changes_since: int) -> int:
    if _is_counted(level, reported):
        return 0
    if reported.kind is StockMovementKind.COUNT:
        return reported.quantity + changes_since - level.on_hand
    adds = reported.kind in _ADDING or reported.kind is StockMovementKind.CORRECT
    return reported.quantity if adds else -reported.quantity


def _is_counted(level: StockLevel, reported: ReportedMovement) -> bool:
    """Whether a count that is on record has this movement in already."""
    if level.counted_at is None:
        return False
    if reported.kind is StockMovementKind.COUNT:
        return reported.occurred_at < level.counted_at
    return reported.occurred_at <= level.counted_at


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def hold_lines(lines: Iterable[StockLine], until: datetime, now: datetime) -> tuple[StockLine, ...]:
    """The demand for each level, summed, in the order of their keys.

    Raises StockHoldInvalid and StockQuantityInvalid.
    """
    demand: Counter[StockKey] = Counter()
    for number, line in enumerate(lines, start=1):
        if number > MAXIMUM_LINES:
            raise _hold_invalid()
        if not 1 <= line.quantity <= MAXIMUM_QUANTITY:
            raise StockQuantityInvalid(minimum=1, maximum=MAXIMUM_QUANTITY)
        demand[line.key] += line.quantity
    if not demand or not now < until <= now + LONGEST_HOLD:
        raise _hold_invalid()
    return tuple(StockLine(key, demand[key]) for key in sorted(demand, key=lambda key: key.text))


def _hold_invalid() -> StockHoldInvalid:
    return StockHoldInvalid(maximum_lines=MAXIMUM_LINES, maximum_days=LONGEST_HOLD.days)


def hold_end(until: datetime) -> datetime:
    """The whole minute at or after this moment: holds that end together take one place in a level."""
    until = until.astimezone(UTC)
    whole = until.replace(second=0, microsecond=0)
    return whole if whole == until else whole + HOLD_STEP


def level_faults(
    level: StockLevel, movements: Iterable[StockMovement], held_by_holds: Counter[datetime], now: datetime
) -> list[str]:
    """What is wrong with a level, given its movements from the first to the newest, and its living holds."""
    faults: list[str] = []
    on_hand = number = 0
    for number, movement in enumerate(movements, start=1):
        on_hand += movement.change
        if movement.seq != number:
            faults.append(f"movement {number}: its number is {movement.seq}")
        if movement.on_hand_after != on_hand:
            faults.append(f"movement {number}: it says {movement.on_hand_after}, all up to it give {on_hand}")
    if level.seq != number:
        faults.append(f"the level has seen {level.seq} movements, on record are {number}")
    if level.on_hand != on_hand:
        faults.append(f"the level has {level.on_hand} on hand, its movements add up to {on_hand}")
    living = Counter({each.until: each.quantity for each in level.held if now < each.until})
    if living != held_by_holds:
        faults.append(f"the level holds {living.total()}, its holds add up to {held_by_holds.total()}")
    return faults
