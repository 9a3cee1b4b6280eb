"""Drafting the next entries of accounts that were read before: nothing is read here, and nothing written."""

from collections.abc import Callable
from datetime import datetime

from app.points import rules
from app.points.errors import PointAccountClosed
from app.points.model import PointAccount, PointChange, PointEntry, PointSource
from app.shared.ids import new_id

Decide = Callable[[PointAccount], PointChange]


class LedgerDraft:
    """The next entries of one account, change by change. `PointService.add` writes them all together."""

    def __init__(self, account: PointAccount, now: datetime, lot: Callable[[datetime], datetime]) -> None:
        """`lot` tells when points that are earned at a moment expire."""
        self._account = account
        self._now = now
        self._lot = lot
        self.entries: list[PointEntry] = []

    def reverse_part(self, spent: PointEntry, returned_before: int, amount: int, source: PointSource) -> None:
        """Returns some points of a spending, of which some may be returned already.

        Raises PointAmountInvalid.
        """
        lot = self._lot(spent.source.occurred_at)
        self._change(lambda account: rules.reverse_part(account, spent, returned_before, amount, lot, source))

    def claw_back(
        self, amount: int, earned_at: datetime, available_at: datetime | None, source: PointSource
    ) -> None:
        """Takes back points that were earned then, from their own lot first; what is spent is owed."""
        lot = self._lot(available_at or earned_at)
        self._change(lambda account: rules.claw_back(account, amount, lot, available_at, source))

    def _change(self, decide: Decide) -> None:
        _, entries = next_entries(self._account, decide, self._now)
        self.entries += entries
        self._account = entries[-1].account


def next_entries(account: PointAccount, decide: Decide, now: datetime) -> tuple[PointEntry, list[PointEntry]]:
    """The entry of the change, and all that come next: before it what has expired is written off."""
    account, entries = settled(account, now)
    entry = rules.entry_for(account, decide(account), new_id(), now)
    # What came with an expiry in the past, from a refund or a late receipt, is gone at once.
    return entry, [*entries, entry, *expired(entry.account, now)[1]]


def settled(account: PointAccount, now: datetime) -> tuple[PointAccount, list[PointEntry]]:
    """The account without what has expired, and the entries that are missing for that.

    Raises PointAccountClosed.
    """
    if account.is_closed:
        raise PointAccountClosed
    return expired(rules.at(account, now), now)


def expired(account: PointAccount, now: datetime) -> tuple[PointAccount, list[PointEntry]]:
    """What `settled` tells of an account, closed or not, as it is at this moment."""
    entries: list[PointEntry] = []
    for change in rules.expire(account, now):
        entries.append(rules.entry_for(account, change, new_id(), now))
        account = entries[-1].account
    return account, entries
