"""The points ledger in MongoDB: entries are added and never changed."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from pymongo import DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from app.points.errors import PointReferenceUsed
from app.points.model import (
    PointAccount,
    PointEntry,
    PointEntryKind,
    PointLot,
    PointLotUse,
    PointReason,
    PointSource,
)
from app.shared.mongodb.chains import page_of_chain
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import (
    MOMENT,
    STRING,
    WHOLE_NUMBER,
    Schema,
    at_least,
    document,
    list_of,
    nullable,
    one_of,
)
from app.shared.mongodb.following import following
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest

_LOT: dict[str, Schema] = {"expires_at": MOMENT, "available_at": nullable(MOMENT)}

POINT_ENTRIES = CollectionDefinition(
    "point_entries",
    validator=document(
        _id=STRING,
        member_id=STRING,
        seq=at_least(1),
        kind=one_of(PointEntryKind),
        reference=STRING,
        amount=WHOLE_NUMBER,
        balance_after=WHOLE_NUMBER,
        lots_after=list_of(document(**_LOT, amount=at_least(1))),
        lot_uses=list_of(document(**_LOT, amount=WHOLE_NUMBER)),
        reason=one_of(PointReason),
        store_id=nullable(STRING),
        note=nullable(STRING),
        occurred_at=MOMENT,
        recorded_at=MOMENT,
    ),
    indexes=[
        IndexModel([("member_id", 1), ("seq", 1)], unique=True),
        IndexModel([("member_id", 1), ("kind", 1), ("reference", 1)], unique=True),
    ],
)


class PointRepository:
    """Reads and extends the ledger."""

    def __init__(self, database: Database) -> None:
        self._entries = database.collection(POINT_ENTRIES)

    async def account(self, member_id: str, session: Session = None) -> PointAccount:
        """The account as its newest entry leaves it."""
        newest = await self._entries.find_one(
            {"member_id": member_id}, sort=[("seq", DESCENDING)], session=session
        )
        return _account(member_id, newest)

    def reading_account(self, member_id: str) -> Reading[PointAccount]:
        """What `account` tells."""
        return Reading(
            POINT_ENTRIES,
            [{"$match": {"member_id": member_id}}, {"$sort": {"seq": DESCENDING}}, {"$limit": 1}],
            lambda found: _account(member_id, found[0] if found else None),
        )

    def reading_account_named(self, source: Reading[object], field: str) -> Reading[PointAccount | None]:
        """The account of the member whom what the source finds names; None where it has no entry."""
        newest = Reading(
            POINT_ENTRIES,
            [{"$sort": {"seq": DESCENDING}}, {"$limit": 1}],
            lambda found: entry_from(found[0]).account if found else None,
        )
        return following(source, field, newest, "member_id")

    def reading_spendings_named(
        self, source: Reading[object], field: str, prefix: str
    ) -> Reading[list[PointEntry]]:
        """What the member whom what the source finds names has spent under references that begin so."""
        references = {"$gte": prefix, "$lt": f"{prefix}\U0010ffff"}
        spent = Reading(
            POINT_ENTRIES,
            [{"$match": {"kind": PointEntryKind.SPEND.value, "reference": references}}],
            lambda found: [entry_from(each) for each in found],
        )
        return following(source, field, spent, "member_id")

    async def entry(
        self, member_id: str, kind: PointEntryKind, reference: str, session: Session
    ) -> PointEntry | None:
        found = await self._entries.find_one(
            {"member_id": member_id, "kind": kind.value, "reference": reference}, session=session
        )
        return entry_from(found) if found else None

    async def append(self, entries: Sequence[PointEntry], session: Session) -> None:
        """Adds the next entries of an account.

        Raises PointReferenceUsed; where somebody else added an entry first, the transaction runs again.
        """
        try:
            await self._entries.insert_many([document_of(entry) for entry in entries], session=session)
        except BulkWriteError as error:
            if not are_duplicates(error):
                raise
            failures: list[dict[str, Any]] = (error.details or {}).get("writeErrors", [])
            if any("reference" in failure.get("keyPattern", {}) for failure in failures):
                raise PointReferenceUsed from None
            raise ConcurrentChange from None

    async def add_many(self, entries: Sequence[PointEntry], session: Session) -> None:
        """Adds whole histories, where nobody else writes yet."""
        await self._entries.insert_many([document_of(entry) for entry in entries], session=session)

    async def page(self, member_id: str, request: PageRequest) -> Page[PointEntry]:
        """The entries, the newest first."""
        return await page_of_chain(self._entries, member_id, request, entry_from)

    async def all_entries(self) -> AsyncIterator[PointEntry]:
        """Every entry of every account, account by account, each from its first entry to its newest."""
        async for found in self._entries.stream({}, sort=[("member_id", 1), ("seq", 1)]):
            yield entry_from(found)


def _account(member_id: str, newest: Document | None) -> PointAccount:
    return entry_from(newest).account if newest else PointAccount(member_id)


def document_of(entry: PointEntry) -> Document:
    source = entry.source
    return {
        "_id": entry.id,
        "member_id": entry.member_id,
        "seq": entry.seq,
        "kind": entry.kind.value,
        "reference": source.reference,
        "amount": entry.amount,
        "balance_after": entry.balance_after,
        "lots_after": [_lot_document(lot) for lot in entry.lots_after],
        "lot_uses": [_lot_document(use) for use in entry.lot_uses],
        "reason": source.reason.value,
        "store_id": source.store_id,
        "note": source.note,
        "occurred_at": source.occurred_at,
        "recorded_at": entry.recorded_at,
    }


def _lot_document(lot: PointLot | PointLotUse) -> Document:
    return {"expires_at": lot.expires_at, "amount": lot.amount, "available_at": lot.available_at}


def entry_from(found: Document) -> PointEntry:
    return PointEntry(
        id=found["_id"],
        member_id=found["member_id"],
        seq=found["seq"],
        kind=PointEntryKind(found["kind"]),
        amount=found["amount"],
        balance_after=found["balance_after"],
        lots_after=tuple(PointLot(**each) for each in found["lots_after"]),
        lot_uses=tuple(PointLotUse(**each) for each in found["lot_uses"]),
        source=PointSource(
            reference=found["reference"],
            reason=PointReason(found["reason"]),
            occurred_at=found["occurred_at"],
            store_id=found["store_id"],
            note=found["note"],
        ),
        recorded_at=found["recorded_at"],
    )
