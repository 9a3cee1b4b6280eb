"""Check-ins in MongoDB, the accepted and the refused ones.

A check-in is written once for a request, from which its id follows: it keeps the request's input, to know it
again, and carries the events of its transaction. So it takes one command where the request's answer and the
events would take one each. A refused one has no place in the member's chain and is no store's visit of the
day: its own id stands in both, so that the same unique indexes hold for all.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app.check_ins.documents import ACCEPTED, REFUSED, check_in_from, document_of, evidence_of, visit_from
from app.check_ins.model import CheckIn, CheckInRequest
from app.coupons.facts import Visit
from app.shared.errors import Refusal
from app.shared.events import CARRIED_INDEX, Event, carrying
from app.shared.idempotency import IdempotentRequest
from app.shared.mongodb.chains import page_of_chain
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import IS_MOMENT
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest

REFUSALS_KEPT_FOR = timedelta(days=90)
ID_DIGITS = 32  # hexadecimal ones, as many as other ids have

IS_ACCEPTED: Document = {"seq": {"$gte": 1}}  # what is no number is not compared with one
IS_REFUSED: Document = {"refused_at": IS_MOMENT}

CHECK_INS = CollectionDefinition(
    "check_ins",
    validator={"anyOf": [ACCEPTED, REFUSED]},
    indexes=[
        # A member's check-ins are a chain, so each one is decided with all earlier ones in sight.
        IndexModel([("member_id", 1), ("seq", 1)], unique=True),
        IndexModel([("member_id", 1), ("store_id", 1), ("store_day", 1)], unique=True),
        IndexModel([("checked_in_at", 1), ("member_id", 1)]),
        IndexModel([("member_id", 1), ("refused_at", -1)], partialFilterExpression=IS_REFUSED),
        IndexModel(
            [("refused_at", 1)],
            expireAfterSeconds=int(REFUSALS_KEPT_FOR.total_seconds()),
            partialFilterExpression=IS_REFUSED,
        ),
        CARRIED_INDEX,
    ],
)


class CheckInRepository:
    """Reads and writes check-ins."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._check_ins = database.collection(CHECK_INS)

    async def get(self, check_in_id: str) -> CheckIn | None:
        found = await self._check_ins.find_one({"_id": check_in_id, **IS_ACCEPTED})
        return check_in_from(found) if found else None

    def reading_answer(self, wanted: IdempotentRequest) -> Reading[CheckIn | Refusal | None]:
        """What became of the request, if it was made before; what it means raises IdempotencyKeyReused."""
        return Reading(
            CHECK_INS,
            [{"$match": _made_by(wanted)}],
            lambda found: _answer_from(wanted, found[0]) if found else None,
        )

    def reading_recent(self, member_id: str, limit: int) -> Reading[list[CheckIn]]:
        """The member's newest check-ins, the newest first."""
        return Reading(
            CHECK_INS,
            [
                {"$match": {"member_id": member_id, **IS_ACCEPTED}},
                {"$sort": {"seq": DESCENDING}},
                {"$limit": limit},
            ],
            lambda found: [check_in_from(each) for each in found],
        )

    def reading_stores_visited(self, member_id: str, since: datetime) -> Reading[frozenset[str]]:
        """The stores where she has checked in since about then, by the stores' own days."""
        first_day = (since - timedelta(days=1)).date().isoformat()
        return Reading(
            CHECK_INS,
            [
                {"$match": {"member_id": member_id, "store_day": {"$gte": first_day}, **IS_ACCEPTED}},
                {"$group": {"_id": "$store_id"}},
            ],
            lambda found: frozenset(each["_id"] for each in found),
        )

    async def visitors(
        self, member_ids: Sequence[str], store_ids: Sequence[str], since: datetime
    ) -> dict[str, frozenset[str]]:
        """Those of these members who were at some of these stores since about then, and at which."""
        first_day = (since - timedelta(days=1)).date().isoformat()
        query = {
            "member_id": {"$in": list(member_ids)},
            "store_id": {"$in": list(store_ids)},
            "store_day": {"$gte": first_day},
            **IS_ACCEPTED,
        }
        found = await self._check_ins.aggregate(
            [{"$match": query}, {"$group": {"_id": "$member_id", "stores": {"$addToSet": "$store_id"}}}]
        )
        return {each["_id"]: frozenset(each["stores"]) for each in found}

    async def add_many(self, check_ins: Sequence[CheckIn], session: Session) -> None:
        """Adds whole histories, of which nothing is told."""
        await self._check_ins.insert_many([document_of(each) for each in check_ins], session=session)

    async def accept(
        self, accepted: Sequence[tuple[IdempotentRequest, CheckIn, Sequence[Event]]], session: Session
    ) -> None:
        """Adds the next check-ins of members, each as its request's answer, with the events that it carries.

        Where another was first, or the request has its answer already, the transaction runs again.
        """
        new = [
            {**document_of(check_in), "input_hash": wanted.input_hash, **carrying(events)}
            for wanted, check_in, events in accepted
        ]
        try:
            await self._check_ins.insert_many(new, session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None

    async def refuse(
        self, wanted: IdempotentRequest, request: CheckInRequest, refusal: Refusal, refused_at: datetime
    ) -> CheckIn | Refusal:
        """The request's answer: this refusal with its evidence from now on, if it has none yet."""
        id = check_in_id_of(wanted)
        refused = {
            "_id": id,
            "member_id": wanted.caller,
            "seq": id,
            "store_id": request.store_id,
            "store_day": id,
            "refused_at": refused_at,
            "refusal": refusal.to_document(),
            "position": evidence_of(request.position),
            "input_hash": wanted.input_hash,
        }
        try:
            await self._check_ins.insert_one(refused)
        except DuplicateKeyError:
            # What has the key may be too new to be seen outside of a transaction.
            return await self._database.transaction(partial(self._first_answer, wanted))
        return refusal

    async def _first_answer(self, wanted: IdempotentRequest, session: Session) -> CheckIn | Refusal:
        found = await self._check_ins.find_one(_made_by(wanted), session=session)
        if found is None:
            raise ConcurrentChange
        return _answer_from(wanted, found)

    async def all_of(self, member_ids: Sequence[str], session: Session) -> list[CheckIn]:
        """All of the members' check-ins, the oldest of each first: for what weighs their whole story."""
        query = {"member_id": {"$in": list(member_ids)}, **IS_ACCEPTED}
        found = await self._check_ins.find(query, sort=[("seq", ASCENDING)], session=session)
        return [check_in_from(each) for each in found]

    async def rewrite(self, check_ins: Sequence[CheckIn], session: Session) -> None:
        """Gives these check-ins the members and numbers that they have here, and keeps all else of them."""
        query = {"_id": {"$in": [each.id for each in check_ins]}}
        kept = {each["_id"]: each for each in await self._check_ins.find(query, session=session)}
        await self._check_ins.delete_many(query, session=session)
        await self._check_ins.insert_many(
            [{**kept[each.id], "member_id": each.member_id, "seq": each.seq} for each in check_ins],
            session=session,
        )

    def reading_visits(self, member_ids: Sequence[str], since: datetime) -> Reading[dict[str, list[Visit]]]:
        """When and where each of these members checked in since then."""
        visit = {"at": "$checked_in_at", "coordinates": "$position.location.coordinates"}
        return Reading(
            CHECK_INS,
            [
                {"$match": {"member_id": {"$in": list(member_ids)}, "checked_in_at": {"$gte": since}}},
                {"$group": {"_id": "$member_id", "visits": {"$push": visit}}},
            ],
            lambda found: {each["_id"]: [visit_from(visit) for visit in each["visits"]] for each in found},
        )

    async def visitors_between(self, begins: datetime, ends: datetime) -> list[str]:
        """Who checked in from then until just before."""
        found = await self._check_ins.aggregate(
            [
                {"$match": {"checked_in_at": {"$gte": begins, "$lt": ends}}},
                {"$group": {"_id": "$member_id"}},
            ]
        )
        return [each["_id"] for each in found]

    async def page(self, member_id: str, request: PageRequest) -> Page[CheckIn]:
        """The member's check-ins, the newest first."""
        return await page_of_chain(self._check_ins, member_id, request, check_in_from)


def check_in_id_of(wanted: IdempotentRequest) -> str:
    """The id of the check-in that the request makes."""
    return wanted.id[:ID_DIGITS]


def _made_by(wanted: IdempotentRequest) -> Document:
    return {"_id": check_in_id_of(wanted), "member_id": wanted.caller}


def _answer_from(wanted: IdempotentRequest, found: Document) -> CheckIn | Refusal:
    wanted.require_same(found["input_hash"])
    return Refusal.from_document(found["refusal"]) if "refusal" in found else check_in_from(found)
