"""Consents in MongoDB: a chain of decisions for each member, of which none is ever changed."""

from collections.abc import Sequence
from typing import Any

from pymongo import DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from app.consents.model import ConsentDecision, ConsentEntry, ConsentKind
from app.shared.channels import Channel
from app.shared.mongodb.chains import page_of_chain
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import BOOLEAN, MOMENT, STRING, at_least, document, list_of, one_of
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest

_DECISION = document(
    kind=one_of(ConsentKind),
    is_given=BOOLEAN,
    text_version=STRING,
    channel=one_of(Channel),
    decided_at=MOMENT,
)

CONSENT_ENTRIES = CollectionDefinition(
    "consent_entries",
    validator=document(
        _id=STRING, member_id=STRING, seq=at_least(1), decision=_DECISION, standing=list_of(_DECISION)
    ),
    # A chain: each decision is made with the one before it in sight; the newest tells how all kinds stand.
    indexes=[IndexModel([("member_id", 1), ("seq", -1)], unique=True)],
)


class ConsentRepository:
    """Reads and extends the record of consents."""

    def __init__(self, database: Database) -> None:
        self._entries = database.collection(CONSENT_ENTRIES)

    async def newest(self, member_id: str, session: Session = None) -> ConsentEntry | None:
        found = await self._entries.find_one(
            {"member_id": member_id}, sort=[("seq", DESCENDING)], session=session
        )
        return _entry_from(found) if found else None

    def reading_newest(self, member_id: str) -> Reading[ConsentEntry | None]:
        """What `newest` finds."""
        return Reading(
            CONSENT_ENTRIES,
            [{"$match": {"member_id": member_id}}, {"$sort": {"seq": DESCENDING}}, {"$limit": 1}],
            lambda found: _entry_from(found[0]) if found else None,
        )

    async def newest_of(self, member_ids: Sequence[str]) -> list[ConsentEntry]:
        """The newest entry of each of these members who has decided anything."""
        found = await self._entries.aggregate(
            [
                {"$match": {"member_id": {"$in": list(member_ids)}}},
                {"$sort": {"member_id": 1, "seq": -1}},
                {"$group": {"_id": "$member_id", "newest": {"$first": "$$ROOT"}}},
                {"$replaceWith": "$newest"},
            ]
        )
        return [_entry_from(each) for each in found]

    async def append(self, entries: Sequence[ConsentEntry], session: Session) -> None:
        """Adds the next entries; where she decided something else first, the transaction runs again."""
        try:
            await self._entries.insert_many([_document_of(each) for each in entries], session=session)
        except BulkWriteError as error:
            if are_duplicates(error):
                raise ConcurrentChange from None
            raise

    async def page(self, member_id: str, request: PageRequest) -> Page[ConsentEntry]:
        """The member's decisions, the newest first."""
        return await page_of_chain(self._entries, member_id, request, _entry_from)


def _document_of(entry: ConsentEntry) -> Document:
    return {
        "_id": entry.id,
        "member_id": entry.member_id,
        "seq": entry.seq,
        "decision": _document_of_decision(entry.decision),
        "standing": [_document_of_decision(each) for each in entry.standing],
    }


def _document_of_decision(decision: ConsentDecision) -> Document:
    return {
        "kind": decision.kind.value,
        "is_given": decision.is_given,
        "text_version": decision.text_version,
        "channel": decision.channel.value,
        "decided_at": decision.decided_at,
    }


def _entry_from(found: Document) -> ConsentEntry:
    return ConsentEntry(
        id=found["_id"],
        member_id=found["member_id"],
        seq=found["seq"],
        decision=_decision_from(found["decision"]),
        standing=tuple(_decision_from(each) for each in found["standing"]),
    )


def _decision_from(found: dict[str, Any]) -> ConsentDecision:
    return ConsentDecision(
        ConsentKind(found["kind"]),
        found["is_given"],
        found["text_version"],
        Channel(found["channel"]),
        found["decided_at"],
    )
