"""Whom marketing may be pushed to: those who allow it, only so often on a day, and about a place once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pymongo import IndexModel, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from app.consents.model import ConsentKind
from app.consents.service import ConsentService
from app.push.rules import end_of_quiet
from app.shared.geo import GeoPoint, distance_meters
from app.shared.mongodb.database import (
    CollectionDefinition,
    ConcurrentChange,
    Database,
    Document,
    Session,
    are_duplicates,
)
from app.shared.mongodb.documents import MOMENT, NUMBER, STRING, at_least, document, list_of
from app.shared.settings.push import QuietHours

KEPT_FOR = timedelta(days=3)

MARKETING_COUNTS = CollectionDefinition(
    "marketing_counts",
    validator=document(
        _id=STRING,
        count=at_least(1),
        places=list_of(document(latitude=NUMBER, longitude=NUMBER)),
        kept_until=MOMENT,
    ),
    indexes=[IndexModel([("kept_until", 1)], expireAfterSeconds=0)],
)


class MarketingGate:
    """Lets marketing through to members, each time for one message.

    What is about a place, for it is pushed to who is there, goes to a member once on a day for all that lies
    within `place_meters`: the shops of one street are one place to her. What a member had on a day is read
    and written in the transaction that adds her pushes: of two that count her at the same moment, one runs
    again.
    """

    def __init__(
        self,
        database: Database,
        consents: ConsentService,
        quiet: QuietHours,
        time_zone: ZoneInfo,
        pushes_per_day: int,
        place_meters: int,
    ) -> None:
        self._counts = database.collection(MARKETING_COUNTS)
        self._consents = consents
        self._quiet = quiet
        self._time_zone = time_zone
        self._pushes_per_day = pushes_per_day
        self._place_meters = place_meters

    async def admit(
        self, member_ids: Sequence[str], due_at: datetime, session: Session, place: GeoPoint | None = None
    ) -> list[str]:
        """Those of these members who allow it and may have one more on that day; counts it.

        They allow marketing by push and, for what is about a place, the use of their location.
        """
        willing = set(member_ids)
        for kind in consents_for(place):
            willing &= await self._consents.members_with(kind, sorted(willing)) if willing else set()
        shown_at = end_of_quiet(due_at, self._time_zone, self._quiet)
        day = shown_at.astimezone(self._time_zone).date().isoformat()
        keys = {f"{member_id}:{day}": member_id for member_id in sorted(willing)}
        found = await self._counts.find({"_id": {"$in": list(keys)}}, session=session)
        counted = {each["_id"]: each for each in found}
        admitted = [key for key in keys if self._has_room(counted.get(key), place)]
        kept_until = shown_at + KEPT_FOR
        try:
            await self._counts.write_many(
                [_count(key, counted.get(key), place, kept_until) for key in admitted], session=session
            )
        except BulkWriteError as error:
            raise (ConcurrentChange() if are_duplicates(error) else error) from None
        return [keys[key] for key in admitted]

    def _has_room(self, counted: Document | None, place: GeoPoint | None) -> bool:
        if (counted["count"] if counted else 0) >= self._pushes_per_day:
            return False
        if counted is None or place is None:
            return True
        told = (GeoPoint(each["latitude"], each["longitude"]) for each in counted["places"])
        return all(distance_meters(place, each) > self._place_meters for each in told)


def consents_for(place: GeoPoint | None) -> tuple[ConsentKind, ...]:
    """What a member must allow before marketing is pushed to her, about a place or about none."""
    by_push = (ConsentKind.MARKETING_PUSH,)
    return by_push if place is None else (*by_push, ConsentKind.LOCATION)


def _count(
    key: str, before: Document | None, place: GeoPoint | None, kept_until: datetime
) -> InsertOne[Document] | UpdateOne:
    places = [] if place is None else [{"latitude": place.latitude, "longitude": place.longitude}]
    if before is None:
        return InsertOne({"_id": key, "count": 1, "places": places, "kept_until": kept_until})
    after = {"count": before["count"] + 1, "places": [*before["places"], *places]}
    return UpdateOne({"_id": key, "count": before["count"]}, {"$set": after})
