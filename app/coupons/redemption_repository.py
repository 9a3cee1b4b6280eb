"""Redemptions in MongoDB."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pymongo import IndexModel, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from app.coupons.documents import REDEMPTION_SCHEMA, redemption_document, redemption_from
from app.coupons.model import Redemption, RedemptionState
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import IS_MOMENT, changed_fields
from app.shared.mongodb.reading import Reading

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

    def reading_living(self, coupon_ids: Iterable[str]) -> Reading[dict[str, Redemption]]:
        """The use of each of these coupons, by the coupon's id."""
        return Reading(
            REDEMPTIONS,
            [{"$match": {"coupon_id": {"$in": sorted(coupon_ids)}, "is_live": True}}],
            lambda found: {each["coupon_id"]: redemption_from(each) for each in found},
        )

    async def write(
        self,
        changed: Sequence[tuple[Redemption, Redemption]],
        added: Sequence[Redemption],
        session: Session,
    ) -> None:
        """Writes what changed and then what is new; where a redemption is not as it was, all runs again."""
        writes: list[InsertOne[Document] | UpdateOne] = []
        for before, after in sorted(changed, key=lambda pair: pair[0].id):
            fields = changed_fields(redemption_document(before), redemption_document(after))
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

    def reading_used_offers(self, member_ids: Sequence[str]) -> Reading[dict[str, frozenset[str]]]:
        """The offers of which each of these members has used a coupon."""
        redeemed = {"member_id": {"$in": sorted(member_ids)}, "state": RedemptionState.REDEEMED.value}
        return Reading(
            REDEMPTIONS,
            [
                {"$match": redeemed},
                {"$group": {"_id": "$member_id", "offers": {"$addToSet": "$offer_id"}}},
            ],
            lambda found: {each["_id"]: frozenset(each["offers"]) for each in found},
        )

    async def take_over(self, guest_id: str, member_id: str, session: Session) -> None:
        """Makes a guest's redemptions the member's."""
        for each in await self._redemptions.find({"member_id": guest_id}, session=session):
            await self._redemptions.find_one_and_update(
                {"_id": each["_id"]}, {"$set": {"member_id": member_id}}, session=session
            )
