"""Pure decisions about points: what each change does to the lots, and whether a ledger is sound."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.points.errors import (
    InsufficientPoints,
    PointAmountInvalid,
    PointBalanceLimit,
    PointLotLimit,
)
from app.points.model import (
    PointAccount,
    PointChange,
    PointEntry,
    PointEntryKind,
    PointLot,
    PointLotUse,
    PointReason,
    PointSource,
)

MAXIMUM_AMOUNT = 1_000_000
MAXIMUM_BALANCE = 100_000_000  # far inside GraphQL's 32-bit Int
MAXIMUM_LOTS = 500

_ADDING = {PointEntryKind.EARN, PointEntryKind.REVERSE}


def expiry(earned_at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """When points expire: as the month ends that comes `months` after the one they were earned in.

    Points of one month share a lot this way, so an account has few lots however often it earns.
    """
    local = earned_at.astimezone(zone)
    year, month_index = divmod(local.year * 12 + local.month + months, 12)
    return datetime(year, month_index + 1, 1, tzinfo=zone).astimezone(UTC)


def earn(account: PointAccount, amount: int, expires_at: datetime, source: PointSource) -> PointChange:
    """Adds points to the lot of their expiry."""
    _require_amount(amount)
    return _within_limits(
        account, PointChange(PointEntryKind.EARN, (PointLotUse(expires_at, amount),), source)
    )


def spend(account: PointAccount, amount: int, source: PointSource) -> PointChange:
    """Takes points from the lots that expire soonest. The account has no expired lots any more."""
    _require_amount(amount)
    return PointChange(PointEntryKind.SPEND, _taken_from_lots(account, amount), source)


def reverse(spent: PointEntry, source: PointSource) -> PointChange:
    """Returns all points of a spending to their lots, with their expiry; no limit forbids it."""
    returned = tuple(PointLotUse(use.expires_at, -use.amount) for use in spent.lot_uses)
    return PointChange(PointEntryKind.REVERSE, returned, source)


def reverse_part(spent: PointEntry, returned_before: int, amount: int, source: PointSource) -> PointChange:
    """Returns so many points of a spending to their lots, those that expire last before the others.

    Raises PointAmountInvalid for more than is left of the spending.
    """
    if not 1 <= amount <= -spent.amount - returned_before:
        raise PointAmountInvalid(minimum=1, maximum=-spent.amount - returned_before)
    returned: list[PointLotUse] = []
    for use in reversed(spent.lot_uses):
        before = min(returned_before, -use.amount)
        returned_before -= before
        now = min(amount, -use.amount - before)
        amount -= now
        if now:
            returned.append(PointLotUse(use.expires_at, now))
    return PointChange(PointEntryKind.REVERSE, tuple(reversed(returned)), source)


def adjust(account: PointAccount, amount: int, expires_at: datetime, source: PointSource) -> PointChange:
    """Corrects the balance: adds points that expire then, or takes them from the soonest lots."""
    _require_amount(abs(amount))
    if amount < 0:
        return PointChange(PointEntryKind.ADJUST, _taken_from_lots(account, -amount), source)
    return _within_limits(
        account, PointChange(PointEntryKind.ADJUST, (PointLotUse(expires_at, amount),), source)
    )


def withdraw(account: PointAccount, amount: int, source: PointSource) -> PointChange:
    """Takes back points that should not have been given, however many, as far as they are still there."""
    return PointChange(PointEntryKind.ADJUST, _taken_from_lots(account, min(amount, account.balance)), source)


def give_away(account: PointAccount, source: PointSource) -> PointChange:
    """Takes all points, none being the least, so that another account gets them: this one is closed."""
    return PointChange(
        PointEntryKind.TRANSFER,
        tuple(PointLotUse(lot.expires_at, -lot.amount) for lot in account.lots),
        source,
    )


def take_over(given: PointChange, source: PointSource) -> PointChange:
    """Adds what another account gave away, with its expiry; no limit forbids it."""
    taken = tuple(PointLotUse(use.expires_at, -use.amount) for use in given.lot_uses)
    return PointChange(PointEntryKind.TRANSFER, taken, source)


def expire(account: PointAccount, now: datetime) -> list[PointChange]:
    """One change for each lot whose time has come, dated when it came."""
    return [
        PointChange(
            PointEntryKind.EXPIRE,
            (PointLotUse(lot.expires_at, -lot.amount),),
            PointSource(
                f"{lot.expires_at.isoformat()}#{account.seq + number}", PointReason.EXPIRY, lot.expires_at
            ),
        )
        for number, lot in enumerate(account.lots, start=1)
        if lot.expires_at <= now
    ]


def entry_for(account: PointAccount, change: PointChange, entry_id: str, recorded_at: datetime) -> PointEntry:
    """The next entry of the account."""
    return PointEntry(
        id=entry_id,
        member_id=account.member_id,
        seq=account.seq + 1,
        kind=change.kind,
        amount=change.amount,
        balance_after=account.balance + change.amount,
        lots_after=_lots_after(account.lots, change.lot_uses),
        lot_uses=change.lot_uses,
        source=change.source,
        recorded_at=recorded_at,
    )


def faults(entries: Iterable[PointEntry]) -> list[str]:
    """What is wrong with an account's entries, given from the first to the newest."""
    found: list[str] = []
    account: PointAccount | None = None
    names: Counter[tuple[PointEntryKind, str]] = Counter()
    total = 0
    for entry in entries:
        account = account or PointAccount(entry.member_id)
        total += entry.amount
        names[entry.kind, entry.source.reference] += 1
        found += [f"entry {account.seq + 1}: {fault}" for fault in _entry_faults(account, entry, total)]
        account = entry.account
    found += [
        f"{kind} {reference} stands {times} times" for (kind, reference), times in names.items() if times > 1
    ]
    return found


