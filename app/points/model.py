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
    CLOSE = "CLOSE"


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
    PURCHASE = "PURCHASE"
    PURCHASE_RETURNED = "PURCHASE_RETURNED"
    COUPON = "COUPON"
    VISIT_COUNTED_ALREADY = "VISIT_COUNTED_ALREADY"


@dataclass(frozen=True, slots=True)
class PointLot:
    """Points that expire together. They are pending until `available_at`; None when they can be spent.

    An account has at most one lot for each pair of these moments.
    """

    expires_at: datetime
    amount: int
    available_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PointLotUse:
    """What an entry added to a lot (positive) or took from it (negative)."""

    expires_at: datetime
    amount: int
    available_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PointAccount:
    """An account after its newest entry, which is number `seq`; 0 when there is none yet.

    `balance` is the sum of its entries. Below 0 it is a debt, and there are no lots: what is earned then
    fills it first. It is closed for good once its points went to another member's account.
    """

    member_id: str
    seq: int = 0
    balance: int = 0
    lots: tuple[PointLot, ...] = ()
    is_closed: bool = False

    @property
    def pending(self) -> int:
        """Points that cannot be spent yet."""
        return sum(lot.amount for lot in self.lots if lot.available_at is not None)

    @property
    def available(self) -> int:
        """Points that can be spent; below 0 in debt."""
        return self.balance - self.pending

    @property
    def debt(self) -> int:
        """How many points are missing to 0."""
        return max(0, -self.balance)


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
    def owed(self) -> int:
        """Points by which it raised the account's debt, or, negative, filled it."""
        return sum(use.amount for use in self.lot_uses) - self.amount

    @property
    def account(self) -> PointAccount:
        """The account as this entry leaves it."""
        is_closed = self.kind is PointEntryKind.CLOSE
        return PointAccount(self.member_id, self.seq, self.balance_after, self.lots_after, is_closed)


@dataclass(frozen=True, slots=True)
class PointChange:
    """What a new entry is to do: to the lots, and to the debt, which grows by `owed`, or shrinks."""

    kind: PointEntryKind
    lot_uses: tuple[PointLotUse, ...]
    source: PointSource
    owed: int = 0

    @property
    def amount(self) -> int:
        return sum(use.amount for use in self.lot_uses) - self.owed
