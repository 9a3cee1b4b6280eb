"""Redemptions, and the counters that limits and budgets are held by, in MongoDB."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import IndexModel, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from app.coupons.documents import REDEMPTION_SCHEMA, redemption_document, redemption_from
from app.coupons.model import Redemption, RedemptionState
from app.shared.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.documents import IS_MOMENT, STRING, at_least, document

REDEMPTIONS = CollectionDefinition(
    "coupon_redemptions",
    validator=REDEMPTION_SCHEMA,
    indexes=[
        # A coupon has one living use.
        IndexModel([("coupon_id", 1)], unique=True, partialFilterExpression={"is_live": True}),
        IndexModel([("coupon_id", 1), ("_id", -1)]),
        IndexModel([("member_id", 1), ("offer_id", 1)]),
        IndexModel([("owner", 1)]),
        IndexModel([("offer_id", 1), ("due_at", 1)], partialFilterExpression={"due_at": IS_MOMENT}),
        IndexModel([("due_at", 1)], partialFilterExpression={"due_at": IS_MOMENT}),
    ],
)
OFFER_COUNTERS = CollectionDefinition(
    "offer_counters", validator=document(_id=STRING, count=at_least(0), yen=at_least(0), writes=at_least(1))
)


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened, and how much it took off in all, in yen."""

    count: int = 0
    yen: int = 0


class RedemptionRepository:
    """Reads and writes redemptions."""

    def __init__(self, database: Database) -> None:
        self._redemptions = database.collection(REDEMPTIONS)

    async def get(self, redemption_id: str, session: Session = None) -> Redemption | None:
        found = await self._redemptions.find_one({"_id": redemption_id}, session=session)
        return redemption_from(found) if found else None

    async def of_owner(self, owner: str, session: Session) -> list[Redemption]:
        """The living uses of one owner."""
        found = await self._redemptions.find({"owner": owner, "is_live": True}, session=session)
        return [redemption_from(each) for each in found]

    async def get_many(self, redemption_ids: Sequence[str], session: Session) -> dict[str, Redemption]:
        found = await self._redemptions.find({"_id": {"$in": sorted(redemption_ids)}}, session=session)
        return {each["_id"]: redemption_from(each) for each in found}

    async def living(self, coupon_ids: Iterable[str], session: Session) -> dict[str, Redemption]:
        """The use of each of these coupons, by the coupon's id."""
        query = {"coupon_id": {"$in": sorted(coupon_ids)}, "is_live": True}
        found = await self._redemptions.find(query, session=session)
        return {each["coupon_id"]: redemption_from(each) for each in found}

    async def write(
        self,
        changed: Sequence[tuple[Redemption, Redemption]],
        added: Sequence[Redemption],
        session: Session,
    ) -> None:
        """Writes what changed and then what is new; where a redemption is not as it was, all runs again."""
        writes: list[InsertOne[Document] | UpdateOne] = []
        for before, after in sorted(changed, key=lambda pair: pair[0].id):
            fields = redemption_document(after)
            del fields["_id"]
            query = {"_id": before.id, "state": before.state.value, "due_at": before.due_at}
            writes.append(UpdateOne(query, {"$set": fields}))
        writes += [InsertOne(redemption_document(each)) for each in added]
        try:
            written = await self._redemptions.write_many(writes, session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None
        if written != len(writes):
            raise ConcurrentChange

    async def due(
        self, now: datetime, limit: int, session: Session, offer_id: str | None = None
    ) -> list[Redemption]:
        """Redemptions that have something to give back, the longest due first."""
        query: Document = {"due_at": {"$lte": now, **IS_MOMENT}}
        if offer_id is not None:
            query["offer_id"] = offer_id
        found = await self._redemptions.find(query, sort=[("due_at", 1)], limit=limit, session=session)
        return [redemption_from(each) for each in found]

    async def used_offers(self, member_ids: Sequence[str]) -> dict[str, set[str]]:
        """The offers of which each of these members has used a coupon."""
        found = await self._redemptions.aggregate(
            [
                {
                    "$match": {
                        "member_id": {"$in": sorted(member_ids)},
                        "state": RedemptionState.REDEEMED.value,
                    }
                },
                {"$group": {"_id": "$member_id", "offers": {"$addToSet": "$offer_id"}}},
            ]
        )
        return {each["_id"]: set(each["offers"]) for each in found}

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> None:
        """Makes a guest's redemptions the member's."""
        for each in await self._redemptions.find({"member_id": guest_id}, session=session):
            await self._redemptions.find_one_and_update(
                {"_id": each["_id"]}, {"$set": {"member_id": member_id}}, session=session
            )


class CounterRepository:
    """Reads and writes the counters of offers."""

    def __init__(self, database: Database) -> None:
        self._counters = database.collection(OFFER_COUNTERS)

    async def get_many(self, keys: Iterable[str], session: Session = None) -> dict[str, Count]:
        found = await self._counters.find({"_id": {"$in": sorted(keys)}}, session=session)
        return {each["_id"]: Count(each["count"], each["yen"]) for each in found}

    async def add(self, counts: Counter[str], yen: Counter[str], session: Session) -> None:
        """Adds to the counters, in the order of their keys, or takes from them."""
        writes: list[InsertOne[Document] | UpdateOne] = [
            UpdateOne(
                {"_id": key}, {"$inc": {"count": counts[key], "yen": yen[key], "writes": 1}}, upsert=True
            )
            for key in sorted(counts.keys() | yen.keys())
            if counts[key] or yen[key]
        ]
        await self._write(writes, session)

    async def touch(self, keys: Iterable[str], session: Session) -> None:
        """Writes counters as they are, so that who decides by them at the same time decides again."""
        await self._write(
            [
                UpdateOne({"_id": key}, {"$inc": {"count": 0, "yen": 0, "writes": 1}}, upsert=True)
                for key in sorted(keys)
            ],
            session,
        )

    async def _write(self, writes: list[InsertOne[Document] | UpdateOne], session: Session) -> None:
        try:
            await self._counters.write_many(writes, session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None
