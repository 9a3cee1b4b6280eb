"""Coupons and unique codes in MongoDB."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from app.coupons.documents import COUPON_SCHEMA, coupon_document, coupon_from
from app.coupons.model import Coupon, CouponState
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import MOMENT, STRING, changed_fields, document, nullable
from app.shared.mongodb.reading import Reading
from app.shared.paging import Page, PageRequest, page_of

MAXIMUM_USABLE = 100  # coupons of a wallet that are looked through for an order

COUPONS = CollectionDefinition(
    "coupons",
    validator=COUPON_SCHEMA,
    indexes=[
        IndexModel([("member_id", 1), ("_id", -1)]),
        IndexModel([("member_id", 1), ("expires_at", 1)]),
        IndexModel([("member_id", 1), ("source", 1)]),
        # What a coupon was given for gives it once.
        IndexModel([("offer_id", 1), ("member_id", 1), ("source", 1)], unique=True),
        IndexModel([("code", 1)], unique=True),
    ],
)
COUPON_CODES = CollectionDefinition(
    "coupon_codes",
    validator=document(
        _id=STRING, offer_id=STRING, batch=STRING, created_at=MOMENT, claimed_by=nullable(STRING)
    ),
    indexes=[IndexModel([("batch", 1), ("_id", 1)])],
)


class CouponRepository:
    """Reads and writes coupons."""

    def __init__(self, database: Database) -> None:
        self._coupons = database.collection(COUPONS)

    async def get(self, coupon_id: str, session: Session = None) -> Coupon | None:
        found = await self._coupons.find_one({"_id": coupon_id}, session=session)
        return coupon_from(found) if found else None

    async def get_many(self, coupon_ids: Sequence[str], session: Session = None) -> dict[str, Coupon]:
        found = await self._coupons.find({"_id": {"$in": sorted(set(coupon_ids))}}, session=session)
        return {each["_id"]: coupon_from(each) for each in found}

    def reading_many(self, coupon_ids: Iterable[str]) -> Reading[dict[str, Coupon]]:
        """What `get_many` finds."""
        return Reading(
            COUPONS,
            [{"$match": {"_id": {"$in": sorted(set(coupon_ids))}}}],
            lambda found: {each["_id"]: coupon_from(each) for each in found},
        )

    def reading_by_codes(self, codes: Iterable[str]) -> Reading[dict[str, Coupon]]:
        """The coupons that have these codes, by them."""
        return Reading(
            COUPONS,
            [{"$match": {"code": {"$in": sorted(set(codes))}}}],
            lambda found: {each["code"]: coupon_from(each) for each in found},
        )

    def reading_given_for(self, member_id: str, source: str) -> Reading[list[Coupon]]:
        """What the member was given for one thing."""
        given = {"member_id": member_id, "source": source}
        return Reading(
            COUPONS,
            [{"$match": given}, {"$sort": {"_id": ASCENDING}}, {"$limit": MAXIMUM_USABLE}],
            lambda found: [coupon_from(each) for each in found],
        )

    def reading_of_offer(
        self, offer_id: str, member_ids: AbstractSet[str], sources: AbstractSet[str]
    ) -> Reading[dict[tuple[str, str], Coupon]]:
        """The members' coupons of an offer that were given for these sources, by member and source."""
        query = {
            "offer_id": offer_id,
            "member_id": {"$in": sorted(member_ids)},
            "source": {"$in": sorted(sources)},
        }
        return Reading(
            COUPONS,
            [{"$match": query}],
            lambda found: {(each["member_id"], each["source"]): coupon_from(each) for each in found},
        )

    async def number_of_offer(self, offer_id: str) -> int:
        """How many coupons of the offer there are."""
        return await self._coupons.count({"offer_id": offer_id})

    def reading_counts_of(
        self, offer_id: str, member_ids: AbstractSet[str], since: datetime
    ) -> Reading[dict[str, tuple[int, int]]]:
        """How many coupons of the offer each member was ever given, and how many since that moment."""
        return Reading(
            COUPONS,
            [
                {"$match": {"offer_id": offer_id, "member_id": {"$in": sorted(member_ids)}}},
                {"$group": {"_id": "$member_id", **_counts(since)}},
            ],
            lambda found: {each["_id"]: (each["ever"], each["since"]) for each in found},
        )

    def reading_counts(
        self, member_id: str, offer_ids: Sequence[str], since: datetime
    ) -> Reading[dict[str, tuple[int, int]]]:
        """How many coupons of each offer the member was ever given, and how many since that moment."""
        return Reading(
            COUPONS,
            [
                {"$match": {"offer_id": {"$in": sorted(offer_ids)}, "member_id": member_id}},
                {"$group": {"_id": "$offer_id", **_counts(since)}},
            ],
            lambda found: {each["_id"]: (each["ever"], each["since"]) for each in found},
        )

    async def add_many(self, coupons: Sequence[Coupon], session: Session) -> None:
        """Adds coupons; where one was given for the same meanwhile, the transaction runs again."""
        try:
            await self._coupons.insert_many([coupon_document(each) for each in coupons], session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None

    async def replace_many(self, changes: Mapping[str, tuple[Coupon, Coupon]], session: Session) -> None:
        """Writes what changes of each coupon; where one is not as it was before, all runs again."""
        writes: list[InsertOne[Document] | UpdateOne] = []
        for coupon_id, (before, after) in sorted(changes.items()):
            query = {
                "_id": coupon_id,
                "member_id": before.member_id,
                "state": before.state.value,
                "redemption_id": before.redemption_id,
            }
            fields = changed_fields(coupon_document(before), coupon_document(after))
            writes.append(UpdateOne(query, {"$set": fields}))
        if await self._coupons.write_many(writes, session=session) != len(writes):
            raise ConcurrentChange

    async def usable(self, member_id: str, now: datetime) -> list[Coupon]:
        """The member's coupons that have not expired, those that expire soonest first, at most 100."""
        found = await self._coupons.find(
            {"member_id": member_id, "expires_at": {"$gt": now}},
            sort=[("expires_at", 1)],
            limit=MAXIMUM_USABLE,
        )
        coupons = [coupon_from(each) for each in found]
        return [coupon for coupon in coupons if coupon.state_at(now) is CouponState.ISSUED]

    def reading_page(
        self, member_id: str, states: AbstractSet[CouponState], now: datetime, request: PageRequest
    ) -> Reading[Page[Coupon]]:
        """The member's coupons in these states at this moment, or all, the newest first."""
        query: Document = {"member_id": member_id}
        if states:
            query["$or"] = [_STATES[state](now) for state in sorted(states)]
        position = request.position(str)
        if position is not None:
            query["_id"] = {"$lt": position[0]}
        return Reading(
            COUPONS,
            [{"$match": query}, {"$sort": {"_id": DESCENDING}}, {"$limit": request.first + 1}],
            lambda found: page_of([(coupon_from(each), (each["_id"],)) for each in found], request),
        )

    async def mark_seen(self, coupon_ids: Iterable[str], now: datetime) -> None:
        """Marks those of these coupons as seen that were not before."""
        await self._coupons.write_many(
            [
                UpdateOne({"_id": each, "seen_at": None}, {"$set": {"seen_at": now}})
                for each in sorted(coupon_ids)
            ]
        )

    async def of_member(
        self, member_id: str, session: Session, offer_ids: AbstractSet[str] | None = None
    ) -> list[Coupon]:
        """All coupons that a member was ever given, perhaps just those of some offers."""
        query: Document = {"member_id": member_id}
        if offer_ids is not None:
            query["offer_id"] = {"$in": sorted(offer_ids)}
        return [coupon_from(each) for each in await self._coupons.find(query, session=session)]


class CodeRepository:
    """Reads and writes unique codes."""

    def __init__(self, database: Database) -> None:
        self._codes = database.collection(COUPON_CODES)

    async def offer_of(self, code: str) -> str | None:
        """The id of the offer that the code is for, used up or not."""
        found = await self._codes.find_one({"_id": code})
        return str(found["offer_id"]) if found else None

    def reading_owners(self, codes: AbstractSet[str]) -> Reading[dict[str, str | None]]:
        """Who has used each of these codes up; None where nobody has."""
        return Reading(
            COUPON_CODES,
            [{"$match": {"_id": {"$in": sorted(codes)}}}],
            lambda found: {each["_id"]: each["claimed_by"] for each in found},
        )

    async def use_up(self, members: Mapping[str, str], session: Session) -> None:
        """Gives each code to its member; where one was given meanwhile, the transaction runs again."""
        writes: list[InsertOne[Document] | UpdateOne] = [
            UpdateOne({"_id": code, "claimed_by": None}, {"$set": {"claimed_by": member_id}})
            for code, member_id in sorted(members.items())
        ]
        if await self._codes.write_many(writes, session=session) != len(writes):
            raise ConcurrentChange

    async def add_many(
        self, codes: Sequence[str], offer_id: str, batch: str, now: datetime, session: Session
    ) -> None:
        await self._codes.insert_many(
            [
                {"_id": code, "offer_id": offer_id, "batch": batch, "created_at": now, "claimed_by": None}
                for code in codes
            ],
            session=session,
        )

    async def of_batch(self, batch: str) -> list[str]:
        found = await self._codes.find({"batch": batch}, sort=[("_id", 1)])
        return [each["_id"] for each in found]


def _counts(since: datetime) -> Document:
    """How many there are, and how many were issued since then."""
    return {"ever": {"$sum": 1}, "since": {"$sum": {"$cond": [{"$gte": ["$issued_at", since]}, 1, 0]}}}


def _unused(now: datetime) -> list[Document]:
    """What the document of a coupon says that nobody has used or holds."""
    return [
        {"state": CouponState.ISSUED.value},
        {"state": CouponState.HELD.value, "held_until": {"$lte": now}},
    ]


# What a coupon's document says while it counts as being in each state.
_STATES: dict[CouponState, Callable[[datetime], Document]] = {
    CouponState.ISSUED: lambda now: {
        "expires_at": {"$gt": now},
        "$or": _unused(now),
    },
    CouponState.EXPIRED: lambda now: {
        "expires_at": {"$lte": now},
        "$or": _unused(now),
    },
    CouponState.HELD: lambda now: {"state": CouponState.HELD.value, "held_until": {"$gt": now}},
    CouponState.REDEEMED: lambda now: {"state": CouponState.REDEEMED.value},
    CouponState.REVOKED: lambda now: {"state": CouponState.REVOKED.value},
}
