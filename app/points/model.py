"""Points: an append-only ledger of entries for each member. 1 point is worth 1 yen."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PointEntryKind(StrEnum):
    """What an entry does to the account."""

    EARN = "EARN"
    SPEND = "SPEND"
    REVERSE = "REVERSE"
    ADJUST = "ADJUST"
    EXPIRE = "EXPIRE"
    TRANSFER = "TRANSFER"


class PointReason(StrEnum):
    """Why an entry was made, for the member to read."""

    CHECK_IN = "CHECK_IN"
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"
    CORRECTION = "CORRECTION"
    EXPIRY = "EXPIRY"
    MERGE = "MERGE"
    ORDER = "ORDER"
    ORDER_REFUNDED = "ORDER_REFUNDED"
    VISIT_COUNTED_ALREADY = "VISIT_COUNTED_ALREADY"


@dataclass(frozen=True, slots=True)
class PointLot:
    """Points that expire together: an account has at most one lot for each moment of expiry."""

    expires_at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class PointLotUse:
    """What an entry added to a lot (positive) or took from it (negative)."""

    expires_at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class PointAccount:
    """An account after its newest entry, which is number `seq`; 0 when there is none yet.

    It is closed for good once its points went to another member's account.
    """

    member_id: str
    seq: int = 0
    balance: int = 0
    lots: tuple[PointLot, ...] = ()
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class PointSource:
    """What an entry is for. With the kind, `reference` names it once and for all in its account."""

    reference: str
    reason: PointReason
    occurred_at: datetime
    store_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PointEntry:
    """One line of the ledger, never changed: a link of a chain by `seq`, 1, 2, 3 …

    `balance_after` and `lots_after` are the account after it, so the newest entry is the account.
    """

    id: str
    member_id: str
    seq: int
    kind: PointEntryKind
    amount: int
    balance_after: int
    lots_after: tuple[PointLot, ...]
    lot_uses: tuple[PointLotUse, ...]
    source: PointSource
    recorded_at: datetime

    @property
    def account(self) -> PointAccount:
        """The account as this entry leaves it."""
        is_closed = self.kind is PointEntryKind.TRANSFER and self.amount <= 0
        return PointAccount(self.member_id, self.seq, self.balance_after, self.lots_after, is_closed)


@dataclass(frozen=True, slots=True)
class PointChange:
    """What a new entry is to do: its amount is the sum of its lot uses."""

    kind: PointEntryKind
    lot_uses: tuple[PointLotUse, ...]
    source: PointSource

    @property
    def amount(self) -> int:
        return sum(use.amount for use in self.lot_uses)
