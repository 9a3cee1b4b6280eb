"""Check-ins in MongoDB, the accepted and the refused ones."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import BulkWriteError

from app.check_ins.model import CheckIn, GeoPosition
from app.coupons.facts import Visit
from app.shared.chains import page_of_chain
from app.shared.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.documents import (
    BOOLEAN,
    MOMENT,
    NUMBER,
    OBJECT,
    STRING,
    WHOLE_NUMBER,
    Schema,
    at_least,
    document,
    list_of,
    one_of,
)
from app.shared.geo import GeoPoint
from app.shared.ids import new_id
from app.shared.paging import Page, PageRequest
from app.shared.reading import Reading

REFUSALS_KEPT_FOR = timedelta(days=90)

_POSITION: Schema = document(
    location=document(type=one_of(["Point"]), coordinates=list_of(NUMBER)),
    accuracy_meters=NUMBER,
    measured_at=MOMENT,
    is_mock=BOOLEAN,
)

CHECK_INS = CollectionDefinition(
    "check_ins",
    validator=document(
        _id=STRING,
        member_id=STRING,
        seq=at_least(1),
        store_id=STRING,
        store_day=STRING,
        checked_in_at=MOMENT,
        position=_POSITION,
        distance_meters=NUMBER,
        points_awarded=at_least(0),
        point_balance=WHOLE_NUMBER,
    ),
    indexes=[
        # A member's check-ins are a chain, so each one is decided with all earlier ones in sight.
        IndexModel([("member_id", 1), ("seq", 1)], unique=True),
        IndexModel([("member_id", 1), ("store_id", 1), ("store_day", 1)], unique=True),
        IndexModel([("checked_in_at", 1), ("member_id", 1)]),
    ],
)

CHECK_IN_REFUSALS = CollectionDefinition(
    "check_in_refusals",
    validator=document(
        _id=STRING,
        member_id=STRING,
        store_id=STRING,
        code=STRING,
        numbers=OBJECT,
        position=OBJECT,
        refused_at=MOMENT,
    ),
    indexes=[
        IndexModel([("member_id", 1), ("refused_at", -1)]),
        IndexModel([("refused_at", 1)], expireAfterSeconds=int(REFUSALS_KEPT_FOR.total_seconds())),
    ],
)


class CheckInRepository:
    """Reads and writes check-ins."""

    def __init__(self, database: Database) -> None:
        self._check_ins = database.collection(CHECK_INS)
        self._refusals = database.collection(CHECK_IN_REFUSALS)

    async def get(self, check_in_id: str) -> CheckIn | None:
        found = await self._check_ins.find_one({"_id": check_in_id})
        return check_in_from(found) if found else None

    def reading_recent(self, member_id: str, limit: int) -> Reading[list[CheckIn]]:
        """The member's newest check-ins, the newest first."""
        return Reading(
            CHECK_INS,
            [{"$match": {"member_id": member_id}}, {"$sort": {"seq": DESCENDING}}, {"$limit": limit}],
            lambda found: [check_in_from(each) for each in found],
        )

    def reading_stores_visited(self, member_id: str, since: datetime) -> Reading[frozenset[str]]:
        """The stores where she has checked in since about then, by the stores' own days."""
        first_day = (since - timedelta(days=1)).date().isoformat()
        return Reading(
            CHECK_INS,
            [
                {"$match": {"member_id": member_id, "store_day": {"$gte": first_day}}},
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
        }
        found = await self._check_ins.aggregate(
            [{"$match": query}, {"$group": {"_id": "$member_id", "stores": {"$addToSet": "$store_id"}}}]
        )
        return {each["_id"]: frozenset(each["stores"]) for each in found}

    async def add_many(self, check_ins: Sequence[CheckIn], session: Session) -> None:
        """Adds the next check-ins of members; where another was first, the transaction runs again."""
        try:
            await self._check_ins.insert_many([document_of(each) for each in check_ins], session=session)
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None

    async def all_of(self, member_id: str, session: Session) -> list[CheckIn]:
        """All of the member's check-ins, the oldest first: for what weighs her whole story."""
        found = await self._check_ins.find(
            {"member_id": member_id}, sort=[("seq", ASCENDING)], session=session
        )
        return [check_in_from(each) for each in found]

    async def rewrite(self, check_ins: Sequence[CheckIn], session: Session) -> None:
        """Writes these check-ins anew, with their members and numbers as they are given."""
        await self._check_ins.delete_many({"_id": {"$in": [each.id for each in check_ins]}}, session=session)
        await self.add_many(check_ins, session)

    async def add_refusal(
        self,
        member_id: str,
        store_id: str,
        code: str,
        numbers: dict[str, Any],
        position: GeoPosition,
        refused_at: datetime,
        session: Session,
    ) -> None:
        await self._refusals.insert_one(
            {
                "_id": new_id(),
                "member_id": member_id,
                "store_id": store_id,
                "code": code,
                "numbers": numbers,
                "position": _evidence_of(position),
                "refused_at": refused_at,
            },
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
            lambda found: {each["_id"]: [_visit_from(visit) for visit in each["visits"]] for each in found},
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


def document_of(check_in: CheckIn) -> Document:
    position = check_in.position
    return {
        "_id": check_in.id,
        "member_id": check_in.member_id,
        "seq": check_in.seq,
        "store_id": check_in.store_id,
        "store_day": check_in.store_day.isoformat(),
        "checked_in_at": check_in.checked_in_at,
        "position": {
            "location": {"type": "Point", "coordinates": [position.point.longitude, position.point.latitude]},
            "accuracy_meters": position.accuracy_meters,
            "measured_at": position.measured_at,
            "is_mock": position.is_mock,
        },
        "distance_meters": check_in.distance_meters,
        "points_awarded": check_in.points_awarded,
        "point_balance": check_in.point_balance,
    }


def _visit_from(found: Document) -> Visit:
    longitude, latitude = found["coordinates"]
    return Visit(found["at"], GeoPoint(latitude, longitude))


def _evidence_of(position: GeoPosition) -> Document:
    """The position as the phone gave it, though it may be no place at all."""
    return {
        "latitude": position.point.latitude,
        "longitude": position.point.longitude,
        "accuracy_meters": position.accuracy_meters,
        "measured_at": position.measured_at,
        "is_mock": position.is_mock,
    }


def check_in_from(found: Document) -> CheckIn:
    position: dict[str, Any] = found["position"]
    longitude, latitude = position["location"]["coordinates"]
    return CheckIn(
        id=found["_id"],
        member_id=found["member_id"],
        seq=found["seq"],
        store_id=found["store_id"],
        store_day=date.fromisoformat(found["store_day"]),
        checked_in_at=found["checked_in_at"],
        position=GeoPosition(
            GeoPoint(latitude, longitude),
            position["accuracy_meters"],
            position["measured_at"],
            position["is_mock"],
        ),
        distance_meters=found["distance_meters"],
        points_awarded=found["points_awarded"],
        point_balance=found["point_balance"],
    )
