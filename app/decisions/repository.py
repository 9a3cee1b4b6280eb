"""Decisions in MongoDB, and what each member was given lately."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo import IndexModel, UpdateOne
from pymongo.errors import BulkWriteError

from app.decisions.model import Decision, GivenLately, Outcome, Receipt, Score, Verdict
from app.decisions.rules import TIRED_FOR
from app.offers.model import OfferMoment
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import (
    BOOLEAN,
    MOMENT,
    NUMBER,
    STRING,
    at_least,
    document,
    list_of,
    nullable,
    one_of,
)
from app.shared.mongodb.reading import Reading

KEPT_FOR = timedelta(days=180)

OFFER_DECISIONS = CollectionDefinition(
    "offer_decisions",
    validator=document(
        _id=STRING,  # the moment's source: each moment is decided once
        moment=one_of(OfferMoment),
        member_id=nullable(STRING),
        store_id=nullable(STRING),
        decided_at=MOMENT,
        fatigue=at_least(0),
        verdicts=list_of(
            document(
                offer_id=STRING,
                outcome=one_of(Outcome),
                variant=nullable(STRING),
                score=nullable(document(fit=NUMBER, value=NUMBER, total=NUMBER)),
            )
        ),
    ),
    indexes=[
        IndexModel([("member_id", 1), ("decided_at", -1)]),
        IndexModel([("verdicts.offer_id", 1), ("decided_at", 1)]),
        IndexModel([("decided_at", 1)], expireAfterSeconds=int(KEPT_FOR.total_seconds())),
    ],
)
# What a member was given lately, by which she is spared more: one document, so that of two moments at the
# same time, the other one is decided anew.
OFFER_RECEIPTS = CollectionDefinition(
    "offer_receipts",
    validator=document(
        _id=STRING,  # the member
        version=at_least(1),
        receipts=list_of(document(offer_id=STRING, at=MOMENT, is_held_out=BOOLEAN)),
        kept_until=MOMENT,
    ),
    indexes=[IndexModel([("kept_until", 1)], expireAfterSeconds=0)],
)


class DecisionRepository:
    """Reads and writes decisions and receipts."""

    def __init__(self, database: Database) -> None:
        self._decisions = database.collection(OFFER_DECISIONS)
        self._receipts = database.collection(OFFER_RECEIPTS)

    async def get(self, source: str) -> Decision | None:
        found = await self._decisions.find_one({"_id": source})
        return _decision_from(found) if found else None

    def reading(self, source: str) -> Reading[Decision | None]:
        """The decision about this moment, if there is one."""
        return Reading(
            OFFER_DECISIONS,
            [{"$match": {"_id": source}}],
            lambda found: _decision_from(found[0]) if found else None,
        )

    async def add_many(self, decisions: Sequence[Decision], session: Session) -> None:
        """Adds decisions; where a moment was decided meanwhile, the transaction runs again."""
        try:
            await self._decisions.insert_many([_document_of(each) for each in decisions], session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None

    def reading_given_lately(self, member_id: str) -> Reading[GivenLately]:
        return Reading(
            OFFER_RECEIPTS,
            [{"$match": {"_id": member_id}}],
            lambda found: _given_lately_from(member_id, found[0] if found else None),
        )

    async def given_lately(self, member_id: str, session: Session) -> GivenLately:
        found = await self._receipts.find_one({"_id": member_id}, session=session)
        return _given_lately_from(member_id, found)

    async def replace_given_lately(
        self, changes: Sequence[GivenLately], now: datetime, session: Session
    ) -> None:
        """Writes what members were given after these versions; where others were first, all runs again."""
        writes = [_replacing(each, now) for each in changes]
        try:
            written = await self._receipts.upsert_many(writes, session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None
        if written != len(writes):
            raise ConcurrentChange

    async def remove_receipts(self, member_id: str, session: Session) -> None:
        await self._receipts.delete_many({"_id": member_id}, session=session)

    async def unname(self, member_id: str, session: Session) -> None:
        """Takes the member's name, and how they came about, out of her decisions."""
        found = await self._decisions.find({"member_id": member_id}, session=session)
        writes = [UpdateOne({"_id": each["_id"]}, _unnaming(each)) for each in found]
        await self._decisions.write_many(writes, session=session)


def _given_lately_from(member_id: str, found: Document | None) -> GivenLately:
    if found is None:
        return GivenLately(member_id, 0, ())
    return GivenLately(member_id, found["version"], tuple(Receipt(**each) for each in found["receipts"]))


def _replacing(change: GivenLately, now: datetime) -> UpdateOne:
    fields = {
        "version": change.version + 1,
        "receipts": [
            {"offer_id": each.offer_id, "at": each.at, "is_held_out": each.is_held_out}
            for each in change.receipts
        ],
        "kept_until": now + TIRED_FOR,
    }
    query = {"_id": change.member_id, "version": change.version or None}
    return UpdateOne(query, {"$set": fields}, upsert=not change.version)


def _unnaming(found: Document) -> Document:
    bare = [{**each, "score": None} for each in found["verdicts"]]
    return {"$set": {"member_id": None, "fatigue": 0, "verdicts": bare}}


def _document_of(decision: Decision) -> Document:
    return {
        "_id": decision.id,
        "moment": decision.moment.value,
        "member_id": decision.member_id,
        "store_id": decision.store_id,
        "decided_at": decision.decided_at,
        "fatigue": decision.fatigue,
        "verdicts": [
            {
                "offer_id": each.offer_id,
                "outcome": each.outcome.value,
                "variant": each.variant,
                "score": {"fit": each.score.fit, "value": each.score.value, "total": each.score.total}
                if each.score
                else None,
            }
            for each in decision.verdicts
        ],
    }


def _decision_from(found: Document) -> Decision:
    return Decision(
        id=found["_id"],
        moment=OfferMoment(found["moment"]),
        member_id=found["member_id"],
        store_id=found["store_id"],
        decided_at=found["decided_at"],
        fatigue=found["fatigue"],
        verdicts=tuple(
            Verdict(
                each["offer_id"],
                Outcome(each["outcome"]),
                each["variant"],
                Score(**each["score"]) if each["score"] else None,
            )
            for each in found["verdicts"]
        ),
    )
