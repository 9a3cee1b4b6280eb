"""Checks the whole ledger, account by account."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.points.model import PointEntry
from app.points.repository import PointRepository
from app.points.rules import faults
from app.shared.mongodb.database import Database


@dataclass(frozen=True, slots=True)
class AuditedAccount:
    """An account, how many entries it has, and what is wrong with it, if anything."""

    member_id: str
    entries: int
    faults: tuple[str, ...]


async def audit(database: Database) -> AsyncIterator[AuditedAccount]:
    """Every account of the database. Reads all entries once, one account at a time."""
    entries: list[PointEntry] = []
    async for entry in PointRepository(database).all_entries():
        if entries and entries[0].member_id != entry.member_id:
            yield _audited(entries)
            entries = []
        entries.append(entry)
    if entries:
        yield _audited(entries)


def _audited(entries: list[PointEntry]) -> AuditedAccount:
    return AuditedAccount(entries[0].member_id, len(entries), tuple(faults(entries)))