def _entry_faults(before: PointAccount, entry: PointEntry, total: int) -> list[str]:
    lots_total = sum(lot.amount for lot in entry.lots_after)
    checks = {
        f"its number is {entry.seq}": entry.seq == before.seq + 1,
        f"its balance is {entry.balance_after}, the entries add up to {total}": entry.balance_after == total,
        f"its lots add up to {lots_total}, its balance is {entry.balance_after}": lots_total
        == entry.balance_after,
        "its lot uses do not add up to its amount": sum(use.amount for use in entry.lot_uses) == entry.amount,
        f"it is {entry.kind} of {entry.amount} points": _has_right_sign(entry),
        "a lot expired before its time": entry.kind is not PointEntryKind.EXPIRE
        or all(use.expires_at <= entry.recorded_at for use in entry.lot_uses),
        "it comes after the account was closed": not before.is_closed,
        "it closes the account and leaves points in it": not entry.account.is_closed
        or entry.balance_after == 0,
        "a lot is empty or negative": all(lot.amount > 0 for lot in entry.lots_after),
        "its lots are not in the order of their expiry": all(
            one.expires_at < other.expires_at for one, other in pairwise(entry.lots_after)
        ),
        "its lots do not follow from the ones before": entry.lots_after
        == _lots_after(before.lots, entry.lot_uses),
    }
    return [fault for fault, is_well in checks.items() if not is_well]


def _has_right_sign(entry: PointEntry) -> bool:
    if entry.kind is PointEntryKind.TRANSFER:
        return True
    if entry.kind is PointEntryKind.ADJUST:
        return entry.amount != 0
    return entry.amount > 0 if entry.kind in _ADDING else entry.amount < 0


def _require_amount(amount: int) -> None:
    if not 1 <= amount <= MAXIMUM_AMOUNT:
        raise PointAmountInvalid(minimum=1, maximum=MAXIMUM_AMOUNT)


def _within_limits(account: PointAccount, change: PointChange) -> PointChange:
    if account.balance + change.amount > MAXIMUM_BALANCE:
        raise PointBalanceLimit(maximum=MAXIMUM_BALANCE)
    if len(_lots_after(account.lots, change.lot_uses)) > MAXIMUM_LOTS:
        raise PointLotLimit(maximum=MAXIMUM_LOTS)
    return change


def _taken_from_lots(account: PointAccount, amount: int) -> tuple[PointLotUse, ...]:
    if account.balance < amount:
        raise InsufficientPoints(requested=amount, balance=account.balance)
    uses: list[PointLotUse] = []
    for lot in account.lots:
        taken = min(lot.amount, amount)
        if taken:
            uses.append(PointLotUse(lot.expires_at, -taken))
        amount -= taken
    return tuple(uses)


def _lots_after(lots: tuple[PointLot, ...], uses: tuple[PointLotUse, ...]) -> tuple[PointLot, ...]:
    amounts: Counter[datetime] = Counter()
    for lot in lots:
        amounts[lot.expires_at] += lot.amount
    for use in uses:
        amounts[use.expires_at] += use.amount
    return tuple(PointLot(expires_at, amount) for expires_at, amount in sorted(amounts.items()) if amount)
