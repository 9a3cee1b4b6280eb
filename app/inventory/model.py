"""Stock: levels, the movements that add up to them, and what is held of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StockMovementKind(StrEnum):
    """What happened to pieces of a SKU at a store."""

    RECEIVE = "RECEIVE"
    SELL = "SELL"
    RETURN = "RETURN"
    TRANSFER_OUT = "TRANSFER_OUT"
    TRANSFER_IN = "TRANSFER_IN"
    COUNT = "COUNT"
    DAMAGE = "DAMAGE"
    CORRECT = "CORRECT"


class StockHoldStatus(StrEnum):
    """Where a hold stands."""

    ACTIVE = "ACTIVE"
    CAPTURED = "CAPTURED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class StockKey:
    """What a level is of: a SKU at a store. Keys are touched in their sorted order."""

    sku_id: str
    store_id: str

    @property
    def text(self) -> str:
        return f"{self.sku_id}/{self.store_id}"


@dataclass(frozen=True, slots=True)
class HeldUntil:
    """Pieces that are held until the same moment, by however many owners."""

    until: datetime
    quantity: int


@dataclass(frozen=True, slots=True)
class StockLevel:
    """A SKU's stock at a store. All numbers are pieces.

    `on_hand` is below 0 where a till sold what nobody had recorded. `seq` numbers the movements;
    `revision` grows with every change, those of holds too. What happened up to `counted_at`, the moment
    of the last count, is in the count already. `moved_at` is when the last movement happened.
    """

    key: StockKey
    on_hand: int = 0
    safety: int = 0
    held: tuple[HeldUntil, ...] = ()
    seq: int = 0
    revision: int = 0
    counted_at: datetime | None = None
    moved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportedMovement:
    """A movement as somebody reports it.

    `quantity` is how many pieces moved; in a COUNT, how many there are; in a CORRECT, more or, negative,
    fewer. With the kind, the level and the reporter, `reference` names it once and for all.
    """

    key: StockKey
    kind: StockMovementKind
    quantity: int
    reference: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class StockMovement:
    """A movement on record, never changed: number `seq` of its level.

    `change` is what it did to the level: nothing, where a later count had it in already.
    """

    id: str
    reported: ReportedMovement
    reported_by: str
    seq: int
    change: int
    on_hand_after: int
    recorded_at: datetime

    @property
    def is_below_zero(self) -> bool:
        """Whether more pieces left than anybody had recorded: somebody should count."""
        return self.on_hand_after < 0


@dataclass(frozen=True, slots=True)
class StockLine:
    """Pieces of a SKU at a store that somebody wants."""

    key: StockKey
    quantity: int


@dataclass(frozen=True, slots=True)
class WantedHold:
    """What somebody who has never held anything wants to hold until a moment, under the id of a new hold."""

    id: str
    owner: str
    lines: tuple[StockLine, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class StockHold:
    """Pieces set aside for an owner until a moment. Each level is in one line at the most.

    `settled` is what became of it, CAPTURED or RELEASED; a hold that nobody settled expires by itself.
    """

    id: str
    owner: str
    lines: tuple[StockLine, ...]
    until: datetime
    created_at: datetime
    settled: StockHoldStatus | None = None
    settled_at: datetime | None = None

    def status(self, now: datetime) -> StockHoldStatus:
        if self.settled is not None:
            return self.settled
        return StockHoldStatus.ACTIVE if now < self.until else StockHoldStatus.EXPIRED
