"""Pure decisions about points: what each change does to the lots, and whether a ledger is sound."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.points.errors import (
    InsufficientPoints,
    PointAmountInvalid,
    PointBalanceLimit,
    PointLotLimit,
)
from app.points.lots import Lots, LotUses, in_order, left_of, lots_after, matured, taken
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


def earn(
    account: PointAccount,
    amount: int,
    expires_at: datetime,
    source: PointSource,
    available_at: datetime | None = None,
) -> PointChange:
    """Adds points to the lot of their expiry; they are pending until `available_at`."""
    _require_amount(amount)
    use = PointLotUse(expires_at, amount, available_at)
    return _within_limits(account, _added(account, PointEntryKind.EARN, (use,), source))


def spend(account: PointAccount, amount: int, source: PointSource) -> PointChange:
    """Takes points from the lots that expire soonest. The account has no expired lots any more."""
    _require_amount(amount)
    return PointChange(PointEntryKind.SPEND, _taken_from_lots(account, amount), source)


def debit(account: PointAccount, amount: int, source: PointSource) -> PointChange:
    """Takes points that were used already, elsewhere: what is not there is owed."""
    _require_amount(amount)
    return _taken_anyway(PointEntryKind.SPEND, _spendable_first(account), amount, source)


def reverse(account: PointAccount, spent: PointEntry, source: PointSource) -> PointChange:
    """Returns all points of a spending to their lots, with their expiry; no limit forbids it."""
    returned = tuple(replace(use, amount=-use.amount) for use in spent.lot_uses)
    return _added(account, PointEntryKind.REVERSE, returned, source)


def reverse_part(
    account: PointAccount,
    spent: PointEntry,
    returned_before: int,
    amount: int,
    owed_expires_at: datetime,
    source: PointSource,
) -> PointChange:
    """Returns so many points of a spending to their lots, those that expire last before the others.

    Those that were owed come back first of all, to a lot that expires then, for they came from none.
    Raises PointAmountInvalid for more than is left of the spending.
    """
    if not 1 <= amount <= -spent.amount - returned_before:
        raise PointAmountInvalid(minimum=1, maximum=-spent.amount - returned_before)
    returned: list[PointLotUse] = []
    for use in reversed((*spent.lot_uses, PointLotUse(owed_expires_at, -spent.owed))):
        before = min(returned_before, -use.amount)
        returned_before -= before
        now = min(amount, -use.amount - before)
        amount -= now
        if now:
            returned.append(replace(use, amount=now))
    return _added(account, PointEntryKind.REVERSE, tuple(reversed(returned)), source)


def adjust(account: PointAccount, amount: int, expires_at: datetime, source: PointSource) -> PointChange:
    """Corrects the balance: adds points that expire then, or takes them from the soonest lots."""
    _require_amount(abs(amount))
    if amount < 0:
        return PointChange(PointEntryKind.ADJUST, _taken_from_lots(account, -amount), source)
    use = PointLotUse(expires_at, amount)
    return _within_limits(account, _added(account, PointEntryKind.ADJUST, (use,), source))


def withdraw(account: PointAccount, amount: int, source: PointSource) -> PointChange:
    """Takes back points that should not have been given, however many, as far as they are still there."""
    there = min(amount, max(0, account.available))
    return PointChange(PointEntryKind.ADJUST, taken(_spendable_first(account), there), source)


def claw_back(
    account: PointAccount,
    amount: int,
    expires_at: datetime,
    available_at: datetime | None,
    source: PointSource,
) -> PointChange:
    """Takes back points that were earned for what was returned, from their own lot before any other.

    What is not there any more is owed.
    """
    own = {(expires_at, available_at), (expires_at, None)}
    lots = sorted(_spendable_first(account), key=lambda lot: (lot.expires_at, lot.available_at) not in own)
    return _taken_anyway(PointEntryKind.ADJUST, lots, amount, source)


def give_away(account: PointAccount, source: PointSource) -> PointChange:
    """Takes all points, or the debt, so that another account gets them: this one is closed."""
    uses = tuple(PointLotUse(lot.expires_at, -lot.amount, lot.available_at) for lot in account.lots)
    return PointChange(PointEntryKind.CLOSE, uses, source, owed=-account.debt)


def take_over(account: PointAccount, given: PointChange, source: PointSource) -> PointChange:
    """Adds what another account gave away, with its expiry, or takes its debt; no limit forbids it."""
    if given.owed:
        return _taken_anyway(PointEntryKind.TRANSFER, _spendable_first(account), -given.owed, source)
    added = tuple(replace(use, amount=-use.amount) for use in given.lot_uses)
    return _added(account, PointEntryKind.TRANSFER, added, source)


def expire(account: PointAccount, now: datetime) -> list[PointChange]:
    """One change for each lot whose time has come, dated when it came."""
    return [
        PointChange(
            PointEntryKind.EXPIRE,
            (PointLotUse(lot.expires_at, -lot.amount, lot.available_at),),
            PointSource(
                f"{lot.expires_at.isoformat()}#{account.seq + number}", PointReason.EXPIRY, lot.expires_at
            ),
        )
        for number, lot in enumerate(account.lots, start=1)
        if lot.expires_at <= now
    ]


def at(account: PointAccount, now: datetime) -> PointAccount:
    """The account at this moment: pending points whose time has come can be spent."""
    return replace(account, lots=matured(account.lots, now))


def entry_for(account: PointAccount, change: PointChange, entry_id: str, recorded_at: datetime) -> PointEntry:
    """The next entry of the account."""
    return PointEntry(
        id=entry_id,
        member_id=account.member_id,
        seq=account.seq + 1,
        kind=change.kind,
        amount=change.amount,
        balance_after=account.balance + change.amount,
        lots_after=_lots_at(recorded_at, account, change.lot_uses),
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
        == max(0, entry.balance_after),
        "its lot uses and the debt do not add up to its amount": entry.owed
        == entry.account.debt - before.debt,
        f"it is {entry.kind} of {entry.amount} points": _has_right_sign(entry),
        "a lot expired before its time": entry.kind is not PointEntryKind.EXPIRE
        or all(use.expires_at <= entry.recorded_at for use in entry.lot_uses),
        "it comes after the account was closed": not before.is_closed,
        "it closes the account and leaves points in it": not entry.account.is_closed
        or entry.balance_after == 0,
        "a lot is empty or negative": all(lot.amount > 0 for lot in entry.lots_after),
        "its lots are not in the order of their expiry": entry.lots_after == in_order(entry.lots_after),
        "its lots do not follow from the ones before": entry.lots_after
        == _lots_at(entry.recorded_at, before, entry.lot_uses),
    }
    return [fault for fault, is_well in checks.items() if not is_well]


def _has_right_sign(entry: PointEntry) -> bool:
    if entry.kind is PointEntryKind.CLOSE:
        return True
    if entry.kind in {PointEntryKind.ADJUST, PointEntryKind.TRANSFER}:
        return entry.amount != 0
    return entry.amount > 0 if entry.kind in _ADDING else entry.amount < 0


def _require_amount(amount: int) -> None:
    if not 1 <= amount <= MAXIMUM_AMOUNT:
        raise PointAmountInvalid(minimum=1, maximum=MAXIMUM_AMOUNT)


def _within_limits(account: PointAccount, change: PointChange) -> PointChange:
    if account.balance + change.amount > MAXIMUM_BALANCE:
        raise PointBalanceLimit(maximum=MAXIMUM_BALANCE)
    if len(lots_after(account.lots, change.lot_uses)) > MAXIMUM_LOTS:
        raise PointLotLimit(maximum=MAXIMUM_LOTS)
    return change


def _added(account: PointAccount, kind: PointEntryKind, uses: LotUses, source: PointSource) -> PointChange:
    """Adds points; a debt is filled before any lot."""
    left = left_of(uses, account.debt)
    filled = sum(use.amount for use in uses) - sum(use.amount for use in left)
    return PointChange(kind, left, source, owed=-filled)


def _taken_from_lots(account: PointAccount, amount: int) -> LotUses:
    """Takes points that can be spent. Raises InsufficientPoints."""
    if account.available < amount:
        raise InsufficientPoints(requested=amount, balance=account.available)
    return taken(_spendable_first(account), amount)


def _taken_anyway(
    kind: PointEntryKind, lots: Iterable[PointLot], amount: int, source: PointSource
) -> PointChange:
    """Takes points from these lots in turn; what they do not have is owed."""
    uses = taken(lots, amount)
    return PointChange(kind, uses, source, owed=amount + sum(use.amount for use in uses))


def _spendable_first(account: PointAccount) -> list[PointLot]:
    """The lots that can be spent, the soonest to expire first, and then those that are pending."""
    return sorted(account.lots, key=lambda lot: lot.available_at is not None)


def _lots_at(moment: datetime, before: PointAccount, uses: LotUses) -> Lots:
    """The lots after these uses, made at this moment."""
    return matured(lots_after(matured(before.lots, moment), uses), moment)
