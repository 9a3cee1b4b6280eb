"""What partners can do with purchases: report batches of receipts and returns, each taken for itself."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from app.auth.actor import PartnerActor
from app.purchases import rules
from app.purchases.errors import ReceiptConflicting
from app.purchases.model import Purchase, PurchaseReturn, Receipt, ReceiptConflict, ReturnReceipt
from app.purchases.recording import PurchaseRecording, require_same, require_same_return
from app.purchases.reporting import ReceiptReports
from app.purchases.repository import PurchaseRepository
from app.purchases.return_repository import ConflictRepository, ReturnRepository
from app.shared.batches import require_batch
from app.shared.clock import Clock, whole_milliseconds
from app.shared.errors import Refusal
from app.shared.events import Event, EventLog
from app.shared.mongodb.database import Database, Session
from app.shared.paging import Page, PageRequest

GROUPS_AT_ONCE = 4  # of one batch: others want their turn too

Reported = TypeVar("Reported", Receipt, ReturnReceipt)


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """What became of a receipt: its purchase, which may have been on record already, or why not."""

    purchase: Purchase | None = None
    is_new: bool = False
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """What became of a return: it may have been on record already; or why not."""

    recorded: PurchaseReturn | None = None
    is_new: bool = False
    refusal: Refusal | None = None


class PurchaseService:
    """The use cases of partners who report purchases."""

    def __init__(
        self,
        database: Database,
        reports: ReceiptReports,
        recording: PurchaseRecording,
        events: EventLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._purchases = PurchaseRepository(database)
        self._returns = ReturnRepository(database)
        self._conflicts = ConflictRepository(database)
        self._reports = reports
        self._recording = recording
        self._events = events
        self._clock = clock

    async def record(self, actor: PartnerActor, rows: Sequence[Receipt | Refusal]) -> list[PurchaseRow]:
        """Records receipts, each once and for all by its name: one that is wrong is refused, the rest go in.

        Each has a transaction of its own, so a batch that broke off is sent again. Receipts may come late
        and in any order: points and miles come out the same. Raises BatchSizeInvalid.
        """
        require_batch(rows, "purchases", rules.MAXIMUM_RECEIPTS)
        sound, refusals = await self._sorted_out(actor, rows, rules.require_sound)
        known = await self._purchases.by_names({receipt.name for receipt in sound.values()})
        done: dict[int, PurchaseRow] = {number: PurchaseRow(refusal=refusals[number]) for number in refusals}
        new = {number: receipt for number, receipt in sound.items() if receipt.name not in known}
        surroundings = await self._reports.surroundings(list(new.values())) if new else None
        reporter = reporter_of(actor)

        async def take(number: int) -> None:
            receipt = sound[number]
            try:
                if receipt.name in known:
                    done[number] = PurchaseRow(require_same(known[receipt.name], receipt))
                elif surroundings is not None:
                    zone = self._reports.zone_of(surroundings, receipt.name)
                    recorded = await self._recording.record(receipt, reporter, zone, surroundings)
                    done[number] = PurchaseRow(recorded.purchase, recorded.is_new)
            except Refusal as refusal:
                await self._note(receipt, reporter, refusal)
                done[number] = PurchaseRow(refusal=refusal)

        await _in_groups(sound, lambda receipt: receipt.member_number or receipt.verification_id, take)
        return [done[number] for number in range(len(rows))]

    async def record_returns(
        self, actor: PartnerActor, rows: Sequence[ReturnReceipt | Refusal]
    ) -> list[ReturnRow]:
        """Records returns, each once and for all by its name, as receipts are.

        A return that comes before its purchase is refused with PURCHASE_NOT_FOUND, and taken when it is sent
        again after it. Raises BatchSizeInvalid.
        """
        require_batch(rows, "returns", rules.MAXIMUM_RECEIPTS)
        sound, refusals = await self._sorted_out(actor, rows, rules.require_sound_return)
        known = await self._returns.by_names({receipt.name for receipt in sound.values()})
        done: dict[int, ReturnRow] = {number: ReturnRow(refusal=refusals[number]) for number in refusals}
        reporter = reporter_of(actor)

        async def take(number: int) -> None:
            receipt = sound[number]
            try:
                if receipt.name in known:
                    done[number] = ReturnRow(require_same_return(known[receipt.name], receipt))
                else:
                    result = await self._recording.record_return(receipt, reporter)
                    done[number] = ReturnRow(result.recorded, result.is_new)
            except Refusal as refusal:
                await self._note(receipt, reporter, refusal)
                done[number] = ReturnRow(refusal=refusal)

        await _in_groups(sound, lambda receipt: receipt.purchase, take)
        return [done[number] for number in range(len(rows))]

    async def conflicts(self, request: PageRequest) -> Page[ReceiptConflict]:
        """The receipts that were refused for their names, the newest first."""
        return await self._conflicts.page(request)

    async def _sorted_out(
        self,
        actor: PartnerActor,
        rows: Sequence[Reported | Refusal],
        require_sound: Callable[[Reported, datetime], None],
    ) -> tuple[dict[int, Reported], dict[int, Refusal]]:
        """The rows that may be recorded, and why the others cannot, by their numbers."""
        now = self._clock.now()
        refusals = {number: row for number, row in enumerate(rows) if isinstance(row, Refusal)}
        sound: dict[int, Reported] = {}
        for number, row in enumerate(rows):
            if isinstance(row, Refusal):
                continue
            try:
                require_sound(row, now)
                sound[number] = replace(row, occurred_at=whole_milliseconds(row.occurred_at))
            except Refusal as refusal:
                refusals[number] = refusal
        barred = await self._reports.barred(actor, {row.name for row in sound.values()})
        for number in [number for number, row in sound.items() if row.name in barred]:
            refusals[number] = barred[sound.pop(number).name]
        return sound, refusals

    async def _note(self, receipt: Receipt | ReturnReceipt, reporter: str, refusal: Refusal) -> None:
        """Notes for headquarters that a name came with other content."""
        if not isinstance(refusal, ReceiptConflicting):
            return
        recorded_id, purchase_id = await self._recorded(receipt)
        digest = rules.content_hash({"recorded": recorded_id, **receipt.content()})
        now = self._clock.now()
        total = receipt.total if isinstance(receipt, Receipt) else None
        conflict = ReceiptConflict(
            digest, receipt.name, recorded_id, total, receipt.occurred_at, reporter, now, now, 1
        )
        name = receipt.name
        data = {
            "purchase_id": purchase_id,
            "store_id": name.store_id,
            "channel": name.channel.value,
            "terminal": name.terminal,
            "receipt_number": name.receipt_number,
        }

        async def act(session: Session) -> None:
            if await self._conflicts.note(conflict, session):
                event = Event("ReceiptConflictFound", f"purchase:{purchase_id}", now, data)
                await self._events.append(event, session)

        await self._database.transaction(act)

    async def _recorded(self, receipt: Receipt | ReturnReceipt) -> tuple[str, str]:
        """The id of what has the receipt's name, and of the purchase that this is about."""
        if isinstance(receipt, Receipt):
            purchase = await self._purchases.by_name(receipt.name, None)
            if purchase is not None:
                return purchase.id, purchase.id
        else:
            returned = await self._returns.by_name(receipt.name)
            if returned is not None:
                return returned.id, returned.purchase_id
        raise LookupError("what a receipt conflicts with is gone")


def reporter_of(actor: PartnerActor) -> str:
    return f"partner:{actor.partner_id}"


async def _in_groups(
    rows: dict[int, Reported],
    group_of: Callable[[Reported], Hashable | None],
    take: Callable[[int], Awaitable[None]],
) -> None:
    """Takes what concerns one member one after the other by its time, and a few members at once.

    Raises the first error there is; what was under way then is undone, and what was taken stays.
    """
    groups: dict[Hashable, list[int]] = {}
    for number in sorted(rows, key=lambda number: (rows[number].occurred_at, number)):
        groups.setdefault(group_of(rows[number]) or number, []).append(number)
    turns = asyncio.Semaphore(GROUPS_AT_ONCE)

    async def take_all(numbers: list[int]) -> None:
        async with turns:
            for number in numbers:
                await take(number)

    try:
        async with asyncio.TaskGroup() as tasks:
            for numbers in groups.values():
                tasks.create_task(take_all(numbers))
    except ExceptionGroup as broken:
        raise broken.exceptions[0] from None
