"""What can be done with points. Every change runs in the transaction of the use case it belongs to."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from app.points import rules
from app.points.drafting import LedgerDraft, expired, next_entries, settled
from app.points.errors import PointExpiryInvalid, PointSpendNotFound
from app.points.model import (
    PointAccount,
    PointChange,
    PointEntry,
    PointEntryKind,
    PointReason,
    PointSource,
)
from app.points.repository import PointRepository
from app.shared.clock import Clock, whole_milliseconds
from app.shared.ids import new_id
from app.shared.mongodb.database import Database, Session
from app.shared.mongodb.reading import Reading, Reads
from app.shared.paging import Page, PageRequest


class PointService:
    """The ledger of every member."""

    def __init__(self, database: Database, clock: Clock, validity_months: int, time_zone: ZoneInfo) -> None:
        self._database = database
        self._points = PointRepository(database)
        self._clock = clock
        self._validity_months = validity_months
        self._time_zone = time_zone

    async def account(self, member_id: str, reads: Reads | None = None) -> PointAccount:
        """The account at this moment: a lot whose time has come is first written off, if nobody has yet."""
        now = self._clock.now()
        newest = self._points.reading_account(member_id)
        account = rules.at((await (reads or Reads(self._database)).read(newest))[newest], now)
        if not rules.expire(account, now):
            return account

        async def act(session: Session) -> PointAccount:
            current, expired = await self._settled(member_id, session, self._clock.now())
            if expired:
                await self._points.append(expired, session)
            return current

        return await self._database.transaction(act)

    async def newest(self, member_id: str, session: Session) -> PointAccount:
        """The account as its newest entry leaves it, as the transaction sees it, for `draft`."""
        return await self._points.account(member_id, session)

    async def balance(self, member_id: str, session: Session) -> int:
        """The points that can be spent at this moment, as the transaction sees them."""
        account, _ = await self._settled(member_id, session, self._clock.now())
        return account.available

    def reading_account(self, member_id: str) -> Reading[PointAccount]:
        """The account as its newest entry leaves it; `current` is what is left of it at this moment."""
        return self._points.reading_account(member_id)

    def reading_spendings_named(
        self, source: Reading[object], field: str, prefix: str
    ) -> Reading[list[PointEntry]]:
        """What the member whom what the source finds names has spent under references that begin so."""
        return self._points.reading_spendings_named(source, field, prefix)

    def reading_account_named(self, source: Reading[object], field: str) -> Reading[PointAccount | None]:
        """The account of the member whom what the source finds names; None where there is no entry."""
        return self._points.reading_account_named(source, field)

    def current(self, account: PointAccount) -> PointAccount:
        """The account at this moment, as it follows from its newest entry; nothing is written."""
        now = self._clock.now()
        return expired(rules.at(account, now), now)[0]

    async def entries(self, member_id: str, request: PageRequest) -> Page[PointEntry]:
        return await self._points.page(member_id, request)

    async def earn(
        self,
        member_id: str,
        amount: int,
        source: PointSource,
        session: Session,
        expires_at: datetime | None = None,
        available_at: datetime | None = None,
    ) -> PointEntry:
        """Adds points; they expire when the retailer's rule says, or at `expires_at`.

        Until `available_at` they are pending: they are hers, and cannot be spent yet.
        Raises PointAmountInvalid, PointBalanceLimit, PointLotLimit, PointExpiryInvalid and
        PointReferenceUsed.
        """
        lot = self._lot(available_at or source.occurred_at, expires_at)
        return await self._append(
            member_id, lambda account: rules.earn(account, amount, lot, source, available_at), session
        )

    def earning(
        self, account: PointAccount, amount: int, source: PointSource, available_at: datetime | None = None
    ) -> tuple[PointEntry, list[PointEntry]]:
        """The entry that would add points to an account read just now, and all that `add` has to write then.

        Raises as `earn` does.
        """
        lot = self._lot(available_at or source.occurred_at, None)
        decide = partial(rules.earn, amount=amount, expires_at=lot, source=source, available_at=available_at)
        return next_entries(account, decide, self._clock.now())

    async def add(self, entries: Sequence[PointEntry], session: Session) -> None:
        """Writes entries; where an account has changed since they were decided, all runs again."""
        if entries:
            await self._points.append(entries, session)

    async def spend(self, member_id: str, amount: int, source: PointSource, session: Session) -> PointEntry:
        """Takes points, those that expire soonest first.

        Raises InsufficientPoints, PointAmountInvalid and PointReferenceUsed.
        """
        return await self._append(member_id, lambda account: rules.spend(account, amount, source), session)

    async def spend_many(
        self, spendings: Sequence[tuple[PointAccount, int, PointSource]], session: Session
    ) -> None:
        """Takes points of accounts that were read just now, as `spend` does, by one command.

        An account may come several times. Where it has changed since it was read, the transaction runs again.
        """
        now = self._clock.now()
        newest: dict[str, PointAccount] = {}
        entries: list[PointEntry] = []
        for account, amount, source in spendings:
            known = newest.get(account.member_id, account)
            known = known if known.seq > account.seq else account
            _, new = next_entries(known, partial(rules.spend, amount=amount, source=source), now)
            newest[account.member_id] = new[-1].account
            entries += new
        await self.add(entries, session)

    async def debit(self, member_id: str, amount: int, source: PointSource, session: Session) -> PointEntry:
        """Takes points that a till has taken already: pending ones too, and what is not there is owed.

        Raises PointAmountInvalid and PointReferenceUsed.
        """
        return await self._append(member_id, lambda account: rules.debit(account, amount, source), session)

    async def claw_back(
        self,
        member_id: str,
        amount: int,
        earned_at: datetime,
        available_at: datetime | None,
        source: PointSource,
        session: Session,
    ) -> PointEntry:
        """Takes back points that were earned then, from their own lot first; what is spent is owed.

        Raises PointReferenceUsed.
        """
        lot = self._lot(available_at or earned_at, None)
        return await self._append(
            member_id, lambda account: rules.claw_back(account, amount, lot, available_at, source), session
        )

    async def reverse(
        self, member_id: str, source: PointSource, session: Session, spent_by: str | None = None
    ) -> PointEntry:
        """Returns all points of one spending to their lots, once; those of expired lots expire at once.

        `source.reference` is the reference of the spending, so that no spending is returned twice. It may
        have been a guest who spent them and was merged into the member since.
        Raises PointSpendNotFound and PointReferenceUsed.
        """
        spent = await self.spending(spent_by or member_id, source.reference, session)
        return await self._append(member_id, lambda account: rules.reverse(account, spent, source), session)

    def draft(self, account: PointAccount) -> LedgerDraft:
        """For several changes of an account that was read just now."""
        return LedgerDraft(account, self._clock.now(), partial(self._lot, expires_at=None))

    async def spending(self, member_id: str, reference: str, session: Session) -> PointEntry:
        """What the member spent under this reference. Raises PointSpendNotFound."""
        spent = await self._points.entry(member_id, PointEntryKind.SPEND, reference, session)
        if spent is None:
            raise PointSpendNotFound
        return spent

    async def adjust(
        self,
        member_id: str,
        amount: int,
        source: PointSource,
        session: Session,
        expires_at: datetime | None = None,
    ) -> PointEntry:
        """Corrects an account by a positive or negative amount.

        Raises InsufficientPoints, PointAmountInvalid, PointBalanceLimit, PointLotLimit,
        PointExpiryInvalid and PointReferenceUsed.
        """
        lot = self._lot(source.occurred_at, expires_at)
        return await self._append(
            member_id, lambda account: rules.adjust(account, amount, lot, source), session
        )

    async def withdraw(self, member_id: str, amount: int, source: PointSource, session: Session) -> int:
        """Takes back points that were not earned after all, as far as they are there, and says how many.

        Raises PointReferenceUsed.
        """
        if min(amount, await self.balance(member_id, session)) <= 0:
            return 0
        entry = await self._append(
            member_id, lambda account: rules.withdraw(account, amount, source), session
        )
        return -entry.amount

    async def merge(self, guest_id: str, member_id: str, unearned: int, session: Session) -> tuple[int, int]:
        """Moves a guest's points to a member, each lot with its expiry, and closes the guest's account.

        `unearned` points are withdrawn before, as far as the guest still has them. A debt moves too. Returns
        how many were moved, below 0 for a debt, and how many withdrawn. Raises PointAccountClosed when this
        was done before.
        """
        now = self._clock.now()
        account, entries = await self._settled(guest_id, session, now)
        source = PointSource(f"merge:{member_id}", PointReason.VISIT_COUNTED_ALREADY, now)
        withdrawal = rules.withdraw(account, unearned, source)
        if withdrawal.amount:
            entries.append(rules.entry_for(account, withdrawal, new_id(), now))
            account = entries[-1].account
        given = rules.give_away(account, PointSource(f"merge:{member_id}", PointReason.MERGE, now))
        await self._points.append([*entries, rules.entry_for(account, given, new_id(), now)], session)
        if account.balance:
            source = PointSource(f"merge:{guest_id}", PointReason.MERGE, now)
            await self._append(member_id, lambda mine: rules.take_over(mine, given, source), session)
        return account.balance, -withdrawal.amount

    def _lot(self, earned_at: datetime, expires_at: datetime | None) -> datetime:
        if expires_at is None:
            return rules.expiry(earned_at, self._validity_months, self._time_zone)
        expires_at = whole_milliseconds(expires_at)
        if expires_at <= self._clock.now():
            raise PointExpiryInvalid
        return expires_at

    async def _append(
        self, member_id: str, decide: Callable[[PointAccount], PointChange], session: Session
    ) -> PointEntry:
        """Writes off what has expired, and then the change, as the next entries of the chain."""
        account = await self._points.account(member_id, session)
        entry, entries = next_entries(account, decide, self._clock.now())
        await self._points.append(entries, session)
        return entry

    async def _settled(
        self, member_id: str, session: Session, now: datetime
    ) -> tuple[PointAccount, list[PointEntry]]:
        """The account without what has expired, and the entries that are missing for that."""
        return settled(await self._points.account(member_id, session), now)
